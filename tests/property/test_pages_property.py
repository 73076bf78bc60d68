"""Properties of page runs, compared with the same done page by page."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.memory.pages import PageState, Run, filled, joined, overlaid
from mmexplorer.model.region import Range
from mmexplorer.parse.process.pagemap import parse_pagemap, parse_scanned

STATES = st.sampled_from(list(PageState))


def runs_of(states: list[PageState]) -> list[Run]:
    return [Run(index, index + 1, state) for index, state in enumerate(states)]


def spread(runs: tuple[Run, ...]) -> list[PageState]:
    return [run.state for run in runs for _ in range(run.start, run.end)]


@given(st.lists(STATES, max_size=60))
def test_joining_changes_no_page_and_leaves_no_equal_neighbours(states: list[PageState]) -> None:
    runs = joined(runs_of(states))
    assert spread(runs) == states
    assert all(left.state is not right.state and left.end == right.start for left, right in pairwise(runs))


@given(st.lists(st.tuples(STATES, st.none() | STATES), max_size=60), st.booleans())
def test_overlaying_is_page_by_page(pages: list[tuple[PageState, PageState | None]], coarse: bool) -> None:  # noqa: FBT001
    base = runs_of([below for below, _ in pages])
    over = [Run(index, index + 1, top) for index, (_, top) in enumerate(pages) if top is not None]
    result = overlaid(joined(base) if coarse else base, joined(over) if coarse else over)
    assert spread(result) == [top or below for below, top in pages]


@given(st.lists(st.none() | STATES, max_size=60))
def test_what_is_not_given_is_not_present(pages: list[PageState | None]) -> None:
    given_runs = [Run(index, index + 1, state) for index, state in enumerate(pages) if state is not None]
    result = filled(Range(0, len(pages)), given_runs)
    assert spread(result) == [state or PageState.ABSENT for state in pages]
    assert all(left.state is not right.state and left.end == right.start for left, right in pairwise(result))


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_give_runs_that_cover_every_whole_entry(data: bytes, private_file: bool) -> None:  # noqa: FBT001
    runs = list(parse_pagemap(data, 0x1000, 0x1000, private_file=private_file))
    assert sum(run.end - run.start for run in runs) == len(data) // 8 * 0x1000
    assert len(parse_scanned(data)) == len(data) // 24
