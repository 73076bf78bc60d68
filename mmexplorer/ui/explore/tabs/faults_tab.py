"""Where the page faults of the process fall and who maps memory: a trace of some seconds, when asked for."""

import asyncio
import time

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
    before_trace,
    during_trace,
    fault_rows,
    trace_heading,
)
from mmexplorer.present.region.names import address_names, region_names
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped
from mmexplorer.ui.explore.tabs.inspection import Job, Point, PointedAt, Subject
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.widgets.lines import Lines
from mmexplorer.ui.widgets.table.table import Table

_SECONDS = 5.0
_PERIOD = 61
"""One fault in so many is recorded: a prime, so that a loop doesn't fall into step with it."""
_DEPTH = 6
_SHOW_EVERY = 0.5


class FaultsTab(Vertical):
    """Says what a trace costs before it begins; keeps the last one until the next."""

    DEFAULT_CSS = "FaultsTab Lines { padding-left: 1; }"
    BINDINGS = bindings("faults")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._subject: Subject | None = None
        self._inspector: Inspector | None = None
        self._tracing = False
        self._pid: int | None = None
        """The process that was traced."""

    def compose(self) -> ComposeResult:
        """Lay out heading and table."""
        yield Lines(id="faults-heading")
        yield Table(FAULT_COLUMNS, key=lambda row: row.key, empty=NO_TRACE, id="fault-table")

    def reading(self, subject: Subject, point: Point | None, inspector: Inspector) -> Job | None:  # noqa: ARG002
        """Read nothing by itself: a trace is begun by its key."""
        self._subject, self._inspector = subject, inspector
        if not self._tracing and self._pid != subject.space.process.pid:
            self._table.set_rows(())
            self._table.set_empty(NO_TRACE)
            self._head(before_trace(_PERIOD, _SECONDS))
        return None

    @property
    def _table(self) -> Table[FaultRow]:
        return self.query_one("#fault-table", Table)

    def _head(self, text: Line) -> None:
        self.query_one("#faults-heading", Lines).show(lambda width: tuple(wrapped(text, width)))

    @work(group="faults", exclusive=True)
    async def action_trace(self) -> None:
        """Record for some seconds; the screen goes on meanwhile."""
        subject, inspector = self._subject, self._inspector
        if subject is None or inspector is None or self._tracing:
            return
        self._tracing, self._pid = True, subject.space.process.pid
        began = time.monotonic()
        task = asyncio.create_task(asyncio.to_thread(inspector.faults, subject.space, _SECONDS, _PERIOD))
        while not task.done():
            self._head(during_trace(time.monotonic() - began, _SECONDS))
            await asyncio.wait({task}, timeout=_SHOW_EVERY)
        trace = task.result()
        if isinstance(trace, Unavailable):
            self._table.set_rows(())
            self._table.set_empty(EMPTY)
            self._head(line(span(f"— {trace}", Tone.WARN)))
        else:
            # The last look knows the regions that came meanwhile.
            space = self._subject.space if self._subject is not None else subject.space
            rows = await asyncio.to_thread(_rows, trace, space, inspector)
            self._table.set_rows(rows, reset=True)
            self._table.set_empty(NO_FAULTS)
            self._head(trace_heading(trace))
        self._tracing = False

    def on_table_activated(self, event: Table.Activated) -> None:
        """Enter: go to an address that was faulted on, or mapped."""
        event.stop()
        if isinstance(event.row, FaultRow):
            self.post_message(PointedAt(event.row.address, follow=True))


def _rows(trace: FaultTrace, space: AddressSpace, inspector: Inspector) -> tuple[FaultRow, ...]:
    name, region_of = address_names(space, inspector.namer(space)), region_names(space, trace.mappings)
    return fault_rows(trace, grouped(trace.samples, region_of, name, _DEPTH), region_of)
