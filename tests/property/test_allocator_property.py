"""The allocation simulator under any requests: nothing is lost, nothing overlaps, and the result is reproducible."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.labs.simulated.allocator import Memory, Rule
from mmexplorer.labs.simulated.simulator import Done, Request, drawn, parse_requests, run, typed, written

sizes = st.integers(1, 80)
rules = st.sampled_from(Rule)
asked = st.builds(Request, st.integers(1, 40), st.just(0))
given_back = st.builds(Request, st.just(0), st.integers(0, 30))
requests = st.lists(st.one_of(asked, asked, given_back), max_size=60).map(tuple)


def whole(memory: Memory) -> bool:
    """Return whether pieces and holes together make up all memory, each unit once."""
    parts = sorted([(p.start, p.size) for p in memory.pieces] + [(h.start, h.size) for h in memory.holes])
    ends = [0, *(start + size for start, size in parts)]
    return [start for start, _ in parts] == ends[:-1] and ends[-1] == memory.size


@given(sizes, requests, rules)
def test_units_are_conserved_and_never_given_twice(size: int, row: tuple[Request, ...], rule: Rule) -> None:
    for done in run(size, row, rule):
        memory = done.memory
        assert whole(memory)
        assert memory.free + sum(piece.size for piece in memory.pieces) == size
        assert all(lower.start + lower.size <= upper.start for lower, upper in pairwise(memory.pieces))


@given(sizes, requests, rules)
def test_who_asks_gets_just_as_much_and_in_one_row_without_paging(
    size: int, row: tuple[Request, ...], rule: Rule
) -> None:
    for done in run(size, row, rule):
        if done.request.size and not done.failed:
            assert sum(piece.size for piece in done.pieces) == done.request.size
            assert rule is Rule.PAGED or len(done.pieces) == 1


@given(sizes, requests, rules)
def test_a_request_fails_only_where_it_must(size: int, row: tuple[Request, ...], rule: Rule) -> None:
    for done in run(size, row, rule):
        if done.failed:
            had = done.memory.free if rule is Rule.PAGED else done.memory.largest
            assert done.request.size > had


@given(sizes, requests)
def test_the_rules_choose_as_they_are_called(size: int, row: tuple[Request, ...]) -> None:
    for rule in (Rule.FIRST, Rule.BEST, Rule.WORST):
        before = Memory(size)
        for done in run(size, row, rule):
            if done.request.size and done.pieces:
                fitting = [hole for hole in before.holes if hole.size >= done.request.size]
                taken = next(hole for hole in fitting if hole.start == done.pieces[0].start)
                ranked = {Rule.FIRST: taken.start, Rule.BEST: taken.size, Rule.WORST: -taken.size}
                best = {
                    Rule.FIRST: min(hole.start for hole in fitting),
                    Rule.BEST: min(hole.size for hole in fitting),
                    Rule.WORST: -max(hole.size for hole in fitting),
                }
                assert ranked[rule] == best[rule]
            before = done.memory


@given(sizes, requests, rules)
def test_the_same_requests_give_the_same_course(size: int, row: tuple[Request, ...], rule: Rule) -> None:
    assert run(size, row, rule) == run(size, parse_requests(written(row)), rule)


@given(st.integers(-(1 << 70), 1 << 70), st.integers(10, 300), st.integers(1, 8))
def test_drawn_requests_are_the_same_for_a_seed_and_fit_into_nine_tenths(seed: int, size: int, part: int) -> None:
    row = drawn(seed, size, 100, size // part)
    assert row == drawn(seed, size, 100, size // part)
    assert len(row) == 100
    living: dict[int, int] = {}
    number = 0
    for request in row:
        if request.size:
            living[number] = request.size
            number += 1
        else:
            del living[request.gives_back]
        assert len(living) == 1 or sum(living.values()) <= size * 9 // 10
    assert not any(done.failed for done in run(size, row, Rule.PAGED))


@given(st.integers(-(10**20) + 1, 10**20 - 1))
def test_any_digits_are_requests(digits: int) -> None:
    row = typed(digits)
    assert sum(request.size > 0 for request in row) == sum(digit not in "-0" for digit in str(digits))
    assert all(isinstance(done, Done) for done in run(16, row, Rule.FIRST))
