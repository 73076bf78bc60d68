"""The pages of a range as a grid of signs, each row after the address of its first page."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from mmexplorer.model.memory.pages import PageState, PageStates, Run
from mmexplorer.model.region import Range
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.format import address, size
from mmexplorer.present.text.line import EMPTY, Line, Span, Tone, line, span
from mmexplorer.present.text.wrap import flowed


class Look(NamedTuple):
    """How a cell is drawn."""

    sign: str
    tone: Tone


_LOOKS = {
    PageState.ABSENT: Look("░", Tone.DIM),
    PageState.ANONYMOUS: Look("█", Tone.ADDED),
    PageState.ANONYMOUS_SHARED: Look("▓", Tone.SHARED),
    PageState.FILE: Look("f", Tone.FILE),
    PageState.FILE_SHARED: Look("F", Tone.SHARED),
    PageState.COPIED: Look("c", Tone.CHANGED),
    PageState.COPIED_SHARED: Look("C", Tone.SHARED),
    PageState.HUGE: Look("h", Tone.ADDED),
    PageState.HUGE_SHARED: Look("H", Tone.SHARED),
    PageState.ZERO: Look("z", Tone.FILE),
    PageState.SWAPPED: Look("s", Tone.STACK),
    PageState.GUARD: Look("\N{BOX DRAWINGS LIGHT DIAGONAL CROSS}", Tone.GUARD),
    PageState.NO_REGION: Look("·", Tone.DIM),
    PageState.NOT_READ: Look("?", Tone.WARN),
}
"""Every sign is one cell wide and unique to a state, so that a grid can be read without colours."""

MIXED = Look("▄", Tone.WARN)
LABEL = 13
"""Cells of an address and a blank."""
_ROOM_FOR_ADDRESSES = 32
_ACROSS = 8
"""A row has a multiple of this many cells, so that the addresses at its left are round."""


class Grid(NamedTuple):
    """The layout of pages in a grid."""

    across: int
    """Cells per row."""
    pages: int
    """Pages per cell, a power of two."""
    rows: int


def lay_out(states: PageStates, width: int, rows: int) -> Grid:
    """Return the finest grid of at most `rows` rows whose lines fit `width` cells."""
    count = max(1, states.range.size // states.page_size)
    across = cells_across(width)
    pages = 1
    while -(-count // pages) > across * max(1, rows):
        pages *= 2
    return Grid(across, pages, -(-count // (pages * across)))


def cells_across(width: int) -> int:
    """Return the number of cells in a row of `width`, beside its address."""
    room = max(1, width - LABEL if width >= _ROOM_FOR_ADDRESSES else width)
    return room // _ACROSS * _ACROSS or room


def grid_lines(states: PageStates, width: int, rows: int, changed: Sequence[Range] = ()) -> tuple[Line, ...]:
    """Return lines of at most `width` cells: the scale, the rows of the grid, the signs with their counts.

    A cell whose pages differ shows a sign of its own; one with a page in `changed` is highlighted.
    """
    grid = lay_out(states, width, rows)
    lit = cells_of(states, grid, changed)
    looks = enumerate(page_cells(states, grid))
    cells = [Look(look.sign, Tone.CHANGED) if place in lit else look for place, look in looks]
    drawn = [cells[first : first + grid.across] for first in range(0, len(cells), grid.across)]
    step = grid.across * grid.pages * states.page_size
    labelled = width >= _ROOM_FOR_ADDRESSES
    body = tuple(
        (
            *((span(f"{address(states.range.start + step * place)} ", Tone.DIM),) if labelled else EMPTY),
            *_row(row),
        )
        for place, row in enumerate(drawn)
    )
    return (
        scale_line(states, grid),
        *body,
        *flowed(legend_items(states, mixed=any(cell.sign == MIXED.sign for cell in cells)), width, between="   "),
    )


def page_cells(states: PageStates, grid: Grid) -> Iterator[Look]:
    """Yield the look of each cell, in one pass over the runs."""
    length = grid.pages * states.page_size
    runs = states.runs
    first = 0
    for start in range(states.range.start, states.range.end, length):
        end = min(start + length, states.range.end)
        while first < len(runs) and runs[first].end <= start:
            first += 1
        found = {run.state for run in _until(runs, first, end)}
        yield _LOOKS[found.pop()] if len(found) == 1 else MIXED


def cells_of(states: PageStates, grid: Grid, ranges: Sequence[Range]) -> frozenset[int]:
    """Return the indices of the cells that have a page in one of `ranges`."""
    start, length = states.range.start, grid.pages * states.page_size
    return frozenset(
        place
        for each in ranges
        for place in range((each.start - start) // length, (each.end - 1 - start) // length + 1)
    )


def _until(runs: Sequence[Run], first: int, end: int) -> Iterator[Run]:
    for index in range(first, len(runs)):
        if runs[index].start >= end:
            return
        yield runs[index]


def _row(cells: Sequence[Look]) -> Line:
    return tuple(
        Span("".join(look.sign for look in group), tone) for tone, group in groupby(cells, key=lambda look: look.tone)
    )


def scale_line(states: PageStates, grid: Grid) -> Line:
    """Return the number of pages, and how many each sign represents."""
    count = states.range.size // states.page_size
    each = "a page" if grid.pages == 1 else f"{grid.pages:,} pages"
    return line(
        span("pages ", Tone.DIM),
        span(f"{count:,}", Tone.BRIGHT),
        span(f" · each sign is {each}, {size(grid.pages * states.page_size)}", Tone.DIM),
    )


def legend_items(states: PageStates, *, mixed: bool) -> Iterator[Line]:
    """Yield the signs in use, with the number of pages in each state."""
    counts = states.counts()
    for state, look in _LOOKS.items():
        if counts[state]:
            yield line(
                span(look.sign, look.tone), span(f" {state.value} ", Tone.DIM), span(f"{counts[state]:,}", Tone.BRIGHT)
            )
    if mixed:
        yield line(span(MIXED.sign, MIXED.tone), span(" of several kinds", Tone.DIM))
