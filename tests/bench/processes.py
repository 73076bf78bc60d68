"""What a refresh of the list of processes costs, compared with other programs that list them."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil

from mmexplorer.kernel.capture.remembering_source import RememberingSource
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.process.process import Process
from mmexplorer.model.snapshot import Machine, Snapshot
from mmexplorer.model.source import Request
from mmexplorer.present.explore.processes import NO_PROCESSES, ProcessOptions, process_rows
from tests.bench.commands import Spent
from tests.bench.figures import Measure
from tests.bench.running import sleepers

COUNTS = (100, 1_000, 2_000, 5_000)
"""Processes, all asleep, besides those that are there anyway."""
BOUND = 0.3
"""Upper bound of a refresh of 2,000 processes, in multiples of `ps`."""
_OPTIONS = ProcessOptions(sort="rss", descending=True)
_PS = ["ps", "-e", "-o", "pid,user,rss,vsz,min_flt,maj_flt,nlwp,stat,comm,args"]
_PSUTIL = ["pid", "username", "memory_info", "num_threads", "status", "name", "cmdline"]
"""Both ask for what the list shows."""


class _Lister:
    """Refreshes the list as the explorer does."""

    def __init__(self, read: Callable[[], Iterable[Process]]) -> None:
        self._read = read
        self._machine = Machine("bench", "", 4096, 0, 0)
        self._before: Snapshot | None = None
        self._rows = NO_PROCESSES

    def refresh(self) -> float:
        """Refresh, and return the CPU seconds."""
        start = time.thread_time()
        snapshot = Snapshot(time.time(), time.monotonic(), self._machine, tuple(self._read()))
        self._rows = process_rows(self._before, snapshot, _OPTIONS, self._rows.all)
        self._before = snapshot
        return time.thread_time() - start


@contextlib.contextmanager
def process_measures(count: int) -> Iterator[dict[str, Measure]]:
    """Yield the measures with so many more processes."""
    procfs = LiveProcfs()  # one for both: together they would keep more files open than a process may
    table, source = ProcessTable(procfs), RememberingSource(procfs)
    with sleepers(count):
        yield {
            "refresh": _Lister(lambda: (sample.process for sample in table.read().values())).refresh,
            "ps": Spent(_PS),
            "psutil.process_iter": _psutil,
            "refresh, last minutes kept": _Lister(lambda: source.sample(Request()).processes).refresh,
        }


def may_start(count: int) -> bool:
    """Return whether this machine has numbers left for so many more processes."""
    return count < int(Path("/proc/sys/kernel/pid_max").read_text()) // 2


def _psutil() -> float:
    start = time.thread_time()
    assert all(process.pid for process in psutil.process_iter(_PSUTIL))
    return time.thread_time() - start
