from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.carried import (
    Piece,
    Resident,
    carry,
    countable,
    counted,
    followed,
    in_turn,
    pieces_to_count,
    with_counters,
)
from mmexplorer.model.differing import differing
from mmexplorer.model.region import Range, Region
from tests.support.fakes.spaces import anonymous, mapped, region, usage

A = anonymous
P = 4096


def test_a_heap_that_grew_keeps_what_is_known_of_it() -> None:
    heap, grown = A(0x1000, 0x5000), A(0x1000, 0x9000)
    known = carry([heap], [grown], lambda _: usage(Size=0x4000, KernelPageSize=P, Rss=0x3000))[grown.range]
    assert dict(known) == {"Size": 0x8000, "KernelPageSize": P, "Rss": 0x3000}


def test_merged_regions_add_up_and_a_plain_number_does_not() -> None:
    usages = {0x1000: usage(KernelPageSize=P, Rss=P), 0x2000: usage(KernelPageSize=P, Rss=2 * P)}
    merged = A(0x1000, 0x4000)
    found = carry([A(0x1000, 0x2000), A(0x2000, 0x4000)], [merged], lambda of: usages[of.start])
    assert dict(found[merged.range]) == {"KernelPageSize": P, "Rss": 3 * P}


def test_another_thing_at_the_same_addresses_takes_nothing_over() -> None:
    assert carry([A(0x1000, 0x2000)], [mapped(0x1000, 0x2000)], lambda _: usage(Rss=P)) == {}


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(0, 1 << 20))
def test_pieces_of_a_split_region_add_up_to_it(sizes: list[int], pages: int) -> None:
    edges = [sum(sizes[:place]) * P for place in range(len(sizes) + 1)]
    pieces = [A(start, end) for start, end in pairwise(edges)]
    found = carry([A(0, edges[-1])], pieces, lambda _: usage(Rss=pages * P))
    assert sum(each.get("Rss") or 0 for each in found.values()) == pages * P
    assert all((each.get("Rss") or 0) >= 0 for each in found.values())


def test_what_is_equal_at_both_ends_is_left_out() -> None:
    a, b, c, d = (A(place << 12, (place + 1) << 12) for place in range(4))
    assert differing([a, b, d], [a, c, d]) == ((b,), (c,))
    assert differing([a], [a, b]) == ((), (b,))
    assert differing([a, b], [b]) == ((a,), ())
    assert differing([], [a]) == ((), (a,))
    assert differing([a], [a]) == ((), ())


@pytest.mark.parametrize(
    ("row", "yes"),
    [
        ("rw-p 00000000 00:00 0 ", True),
        ("rw-p 00000000 00:00 0                          [heap]", True),
        ("rw-s 00000000 00:01 1024                       /dev/zero (deleted)", True),
        ("rw-p 00000000 00:0f 7                          /anon_hugepage (deleted)", False),
        ("rw-s 00000000 00:05 9                          /dev/dri/card0", False),
        ("rw-s 00000000 00:0f 7                          /memfd:huge (deleted)", False),
        ("rw-s 00000000 00:01 7                          /i915 (deleted)", False),
        ("rw-s 00000000 00:12 7                          /sys/bus/pci/resource0", False),
        ("r-xp 00000000 fe:00 7                          /usr/lib/libc.so.6", True),
        ("r--p 00000000 00:00 0                          [vvar]", False),
    ],
)
def test_only_what_rss_is_made_of_is_counted(row: str, yes: bool) -> None:  # noqa: FBT001 - a row of the table
    assert countable(region(f"7f0000000000-7f0000001000 {row}")) is yes


def test_a_region_too_large_to_count_again_is_counted_where_it_grew() -> None:
    small, large = A(0x1000, 0x3000), A(0x100000, 0x900000)
    pieces = tuple(pieces_to_count([large, small], {large: Range(0x100000, 0x8FF000)}.get, 0x4000))
    assert pieces == (Piece(large, Range(0x8FF000, 0x900000)), Piece(small, small.range))
    assert counted(pieces[1], Resident(P, 0, P), usage(Rss=9 * P, Pss=7)).get("Rss") == P
    assert dict(counted(pieces[0], Resident(P, P, 0), usage(Rss=9 * P, Pss=7))) == {
        "Rss": 10 * P,
        "Pss": 7,
        "Swap": P,
        "Anonymous": 0,
    }
    assert tuple(pieces_to_count([large], dict[Region, Range]().get, 0x4000)) == ()


def test_in_turn_each_region_is_counted_whole_the_smallest_first() -> None:
    small, large, enormous = A(0x1000, 0x3000), A(1 << 31, (1 << 31) + 5 * P), A(1 << 40, 1 << 46)
    pieces = in_turn([small, large, enormous, region("5000-6000 r-xp 00000000 00:00 0 [vdso]")], 2 * P)
    assert [piece.range for piece in pieces if piece.region is large] == [
        Range(large.start + place * P, large.start + min(place + 2, 5) * P) for place in (0, 2, 4)
    ]
    assert len({piece.region for piece in pieces}) == 3
    of_enormous = [piece.range for piece in pieces if piece.region is enormous]
    assert len(of_enormous) <= 65
    assert all(one.end == next_one.start for one, next_one in pairwise(of_enormous))
    assert (of_enormous[0].start, of_enormous[-1].end) == enormous.range
    assert pieces[0].region is small


def test_a_large_region_that_grows_all_the_time_is_counted_on_where_it_was_left() -> None:
    heap, grown, library = A(0x1000, 0x1000 + 5 * P), A(0x1000, 0x1000 + 7 * P), A(1 << 40, (1 << 40) + P)
    turn = in_turn([heap, library], 2 * P)[2:]
    left = followed(turn, differing([heap, library], [grown, library]))
    assert [piece.range for piece in left] == [Range(0x1000 + 2 * P, 0x1000 + 4 * P), Range(0x1000 + 4 * P, grown.end)]
    assert {piece.region for piece in left} == {grown}
    assert [(piece.first, piece.last) for piece in left] == [(False, False), (False, True)]
    below = A(0, heap.end)
    down = followed(turn, differing([heap, library], [below, library]))
    assert [piece.range for piece in down] == [Range(0, heap.start), *(piece.range for piece in turn)]
    assert not any(piece.first for piece in down)
    whole = followed(in_turn([heap], 2 * P), differing([heap], [below]))
    assert [(piece.first, piece.last) for piece in whole] == [(True, False), *[(False, False)] * 2, (False, True)]
    assert followed(turn, differing([heap, library], [library])) == ()
    assert followed(turn, differing([heap, library], [A(0x2000, heap.end), library])) == ()
    other = A(heap.end, heap.end + P)
    assert followed(turn, differing([heap, other], [A(heap.start, other.end)])) == ()
    assert followed(turn, differing([heap], [heap])) == turn


def test_of_a_large_region_of_which_something_is_known_only_what_it_gained_is_counted() -> None:
    large = A(1 << 30, 3 << 30)
    before = Range(1 << 30, (3 << 30) - P)
    assert tuple(pieces_to_count([large], {large: before}.get, 8 << 30)) == (
        Piece(large, Range(before.end, large.end)),
    )
    assert tuple(pieces_to_count([large], dict[Region, Range]().get, 8 << 30)) == (Piece(large, large.range),)


def test_equal_counts_of_many_regions_are_one_object_and_the_names_of_counters_too() -> None:
    assert with_counters(None, {"Rss": 0, "Swap": 4096}) is with_counters(None, {"Rss": 0, "Swap": 4096})
    read = usage(("rd",), Rss=4096, Pss=2048)
    newer = with_counters(read, {"Rss": 0})
    assert (dict(newer), newer.vm_flags, newer.fields is read.fields) == ({"Rss": 0, "Pss": 2048}, ("rd",), True)
    assert dict(with_counters(read, {"Swap": 4096})) == {"Rss": 4096, "Pss": 2048, "Swap": 4096}
