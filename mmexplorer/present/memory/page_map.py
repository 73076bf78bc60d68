"""A window on the pages of a region: the visible part, its scale, and the page under the cursor."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from mmexplorer.model.memory.pages import PageState, PageStates
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, frozen, replace
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
from mmexplorer.present.text.wrap import flowed, wrapped


@frozen
class PageWindow:
    """The visible part of a region. Every move returns a new window, with the cursor in view."""

    whole: Range
    page_size: int
    across: int
    """Cells per row."""
    rows: int
    cursor: int
    """The address of the first page in the cell under the cursor."""
    top: int
    """The address of the first cell."""
    zoomed: int | None = None
    """Pages per cell, a power of two; None for the fewest that show the complete region."""

    @property
    def coarsest(self) -> int:
        """Pages per cell at which the complete region is visible."""
        count = max(1, self.whole.size // self.page_size)
        pages = 1
        while -(-count // pages) > self.across * self.rows:
            pages *= 2
        return pages

    @property
    def pages(self) -> int:
        """Pages per cell."""
        return min(self.zoomed or self.coarsest, self.coarsest)

    @property
    def cell(self) -> int:
        """Bytes per cell."""
        return self.pages * self.page_size

    @property
    def seen(self) -> Range:
        """The visible range, which has to be read."""
        return Range(self.top, min(self.whole.end, self.top + self.cell * self.across * self.rows))

    @property
    def under_cursor(self) -> Range:
        """The pages of the cell under the cursor."""
        return Range(self.cursor, min(self.whole.end, self.cursor + self.cell))

    @property
    def place(self) -> tuple[int, int]:
        """The cursor's row, and its cell in that row."""
        return divmod((self.cursor - self.top) // self.cell, self.across)

    def resized(self, width: int, rows: int) -> "PageWindow":
        """Return a window of another size."""
        return _settled(replace(self, across=cells_across(width), rows=max(1, rows)))

    def moved(self, cells: int) -> "PageWindow":
        """Move the cursor by that many cells, within the region."""
        return self.at(self.cursor + cells * self.cell)

    def at(self, place: int) -> "PageWindow":
        """Move the cursor to the page of an address."""
        last = max(self.whole.start, self.whole.end - 1)
        return _settled(replace(self, cursor=min(max(place, self.whole.start), last)))

    def zoomed_by(self, steps: int) -> "PageWindow":
        """Show fewer pages per cell, or more with negative steps; the cursor stays on its page."""
        pages = self.pages >> steps if steps > 0 else self.pages << -steps
        return _settled(replace(self, zoomed=None if pages >= self.coarsest else max(1, pages)))


def _settled(window: PageWindow) -> PageWindow:
    """Align the cells to the region's start, and bring the cursor into view."""
    start, row = window.whole.start, window.cell * window.across
    cursor = start + (window.cursor - start) // window.cell * window.cell
    at = (cursor - start) // row
    last = max(0, -(-window.whole.size // row) - window.rows)
    first = min(max(0, (window.top - start) // row), last)
    first = min(max(first, at - window.rows + 1), at)
    return replace(window, cursor=cursor, top=start + first * row)


def page_window(whole: Range, page_size: int, width: int, rows: int) -> PageWindow:
    """Return a window that shows the complete region."""
    return PageWindow(whole, page_size, cells_across(width), max(1, rows), whole.start, whole.start)


@frozen
class MapCell:
    """A cell of the grid."""

    look: Look
    lit: bool
    """Whether one of its pages changed its state since the previous refresh."""


def map_rows(window: PageWindow, states: PageStates, changed: Sequence[Range]) -> tuple[tuple[MapCell, ...], ...]:
    """Return the rows of cells."""
    grid = Grid(window.across, window.pages, window.rows)
    looks = list(page_cells(states, grid))
    lit = cells_of(states, grid, changed)
    cells = [MapCell(look, place in lit) for place, look in enumerate(looks)]
    return tuple(tuple(cells[at : at + window.across]) for at in range(0, len(cells), window.across))


def runs_of(cells: Sequence[MapCell], cursor: int | None) -> Iterator[tuple[str, Tone, bool, bool]]:
    """Join adjacent cells that look the same; yield their signs, tone, whether lit, and whether under the cursor."""
    keyed = [(cell.look.tone, cell.lit, place == cursor, cell.look.sign) for place, cell in enumerate(cells)]
    for (tone, lit, at), group in groupby(keyed, key=lambda cell: cell[:3]):
        yield "".join(sign for *_, sign in group), tone, lit, at


def head_line(window: PageWindow, states: PageStates, changed: Sequence[Range], faulted: int = 0) -> Line:
    """Describe what is visible, how much of it changed, and how many pages faulted in a trace."""
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


def cursor_line(
    window: PageWindow,
    states: PageStates,
    region: Region,
    name: str,
    flags: Mapping[str, int] | Unavailable | None = None,
) -> Line:
    """Describe the cell under the cursor: address, place in region and file, state, page flags, name."""
    at = window.under_cursor
    offset = at.start - region.start
    in_file = f" · file offset {hexadecimal(region.offset + offset)}" if region.inode else ""
    return line(
        span("▸ ", Tone.ACCENT),
        span(address(at.start), Tone.BRIGHT),
        span(f" · {hexadecimal(offset)} into the region{in_file} · "),
        span(f"{_states(states, at)}{_flags(flags, at, states.page_size)}", Tone.BRIGHT),
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


def _flags(flags: Mapping[str, int] | Unavailable | None, at: Range, page_size: int) -> str:
    """Write `, dirty, referenced` of one page, `, 3 dirty` of several; only root sees the flags."""
    if flags is None or isinstance(flags, Unavailable):
        return ""
    one = at.size == page_size
    return "".join(f", {name if one else f'{count // page_size:,} {name}'}" for name, count in flags.items() if count)


class Counted(NamedTuple):
    """Other values the kernel has for the same pages, in bytes."""

    rss: int | Unavailable
    """From smaps."""
    flags: Mapping[str, int] | Unavailable | None = None
    """How much of it is dirty, referenced or under writeback; None if that wasn't read."""


_FLAGS = "; dirty: not written back yet, referenced: in use when the kernel last looked"


def foot_lines(
    window: PageWindow,
    states: PageStates,
    rows: Sequence[Sequence[MapCell]],
    known: Counted,
    width: int,
) -> Iterator[Line]:
    """Explain the signs; compare the sum of a complete region with Rss of smaps; list the flags of the frames."""
    mixed = any(cell.look == MIXED for row in rows for cell in row)
    yield from flowed(legend_items(states, mixed=mixed), width, between="   ")
    if states.range == window.whole and not states.counts()[PageState.NOT_READ]:
        in_rss = sum(count for state, count in states.counts().items() if state.in_rss) * states.page_size
        yield line(span(compared("in memory, without the zero page", in_rss, "Rss", known.rss), Tone.DIM))
    if known.flags is not None:
        words = "" if isinstance(known.flags, Unavailable) else _FLAGS
        yield from wrapped(line(span(f"{flags_text(known.flags)}{words}", Tone.DIM)), width)
