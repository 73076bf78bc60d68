"""The pages of the region under the cursor, as a grid with a cursor and zoom."""

import time
from bisect import bisect_left
from collections.abc import Mapping
from itertools import islice

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.model.budget import may_read
from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.memory.pages import PageStates, changed_ranges, part_of
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.memory.page_grid import LABEL
from mmexplorer.present.memory.page_map import (
    Counted,
    MapCell,
    PageWindow,
    cursor_line,
    foot_lines,
    head_line,
    map_rows,
    page_window,
    runs_of,
)
from mmexplorer.present.region.names import symbol_name
from mmexplorer.present.text.format import address
from mmexplorer.present.text.line import EMPTY, Line, Span, Tone, line, span
from mmexplorer.present.text.wrap import wrapped
from mmexplorer.ui.explore.tabs.inspection import Job, Point, PointedAt, ReadAgain, Shown, Subject, is_large
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.paint import Brush, fit

_HEAD = 1
_BELOW = 5
"""Rows for the read-out, the legend and the sum."""
_HOLE = line(span("A hole has no pages: an access there is a fault, and SIGSEGV.", Tone.DIM))


class _Seen(NamedTuple):
    """The result of a reading."""

    states: PageStates | Unavailable
    flags: Mapping[str, int] | Unavailable | None = None
    """Bytes by page flag: dirty, referenced, under writeback."""
    under_cursor: tuple[Range, Mapping[str, int] | Unavailable] | None = None
    """The same of the pages that were under the cursor."""
    name: str = ""
    """The symbol under the cursor."""
    cost: float = 0.0
    """CPU seconds."""
    outline: bool = False
    """Whether only the first pages of each cell were read."""
    at: float = 0.0
    """When the pages were read (monotonic)."""


_UNREAD = _Seen(Unavailable(Cause.NOT_READ, "not read yet"))


class PagesTab(Widget, can_focus=True):
    """Shows one region; reads only the visible part."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"pages--cursor", "pages--lit"}
    DEFAULT_CSS = """
    PagesTab {
        height: 1fr;
        padding-left: 1;
        .pages--cursor { background: $primary; text-style: reverse; }
        .pages--lit { background: $warning 40%; text-style: bold; }
    }
    """
    BINDINGS = bindings("pages")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._brush = Brush(self)
        self._subject: Subject | None = None
        self._window: PageWindow | None = None
        self._seen = _UNREAD
        self._read_from: tuple[Inspector, ProcessKey] | None = None
        """What the pages were read by, another one while a moment of the past is shown, and of which process."""
        self._changed: tuple[Range, ...] = ()
        self._faulted: tuple[Range, ...] = ()
        """The visible pages that faulted in a trace."""
        self._rows: tuple[tuple[MapCell, ...], ...] = ()
        self._foot: tuple[Line, ...] = ()

    def reading(self, subject: Subject, point: Point | None, inspector: Inspector) -> Job | None:
        """Return a job that reads the visible part of the region."""
        region, self._subject = subject.region, subject
        if (inspector, subject.space.process.key) != self._read_from:
            self._read_from = inspector, subject.space.process.key
            self._seen = _UNREAD
        if region is None or not self.size.width:
            self._window = None
            self.refresh()
            return None
        window = self._window = self._placed(region, point, subject.page_size)
        shown = isinstance(self._seen.states, PageStates) and self._seen.states.range == window.seen
        large = is_large(window.seen, subject.page_size)
        now = time.monotonic()
        kept = self._seen if shown and not may_read(now - self._seen.at, self._seen.cost) else None
        if large and kept is not None:
            return None
        parts = window.across * window.rows if large and not shown else 0

        def pages() -> tuple[PageStates | Unavailable, float, float]:
            begun = time.thread_time()
            states = inspector.pages(subject.space, region, window.seen, parts)
            return states, 0.0 if parts else time.thread_time() - begun, now

        def read() -> Shown:
            states, cost, at = (kept.states, kept.cost, kept.at) if kept is not None else pages()
            flags = None if parts or isinstance(states, Unavailable) else inspector.page_flags(subject.space, states)
            under = None
            if isinstance(flags, Mapping) and isinstance(states, PageStates):
                cell = window.under_cursor
                under = cell, inspector.page_flags(subject.space, part_of(states, cell))
            found = inspector.namer(subject.space)(window.cursor)
            name = symbol_name(found) if found else ""
            seen = _Seen(states, flags, under, name, cost, outline=bool(parts), at=at)
            return lambda: self._show(subject, window, seen)

        return read

    def _placed(self, region: Region, point: Point | None, page_size: int) -> PageWindow:
        """Keep the window if the region is the same or has grown."""
        before = self._window
        room = self.size.width, self.size.height - _HEAD - _BELOW
        if before is None or before.whole.start != region.start:
            self._seen = _UNREAD
            before = page_window(region.range, page_size, *room)
            return before.at(point.address) if point is not None else before
        if before.whole != region.range:
            before = page_window(region.range, page_size, *room).at(before.cursor)
        return before.at(point.address) if point is not None and point.new else before

    def _show(self, subject: Subject, window: PageWindow, seen: _Seen) -> None:
        if subject is not self._subject or self._window is None or window.seen != self._window.seen:
            return
        before, self._seen, states = self._seen, seen, seen.states
        if seen.outline:
            self.post_message(ReadAgain())
        if isinstance(states, PageStates):
            self._changed = ()
            if isinstance(before.states, PageStates) and not before.outline:
                self._changed = changed_ranges(before.states, states)
            self._faulted = self._ranges(subject.faulted, states)
            self._compose_rows()
        self.refresh()

    def _compose_rows(self) -> None:
        window, states, subject = self._window, self._seen.states, self._subject
        if window is None or subject is None or subject.region is None or not isinstance(states, PageStates):
            return
        self._rows = map_rows(window, states, (*self._changed, *self._faulted))
        usage = subject.space.usage_of(subject.region)
        rss = usage.get("Rss") if usage is not None else None
        counted = Unavailable(Cause.NOT_READ, "not read yet") if rss is None else rss
        self._foot = tuple(foot_lines(window, states, self._rows, Counted(counted, self._seen.flags), self.size.width))

    @staticmethod
    def _ranges(pages: tuple[int, ...], states: PageStates) -> tuple[Range, ...]:
        first, end = (bisect_left(pages, edge) for edge in states.range)
        return tuple(Range(page, page + states.page_size) for page in pages[first:end])

    def on_resize(self) -> None:
        """Lay out the grid for the new size."""
        if self._window is not None:
            self._window = self._window.resized(self.size.width, self.size.height - _HEAD - _BELOW)
        self.post_message(ReadAgain())

    def notify_style_update(self) -> None:
        """Reload the colours after a theme change."""
        super().notify_style_update()
        self._brush.forget()

    # Moving

    def action_step(self, across: int, down: int) -> None:
        """Move the cursor by cells and rows."""
        if self._window is not None:
            self._go(self._window.moved(across + down * self._window.across))

    def action_leaf(self, screens: int) -> None:
        """Move by as much as is visible."""
        if self._window is not None:
            self._go(self._window.moved(screens * self._window.across * self._window.rows))

    def action_edge(self, end: int) -> None:
        """Go to the first page or the last."""
        if self._window is not None:
            self._go(self._window.at(self._window.whole[end]))

    def action_scale(self, steps: int) -> None:
        """Make each cell represent half as many pages, or twice as many."""
        if self._window is not None:
            self._go(self._window.zoomed_by(steps))

    def _go(self, window: PageWindow) -> None:
        self._window = window
        self.post_message(PointedAt(window.cursor))
        self.post_message(ReadAgain())
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked cell."""
        offset, window = event.get_content_offset(self), self._window
        if offset is None or window is None:
            return
        row, cell = offset.y - _HEAD, offset.x - self._label
        if 0 <= row < len(self._rows) and 0 <= cell < len(self._rows[row]):
            self._go(window.at(window.top + (row * window.across + cell) * window.cell))

    # Painting

    @property
    def _label(self) -> int:
        window = self._window
        return LABEL if window is not None and self.size.width - window.across >= LABEL else 0

    def render_line(self, y: int) -> Strip:
        """Paint the head, a row of cells, the read-out or the legend."""
        window, states, subject = self._window, self._seen.states, self._subject
        if subject is None or window is None or subject.region is None:
            return self._sentence(subject.nothing or _HOLE if subject is not None else EMPTY, y)
        if isinstance(states, Unavailable):
            return self._sentence(line(span(f"— {states}", Tone.DIM)), y)
        if _HEAD <= y < _HEAD + len(self._rows) and states.range == window.seen:
            return self._row(window, y - _HEAD)
        return self._plain(self._text(window, states, subject.region, y))

    def _text(self, window: PageWindow, states: PageStates, region: Region, y: int) -> Line:
        """Return the line above or below the cells; empty while another part is being read."""
        if states.range != window.seen:
            return EMPTY
        if y < _HEAD:
            return head_line(window, states, self._changed, len(self._faulted))
        below = y - _HEAD - len(self._rows)
        if not below:
            at, flags = self._seen.under_cursor or (None, None)
            return cursor_line(window, states, region, self._seen.name, flags if at == window.under_cursor else None)
        return self._foot[below - 1] if below <= len(self._foot) else EMPTY

    def _sentence(self, text: Line, y: int) -> Strip:
        return self._plain(next(islice(wrapped(text, self.size.width), y, None), EMPTY))

    def _plain(self, text: Line) -> Strip:
        return Strip(self._brush.segments(fit(text, self.size.width)))

    def _row(self, window: PageWindow, row: int) -> Strip:
        at_row, at = window.place
        cells = runs_of(self._rows[row], at if row == at_row else None)
        start = window.top + row * window.across * window.cell
        segments = self._brush.segments((Span(f"{address(start)} ", Tone.DIM),)) if self._label else []
        for signs, tone, lit, under in cells:
            component = "pages--cursor" if under else "pages--lit" if lit else ""
            segments += self._brush.segments((Span(signs, tone),), component)
        return Strip(segments).adjust_cell_length(self.size.width, self._brush.style())
