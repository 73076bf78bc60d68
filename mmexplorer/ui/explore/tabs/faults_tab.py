"""A trace of where the process's page faults occur and who maps memory; takes a few seconds, and only on request."""

import asyncio
import time
from contextlib import suppress

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical

from mmexplorer.model.memory.faults import FaultTrace, grouped
from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.explore.fault_rows import (
    FAULT_COLUMNS,
    NO_FAULTS,
    NO_TRACE,
    FaultRow,
    TraceMarks,
    before_trace,
    during_trace,
    fault_rows,
    trace_heading,
    trace_marks,
)
from mmexplorer.present.region.names import address_names, region_names
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped
from mmexplorer.ui.explore.tabs.inspection import Job, Point, PointedAt, Subject, Traced
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.widgets.lines import Lines
from mmexplorer.ui.widgets.table.table import Table

_SECONDS = 5.0
_PERIOD = 61
"""One fault in this many is recorded; a prime, so that no loop falls into step with it."""
_DEPTH = 6
_SHOW_EVERY = 0.5
_UNTIL_SEEN = 1.5
"""Seconds to wait after a trace for a refresh that knows the regions mapped during it."""


class FaultsTab(Vertical):
    """States the cost of a trace before it starts; keeps the last trace until the next."""

    DEFAULT_CSS = "FaultsTab Lines { padding-left: 1; }"
    BINDINGS = bindings("faults")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._subject: Subject | None = None
        self._inspector: Inspector | None = None
        self._seen = asyncio.Event()
        """Set by each refresh."""
        self._going_on: list[bool] = []
        """Belongs to the trace under way; emptied to end it."""
        self._pid: int | None = None
        """The process that was traced."""

    def compose(self) -> ComposeResult:
        """Lay out heading and table."""
        yield Lines(id="faults-heading")
        yield Table(FAULT_COLUMNS, key=lambda row: row.key, empty=NO_TRACE, id="fault-table")

    def reading(self, subject: Subject, point: Point | None, inspector: Inspector) -> Job | None:  # noqa: ARG002
        """Return no job: a trace starts only by its key."""
        self._subject, self._inspector = subject, inspector
        self._seen.set()
        if not self._going_on and self._pid != subject.space.process.pid:
            self._table.set_rows(())
            self._table.set_empty(NO_TRACE if inspector.live else EMPTY)
            self._head(before_trace(_PERIOD, _SECONDS) if inspector.live else self._refusal(subject, inspector))
        return None

    @staticmethod
    def _refusal(subject: Subject, inspector: Inspector) -> Line:
        """Say why nothing that isn't live is traced."""
        return line(span(f"— {inspector.faults(subject.space, 0.0, 1, lambda: False)}", Tone.DIM))

    @property
    def _table(self) -> Table[FaultRow]:
        return self.query_one("#fault-table", Table)

    def _head(self, text: Line) -> None:
        self.query_one("#faults-heading", Lines).show(lambda width: tuple(wrapped(text, width)))

    def action_trace(self) -> None:
        """Record for a few seconds without blocking the screen, or end the recording."""
        if self._going_on:
            self._going_on.clear()
        elif self._subject is not None and self._inspector is not None:
            self._record(self._subject, self._inspector)

    def action_stop(self) -> None:
        """End the trace under way, and show what it recorded."""
        self._going_on.clear()

    def on_unmount(self) -> None:
        """End the trace, so that the app doesn't wait for it."""
        self._going_on.clear()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Leave Esc to the screen while no trace is running."""
        return bool(self._going_on) if action == "stop" else True

    @work(group="faults", description="record faults")
    async def _record(self, subject: Subject, inspector: Inspector) -> None:
        going_on = self._going_on = [True]
        self._pid = subject.space.process.pid
        self._table.set_empty(EMPTY)
        began = time.monotonic()

        def recorded() -> FaultTrace | Unavailable:
            return inspector.faults(subject.space, _SECONDS, _PERIOD, lambda: bool(going_on))

        task = asyncio.create_task(asyncio.to_thread(recorded))
        while not task.done():
            self._head(during_trace(time.monotonic() - began, _SECONDS))
            await asyncio.wait({task}, timeout=_SHOW_EVERY)
        going_on.clear()
        trace, times = task.result(), (began, time.monotonic())
        if isinstance(trace, Unavailable):
            self._table.set_rows(())
            self._table.set_empty(EMPTY)
            self._head(line(span(f"— {trace}", Tone.WARN)))
        else:
            self._seen.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._seen.wait(), _UNTIL_SEEN)
            space = self._subject.space if self._subject is not None else subject.space
            rows, marks = await asyncio.to_thread(_rows, trace, space, inspector, times, subject.page_size)
            self._table.set_rows(rows, reset=True)
            self._table.set_empty(NO_FAULTS)
            self._head(trace_heading(trace))
            self.post_message(Traced(marks))

    def on_table_activated(self, event: Table.Activated) -> None:
        """Go to the address that faulted or was mapped (Enter)."""
        event.stop()
        if isinstance(event.row, FaultRow):
            self.post_message(PointedAt(event.row.address, follow=True))


def _rows(
    trace: FaultTrace, space: AddressSpace, inspector: Inspector, times: tuple[float, float], page_size: int
) -> tuple[tuple[FaultRow, ...], TraceMarks]:
    name, region_of = address_names(space, inspector.namer(space)), region_names(space, trace.mappings)
    rows = fault_rows(trace, grouped(trace.samples, region_of, name, _DEPTH), region_of)
    return rows, trace_marks(space.process.key, times, trace, name, page_size)
