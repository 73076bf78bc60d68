"""The bytes at an address, which can be scrolled, searched, and followed as pointers."""

import asyncio
import platform
from bisect import bisect_right
from collections.abc import Iterator
from functools import partial
from itertools import islice

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical

from mmexplorer.model.memory.bytes import ByteSearch, WordSearch
from mmexplorer.model.memory.inspection import Found, Inspector
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.memory.byte_rows import (
    BYTE_COLUMNS,
    NOTATIONS,
    ByteRow,
    Naming,
    byte_columns,
    byte_rows,
    bytes_heading,
    match_rows,
    nothing_here,
    search_heading,
)
from mmexplorer.present.region.names import address_names, holder_names, machine_of
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.ui.explore.tabs.inspection import READING, Job, Point, PointedAt, ReadAgain, SearchAsked, Shown, Subject
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.widgets.lines import Lines
from mmexplorer.ui.widgets.table.table import Table

_AROUND = 1
"""Pages read before and after the one under the cursor."""
_BELOW = 6
"""Rows kept visible below the cursor after a jump."""
_MATCHES_AT_MOST = 1 << 12
_SHOW_EVERY = 0.2
"""Seconds between two updates of a search's progress."""
_HOLE = line(span("Nothing is mapped here: there are no bytes.", Tone.DIM))


class BytesTab(Vertical):
    """Shows the pages around the cursor; reading changes nothing in the process unless the user asks for it."""

    DEFAULT_CSS = "BytesTab Lines { padding-left: 1; }"
    BINDINGS = bindings("bytes")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._subject: Subject | None = None
        self._at = 0
        self._region: int | None = None
        self._notation = NOTATIONS[0]
        self._fault_in = False
        self._live = True
        """Whether the bytes are those of a process as it is now."""
        self._history: list[int] = []
        self._page = 0
        self._known: dict[int, bytes] = {}
        self._searching: list[bool] = []
        """Belongs to the search under way; emptied to stop it."""
        self._matches: list[Found] | None = None

    def compose(self) -> ComposeResult:
        """Lay out heading and table."""
        yield Lines(id="bytes-heading")
        yield Table(BYTE_COLUMNS["hex"], key=lambda row: row.address, empty=READING, id="byte-table")

    def on_unmount(self) -> None:
        """Stop the search, so that the app doesn't wait for it."""
        self._searching.clear()

    def on_resize(self) -> None:
        """Write the bytes more tightly if the text column would not fit."""
        if self._matches is None:
            self._table.set_columns(byte_columns(self._notation, self.size.width))

    @property
    def _table(self) -> Table[ByteRow]:
        return self.query_one("#byte-table", Table)

    def reading(self, subject: Subject, point: Point | None, inspector: Inspector) -> Job | None:
        """Return a job that reads the pages around the cursor."""
        before, self._subject = self._subject, subject
        self._live = inspector.live
        if self._matches is not None:
            return None
        region = subject.region
        if region is None:
            self._region = None
            self._say(subject.nothing or _HOLE)
            return None
        if self._region != region.start or before is None or before.space.process != subject.space.process:
            self._region, self._at = region.start, region.start if point is None else point.address
            self._known = {}
        elif point is not None and point.new:
            self._at = point.address
        page = self._page = self._at // subject.page_size * subject.page_size
        step = _AROUND * subject.page_size
        wanted = Range(max(0, page - step), page + step + subject.page_size)
        fault_in = self._fault_in = self._fault_in and inspector.live
        at, notation, known = self._at, self._notation, self._known

        def read() -> Shown:
            compared = inspector.read(subject.space, wanted, fault_in=fault_in)
            if isinstance(compared, Unavailable):
                return lambda: self._show_reason(subject, compared)
            naming = _naming(subject, inspector, at)
            rows, name = byte_rows(compared, notation, naming, known), naming.name(at)
            return lambda: self._show(subject, at, notation, rows, name)

        return read

    def _show_reason(self, subject: Subject, reason: Unavailable) -> None:
        if subject is self._subject and self._matches is None:
            self._say(line(span(f"— {reason}", Tone.DIM)))

    def _say(self, sentence: Line) -> None:
        """Show a sentence instead of bytes."""
        self._table.set_rows(())
        self._table.set_empty(sentence)
        self._head(EMPTY)

    def _show(self, subject: Subject, at: int, notation: str, rows: tuple[ByteRow, ...], name: str) -> None:
        if subject is not self._subject or notation != self._notation or self._matches is not None:
            return
        table = self._table
        jumped = at == self._at and (table.cursor_row is None or not self._holds(table.cursor_row, at))
        self._known = {row.address: row.content for row in rows}
        table.set_empty(nothing_here(notation))
        with self.prevent(Table.Highlighted):
            table.set_rows(rows)
            if jumped:
                self._put_cursor(rows, at)
        self._head(bytes_heading(notation, name, len(self._history), fault_in=self._fault_in))

    @staticmethod
    def _holds(row: ByteRow, at: int) -> bool:
        return row.address <= at < row.address + max(1, len(row.content))

    def _put_cursor(self, rows: tuple[ByteRow, ...], at: int) -> None:
        if rows:
            place = max(0, bisect_right(rows, at, key=lambda row: row.address) - 1)
            self._table.move_to(rows[min(place + _BELOW, len(rows) - 1)].address)
            self._table.move_to(rows[place].address)

    def _head(self, text: Line) -> None:
        self.query_one("#bytes-heading", Lines).show(lambda _width: (text,))

    # Moving

    @on(Table.Highlighted, "#byte-table")
    def _walk(self, event: Table.Highlighted) -> None:
        event.stop()
        if not event.by_user or event.row is None or self._matches is not None or self._subject is None:
            return
        region = self._subject.region
        if not event.row.content and not (region and region.start <= event.row.address < region.end):
            return  # a hole: nothing beyond it can be read
        self._at = event.row.address
        self.post_message(PointedAt(self._at))
        if self._at // self._subject.page_size * self._subject.page_size != self._page:
            self.post_message(ReadAgain())

    @on(Table.Activated, "#byte-table")
    def _follow(self, event: Table.Activated) -> None:
        event.stop()
        if event.row is not None and event.row.leads is not None:
            self._history.append(self._at)
            self._go(event.row.leads)

    def action_return(self) -> None:
        """Go back to where you followed a pointer from."""
        if self._history:
            self._go(self._history.pop())

    def _go(self, address: int) -> None:
        self._leave_matches()
        self._at = address
        subject = self._subject
        inside = subject is not None and subject.region is not None
        inside = inside and subject.region.start <= address < subject.region.end  # type: ignore[union-attr] # `inside` says it
        self.post_message(PointedAt(address, follow=not inside))
        self.post_message(ReadAgain())

    def action_search(self) -> None:
        """Make the screen ask what to search for."""
        self.post_message(SearchAsked())

    def action_notation(self) -> None:
        """Switch to the next notation."""
        self._leave_matches()
        self._notation = NOTATIONS[(NOTATIONS.index(self._notation) + 1) % len(NOTATIONS)]
        self._known = {}
        self._table.set_columns(byte_columns(self._notation, self.size.width))
        self.post_message(ReadAgain())

    def action_fault_in(self) -> None:
        """Toggle reading pages that aren't resident."""
        if not self._live:
            self.notify("Pages can't be faulted in: this isn't a live process.", severity="warning")
            return
        self._fault_in = not self._fault_in
        self.post_message(ReadAgain())

    def action_stop(self) -> None:
        """Stop a search; once it has ended, leave its results."""
        if self._searching:
            self._searching.clear()
        else:
            self._leave_matches()
            self.post_message(ReadAgain())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Leave keys that would do nothing here to the screen."""
        if action == "return":
            return bool(self._history)
        if action == "stop":
            return self._matches is not None
        return True

    def _leave_matches(self) -> None:
        self._searching.clear()
        if self._matches is not None:
            self._matches = None
            self._table.set_rows(())
            self._table.set_columns(byte_columns(self._notation, self.size.width))

    # Searching

    @work(group="search", description="search", exclusive=True)
    async def search(self, inspector: Inspector, wanted: ByteSearch | WordSearch) -> None:
        """Search all resident memory, and list matches as they are found."""
        subject = self._subject
        if subject is None:
            return
        searching = self._searching = [True]
        matches: list[Found] = []
        self._matches = matches
        self._table.set_rows(())
        self._table.set_columns(BYTE_COLUMNS["matches"])
        self._table.set_empty(EMPTY)
        searched = [0]
        whole = sum(region.size for region in subject.space.regions if not region.kernels_own)

        def progress(count: int) -> bool:
            searched[0] += count
            return bool(searching)

        def look() -> str:
            found = inspector.search(subject.space, subject.space.regions, wanted, progress)
            if isinstance(found, Unavailable):
                return str(found)
            matches.extend(self._first(found))
            return "" if searching else "stopped"

        task = asyncio.create_task(asyncio.to_thread(look))
        while not task.done():
            await asyncio.wait({task}, timeout=_SHOW_EVERY)
            self._show_matches(matches, subject, searched[0], whole, "")
        ended = task.result() or "done: Enter goes there, Esc returns"
        if len(matches) >= _MATCHES_AT_MOST:
            ended = f"the first {_MATCHES_AT_MOST:,}: Enter goes there, Esc returns"
        searching.clear()
        self._show_matches(matches, subject, searched[0], whole, ended)

    @staticmethod
    def _first(found: Iterator[Found]) -> Iterator[Found]:
        return islice(found, _MATCHES_AT_MOST)

    def _show_matches(self, matches: list[Found], subject: Subject, searched: int, whole: int, ended: str) -> None:
        if self._matches is not matches:
            return
        shown = tuple(matches)
        self._table.set_rows(match_rows(shown, subject.space))
        self._head(search_heading(searched, whole, len(shown), ended=ended))
        if ended and not shown:
            self._table.set_empty(line(span("Not found in what is in memory.", Tone.DIM)))


def _naming(subject: Subject, inspector: Inspector, at: int) -> Naming:
    """Return the naming of addresses; instructions start at the symbol that contains `at`, or at `at` itself."""
    space, symbol_of = subject.space, inspector.namer(subject.space)
    found = symbol_of(at)
    machine = machine_of(space, at, platform.machine())
    start = at - found[2] if found is not None else at
    holders = holder_names(space, partial(inspector.symbols, space))
    return Naming(address_names(space, symbol_of), holders, machine, start)
