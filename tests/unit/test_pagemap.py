"""pagemap entries and runs of pages."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.memory.pages import PageState, PageStates, Run, covering, joined, overlaid
from mmexplorer.model.region import Range
from mmexplorer.parse.page_presence import count_present
from mmexplorer.parse.process.pagemap import Scanned, parse_pagemap, parse_scanned

PAGE = 4096
PRESENT, SWAPPED, FILE, GUARD, EXCLUSIVE, SOFT_DIRTY = 1 << 63, 1 << 62, 1 << 61, 1 << 58, 1 << 56, 1 << 55


def states(*entries: int, private_file: bool = False) -> list[tuple[PageState, int]]:
    data = struct.pack(f"={len(entries)}Q", *entries)
    runs = parse_pagemap(data, 0x1000, PAGE, private_file=private_file)
    return [(run.state, (run.end - run.start) // PAGE) for run in joined(runs)]


@pytest.mark.parametrize(
    ("entry", "private_file", "state"),
    [
        (0, False, PageState.ABSENT),
        (SOFT_DIRTY, False, PageState.ABSENT),
        (PRESENT | EXCLUSIVE | 0x1234, False, PageState.ANONYMOUS),
        (PRESENT | EXCLUSIVE | FILE, True, PageState.FILE),
        (PRESENT, False, PageState.ANONYMOUS_SHARED),
        (PRESENT | FILE, True, PageState.FILE_SHARED),
        (PRESENT | EXCLUSIVE, True, PageState.COPIED),
        (PRESENT, True, PageState.COPIED_SHARED),
        (SWAPPED | 5, False, PageState.SWAPPED),
        (SWAPPED | GUARD | 31, False, PageState.GUARD),
    ],
)
def test_one_entry(entry: int, private_file: bool, state: PageState) -> None:  # noqa: FBT001 - a table of cases
    assert states(entry, private_file=private_file) == [(state, 1)]


def test_neighbours_of_one_state_are_one_run_whatever_their_frame() -> None:
    entries = (PRESENT | EXCLUSIVE | 1, PRESENT | EXCLUSIVE | SOFT_DIRTY | 9, 0, 0, PRESENT | EXCLUSIVE)
    assert states(*entries) == [(PageState.ANONYMOUS, 2), (PageState.ABSENT, 2), (PageState.ANONYMOUS, 1)]


def test_a_broken_last_entry_is_left_out() -> None:
    runs = parse_pagemap(struct.pack("=Q", PRESENT) + b"\xff\xff", 0, PAGE, private_file=False)
    assert list(runs) == [Run(0, PAGE, PageState.ANONYMOUS_SHARED)]
    assert parse_scanned(struct.pack("=4Q", 1, 2, 3, 4)) == (Scanned(1, 2, 3),)


def test_counts_and_what_is_in_memory() -> None:
    runs = (
        Run(0, 2 * PAGE, PageState.ZERO),
        Run(2 * PAGE, 3 * PAGE, PageState.GUARD),
        Run(3 * PAGE, 4 * PAGE, PageState.COPIED),
    )
    pages = PageStates(Range(0, 4 * PAGE), PAGE, runs)
    assert dict(pages.counts()) == {PageState.ZERO: 2, PageState.GUARD: 1, PageState.COPIED: 1}
    assert pages.in_memory == 3


def test_what_lies_over_hides_what_is_below() -> None:
    base = [Run(0, 4, PageState.ANONYMOUS_SHARED), Run(4, 9, PageState.ABSENT)]
    over = [Run(1, 2, PageState.ZERO), Run(3, 5, PageState.ZERO), Run(9, 12, PageState.ZERO)]
    assert overlaid(base, over) == (
        Run(0, 1, PageState.ANONYMOUS_SHARED),
        Run(1, 2, PageState.ZERO),
        Run(2, 3, PageState.ANONYMOUS_SHARED),
        Run(3, 5, PageState.ZERO),
        Run(5, 9, PageState.ABSENT),
    )


@pytest.mark.parametrize(
    ("entries", "present"),
    [
        ((), 0),
        ((PRESENT | FILE, PRESENT | EXCLUSIVE | 0x1234, 0, PRESENT), 2),
        ((PRESENT, SWAPPED | GUARD), 1),
        ((SWAPPED,), 0),
        ((PRESENT, PRESENT), 2),
    ],
)
def test_pages_in_memory_are_counted_up_to_the_first_that_is_not(entries: tuple[int, ...], present: int) -> None:
    data = struct.pack(f"={len(entries)}Q", *entries)
    assert count_present(data + b"\xff" * 5) == present


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), max_size=8),
    st.integers(1, 20),
)
def test_few_pieces_cover_all_ranges_and_none_is_too_large(gaps: list[tuple[int, int]], most: int) -> None:
    ranges: list[Range] = []
    for gap, size in gaps:
        start = (ranges[-1].end if ranges else 0) + gap
        ranges.append(Range(start, start + size))
    pieces = list(covering(ranges, most))
    assert all(piece.size <= most for piece in pieces)
    assert all(one.end <= other.start for one, other in pairwise(pieces))
    covered = {at for piece in pieces for at in range(piece.start, piece.end)}
    asked = {at for each in ranges for at in range(each.start, each.end)}
    assert asked <= covered
    assert all({piece.start, piece.end - 1} <= asked for piece in pieces)
    assert all(other.start - one.start >= most for one, other in pairwise(pieces))
