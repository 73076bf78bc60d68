"""The threads of the process, each with the function it waits in; symbols are read independently of the refreshes."""

from collections.abc import Mapping, Sequence

from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.present.explore.threads import THREAD_COLUMNS, ThreadRow, named
from mmexplorer.present.region.names import address_names
from mmexplorer.ui.explore.tabs.inspection import Job, Point, Shown, Subject
from mmexplorer.ui.widgets.table.table import Table


class ThreadsTab(Table[ThreadRow]):
    """Shows the threads at once, and their functions as soon as they are known."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(THREAD_COLUMNS, key=lambda row: row.thread.tid, id=id)
        self._threads: Sequence[ThreadRow] = ()
        self._process: ProcessKey | None = None
        self._names: Mapping[int, str] = {}
        """Names of addresses in the process."""

    def show_threads(self, rows: Sequence[ThreadRow]) -> None:
        """Show the threads of the process."""
        self._threads = rows
        self.set_rows(named(rows, self._names))

    def reading(self, subject: Subject, _point: Point | None, inspector: Inspector) -> Job | None:
        """Return a job that names the addresses that have no name yet."""
        space = subject.space
        known = self._names if self._process == space.process.key else {}
        unknown = {row.thread.instruction for row in self._threads} - known.keys() - {None}
        if not unknown:
            return None

        def read() -> Shown:
            name = address_names(space, inspector.namer(space))
            names = {address: name(address) for address in unknown if address is not None}
            return lambda: self._show_names(space.process.key, {**known, **names})

        return read

    def _show_names(self, process: ProcessKey, names: Mapping[int, str]) -> None:
        self._process = process
        # Keep only current addresses: in a long-lived process the names would accumulate.
        now = {row.thread.instruction for row in self._threads}
        self._names = {address: name for address, name in names.items() if address in now}
        if self.is_attached:
            self.show_threads(self._threads)
