"""A window on the pages of a region: what part is seen at which scale, and what the page under the cursor is."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from mmexplorer.model.memory.pages import PageState, PageStates
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen, replace
from mmexplorer.present.memory.page_grid import (
    MIXED,
    Grid,
    Look,
    cells_across,
    cells_of,
    legend_items,
    page_cells,
    scale_line,
)
from mmexplorer.present.memory.pages import compared, flags_text
from mmexplorer.present.text.format import address, hexadecimal
from mmexplorer.present.text.line import Line, Tone, line, span
from mmexplorer.present.text.wrap import flowed


@frozen
class PageWindow:
    """The part of a region that is seen. All movements give another window, whose cursor is in sight."""

    whole: Range
    page_size: int
    across: int
    """Cells in a row."""
    rows: int
    cursor: int
    """The first page of the cell under the cursor, by its address."""
    top: int
    """The address of the first cell."""
    zoomed: int | None = None
    """Pages that a cell stands for, a power of two; None: as few as show the whole region."""

    @property
    def coarsest(self) -> int:
        """Pages of a cell with which the whole region is seen."""
        count = max(1, self.whole.size // self.page_size)
        pages = 1
        while -(-count // pages) > self.across * self.rows:
            pages *= 2
        return pages

    @property
    def pages(self) -> int:
        """Pages that a cell stands for."""
        return min(self.zoomed or self.coarsest, self.coarsest)

    @property
    def cell(self) -> int:
        """Bytes of a cell."""
        return self.pages * self.page_size

    @property
    def seen(self) -> Range:
        """What is to be read."""
        return Range(self.top, min(self.whole.end, self.top + self.cell * self.across * self.rows))

    @property
    def under_cursor(self) -> Range:
        """The pages of the cell under the cursor."""
        return Range(self.cursor, min(self.whole.end, self.cursor + self.cell))

    @property
    def place(self) -> tuple[int, int]:
        """The row and the cell in it where the cursor is."""
        return divmod((self.cursor - self.top) // self.cell, self.across)

    def resized(self, width: int, rows: int) -> "PageWindow":
        """Use another room."""
        return _settled(replace(self, across=cells_across(width), rows=max(1, rows)))

    def moved(self, cells: int) -> "PageWindow":
        """Move the cursor by so many cells; it stays within the region."""
        return self.at(self.cursor + cells * self.cell)

    def at(self, place: int) -> "PageWindow":
        """Put the cursor on the page of an address."""
        last = max(self.whole.start, self.whole.end - 1)
        return _settled(replace(self, cursor=min(max(place, self.whole.start), last)))

    def zoomed_by(self, steps: int) -> "PageWindow":
        """Show fewer pages a cell, or more with negative steps; the cursor stays on its page."""
        pages = self.pages >> steps if steps > 0 else self.pages << -steps
        return _settled(replace(self, zoomed=None if pages >= self.coarsest else max(1, pages)))


def _settled(window: PageWindow) -> PageWindow:
    """Have cells begin at whole steps from the region's start, and the cursor in sight."""
    start, row = window.whole.start, window.cell * window.across
    cursor = start + (window.cursor - start) // window.cell * window.cell
    at = (cursor - start) // row
    last = max(0, -(-window.whole.size // row) - window.rows)
    first = min(max(0, (window.top - start) // row), last)
    first = min(max(first, at - window.rows + 1), at)
    return replace(window, cursor=cursor, top=start + first * row)


def page_window(whole: Range, page_size: int, width: int, rows: int) -> PageWindow:
    """Begin with the whole region."""
    return PageWindow(whole, page_size, cells_across(width), max(1, rows), whole.start, whole.start)


@frozen
class MapCell:
    """A cell of the drawing."""

    look: Look
    lit: bool
    """Whether a page of it is in another state than at the look before."""


def map_rows(window: PageWindow, states: PageStates, changed: Sequence[Range]) -> tuple[tuple[MapCell, ...], ...]:
    """Give the rows of cells."""
    grid = Grid(window.across, window.pages, window.rows)
    looks = list(page_cells(states, grid))
    lit = cells_of(states, grid, changed)
    cells = [MapCell(look, place in lit) for place, look in enumerate(looks)]
    return tuple(tuple(cells[at : at + window.across]) for at in range(0, len(cells), window.across))


def runs_of(cells: Sequence[MapCell], cursor: int | None) -> Iterator[tuple[str, Tone, bool, bool]]:
    """Join neighbours that are drawn alike: their signs, tone, whether lit, whether under the cursor."""
    keyed = [(cell.look.tone, cell.lit, place == cursor, cell.look.sign) for place, cell in enumerate(cells)]
    for (tone, lit, at), group in groupby(keyed, key=lambda cell: cell[:3]):
        yield "".join(sign for *_, sign in group), tone, lit, at


def head_line(window: PageWindow, states: PageStates, changed: Sequence[Range], faulted: int = 0) -> Line:
    """Say what is seen, how much of it changed, and on how many pages a trace saw faults."""
    grid = Grid(window.across, window.pages, window.rows)
    head = scale_line(states, grid)
    if window.seen != window.whole:
        share = 100 * (window.seen.start - window.whole.start) // window.whole.size
        count = window.whole.size // states.page_size
        head = (*head, span(f" · of the region's {count:,}, from {share} % on", Tone.DIM))
    pages = sum(each.size for each in changed) // states.page_size
    reasons = (
        f"{pages:,} changed since the last look" if pages else "",
        f"{faulted:,} faulted on in the trace" if faulted else "",
    )
    lit = ", ".join(filter(None, reasons))
    return (*head, span(f" · lit: {lit}" if lit else "", Tone.CHANGED))


def cursor_line(window: PageWindow, states: PageStates, region: Region, name: str) -> Line:
    """Read out what is under the cursor: address, place in region and file, state, name."""
    at = window.under_cursor
    offset = at.start - region.start
    in_file = f" · file offset {hexadecimal(region.offset + offset)}" if region.inode else ""
    return line(
        span("▸ ", Tone.ACCENT),
        span(address(at.start), Tone.BRIGHT),
        span(f" · {hexadecimal(offset)} into the region{in_file} · "),
        span(_states(states, at), Tone.BRIGHT),
        span(f" · {name}" if name else "", Tone.DIM),
    )


def _states(states: PageStates, at: Range) -> str:
    pages: dict[PageState, int] = {}
    for run in states.runs:
        count = (min(run.end, at.end) - max(run.start, at.start)) // states.page_size
        if count > 0:
            pages[run.state] = pages.get(run.state, 0) + count
    if len(pages) == 1 and at.size == states.page_size:
        return next(iter(pages)).value
    return ", ".join(f"{count:,} {state.value}" for state, count in pages.items())


class Counted(NamedTuple):
    """What the kernel says of the same pages elsewhere, in bytes."""

    rss: int | Unavailable
    """Of smaps."""
    flags: Mapping[str, int] | Unavailable | None = None
    """How much of their frames is dirty, referenced, being written back; None where nobody asked."""


_FLAGS = "; dirty: not written back yet, referenced: in use when the kernel last looked"


def foot_lines(
    window: PageWindow,
    states: PageStates,
    rows: Sequence[Sequence[MapCell]],
    known: Counted,
    width: int,
) -> Iterator[Line]:
    """Explain the signs; of a whole region hold the sum against Rss of smaps; what the flags of the frames say."""
    mixed = any(cell.look == MIXED for row in rows for cell in row)
    yield from flowed(legend_items(states, mixed=mixed), width, between="   ")
    if states.range == window.whole and not states.counts()[PageState.NOT_READ]:
        in_rss = sum(count for state, count in states.counts().items() if state.in_rss) * states.page_size
        yield line(span(compared("in memory, without the zero page", in_rss, "Rss", known.rss), Tone.DIM))
    if known.flags is not None:
        words = "" if isinstance(known.flags, Unavailable) else _FLAGS
        yield line(span(f"{flags_text(known.flags)}{words}", Tone.DIM))
