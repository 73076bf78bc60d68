"""The allocation simulator: each rule by hand, requests as text and digits, and the figures for the lab."""

import pytest

from mmexplorer.labs.operations import simulate
from mmexplorer.labs.simulated.allocator import Hole, Memory, Piece, Rule, allocate, release
from mmexplorer.labs.simulated.simulator import (
    MemorySimulator,
    Request,
    drawn,
    letter,
    parse_requests,
    picture,
    run,
    typed,
    written,
)

# Holes of 4, 2 and 5 units: |....X..Y.....|
HOLES = Memory(13, (Piece(4, 1, 0), Piece(7, 1, 1)))


def test_the_holes_lie_between_the_pieces_and_at_both_ends() -> None:
    assert HOLES.holes == (Hole(0, 4), Hole(5, 2), Hole(8, 5))
    assert (HOLES.free, HOLES.largest) == (11, 5)
    assert Memory(3).holes == (Hole(0, 3),)
    assert Memory(0).holes == ()
    assert Memory(1, (Piece(0, 1, 0),)).largest == 0


@pytest.mark.parametrize(
    ("rule", "size", "start"),
    [
        (Rule.FIRST, 2, 0), (Rule.BEST, 2, 5), (Rule.WORST, 2, 8), (Rule.FIRST, 5, 8), (Rule.BEST, 3, 0),
        (Rule.PAGED, 2, 0),
    ],
)  # fmt: skip
def test_a_rule_chooses_its_hole(rule: Rule, size: int, start: int) -> None:
    after = allocate(HOLES, size, 2, rule)
    assert after is not None
    assert after.of(2) == (Piece(start, size, 2),)


def test_of_two_holes_as_good_the_lower_one_is_taken() -> None:
    even = Memory(5, (Piece(2, 1, 0),))
    for rule in (Rule.BEST, Rule.WORST):
        assert allocate(even, 2, 1, rule) == Memory(5, (Piece(0, 2, 1), Piece(2, 1, 0)))


def test_pages_are_taken_wherever_they_are() -> None:
    assert all(allocate(HOLES, 6, 2, rule) is None for rule in (Rule.FIRST, Rule.BEST, Rule.WORST))
    after = allocate(HOLES, 7, 2, Rule.PAGED)
    assert after is not None
    assert after.of(2) == (Piece(0, 4, 2), Piece(5, 2, 2), Piece(8, 1, 2))
    assert allocate(HOLES, 12, 2, Rule.PAGED) is None
    assert release(after, 2) == HOLES


def test_requests_are_read_and_written() -> None:
    assert parse_requests("+3 +12 -0") == (Request(3), Request(12), Request(0, 0))
    assert written(parse_requests("+3 +12 -0")) == "+3 +12 -0"


@pytest.mark.parametrize(
    ("digits", "requests"),
    [(0, ""), (5, "+5"), (-12, "+1 +2"), (1203, "+1 +2 -1 +3"), (11110020, "+1 +1 +1 +1 -1 -3 -2 +2 -4")],
)
def test_digits_are_requests_and_a_nought_gives_back_every_second_one(digits: int, requests: str) -> None:
    assert written(typed(digits)) == requests


def test_a_request_that_fails_is_told_and_the_next_one_follows() -> None:
    course = run(4, parse_requests("+3 +2 +1"), Rule.FIRST)
    assert [done.failed for done in course] == [False, True, False]
    assert picture(course[-1].memory) == "|AAAC|"


def test_giving_back_what_failed_or_what_was_given_back_changes_nothing() -> None:
    course = run(4, parse_requests("+5 -0 +2 -1 -1"), Rule.BEST)
    assert course[-1].memory == Memory(4)
    assert [done.failed for done in course] == [True, False, False, False, False]


def test_the_picture_of_a_large_memory_has_32_cells() -> None:
    assert picture(Memory(256, (Piece(128, 128, 27),))) == f"|{'.' * 16}{'b' * 16}|"
    assert [letter(owner) for owner in (0, 25, 26, 51, 52)] == ["A", "Z", "a", "z", "A"]


def test_the_reply_has_the_calls_the_figures_and_the_picture_of_the_first_failure() -> None:
    reply = MemorySimulator().ask(simulate(4, "+1 +2 +1 -0 -2 +2", "first"))
    assert reply.ok
    assert reply.output == "first |.BB.|\n"
    assert reply.call.splitlines()[-2:] == ["free(C)   /* first fit */", "D = alloc(2): NULL   /* first fit */"]
    assert reply.figures == {
        "units": 4, "first_failures": 1, "first_failed": 2, "first_free": 2, "first_largest": 1, "first_pieces": 0,
        "first_wasted": 1,
    }  # fmt: skip
    paged = MemorySimulator().ask(simulate(4, "+1 +2 +1 -0 -2 +2", "paged"))
    assert paged.call.splitlines()[-1] == "D = alloc(2): units 0, 3   /* paged */"
    assert (paged.figures["paged_failures"], paged.figures["paged_pieces"]) == (0, 2)


def test_no_requests_are_no_failure() -> None:
    assert MemorySimulator().ask(simulate(16, "", "best")).figures["best_free"] == 16


def test_many_requests_are_counted_instead_of_told() -> None:
    reply = MemorySimulator().ask(simulate(256, written(drawn(1, 256, 500, 32)), "worst"))
    assert reply.call == "/* worst fit: 500 requests, 30 of 257 allocations failed */"
