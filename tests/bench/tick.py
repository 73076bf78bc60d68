"""The cost of a refresh after one region of a process changed, compared with a plain read of its maps."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.process.address_space import TrackedProcess
from mmexplorer.kernel.process.table import command_only, read_process
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.query import Query, parse_query
from mmexplorer.model.snapshot import Machine, Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.explore.region_rows import RegionOptions
from mmexplorer.present.explore.view import ExploreView, ViewOptions, build_view
from mmexplorer.present.region.fields import REGION_FIELDS
from tests.bench.figures import Measure
from tests.bench.target import change, regions

BOUND = 1.0
"""Upper bound of a refresh at the largest size, in multiples of a read of maps."""
SORT, FILTER = "sort by size", "filter kind:anon size>1M"
SORT_BOUND, FILTER_BOUND = 60, 120
"""Milliseconds, at the largest size."""


class _TimedProcfs(LiveProcfs):
    """Adds up the processor time of reading maps."""

    seconds = 0.0

    def reread(self, name: str, known: bytes) -> bytes | Unavailable:
        start = time.thread_time()
        text = super().reread(name, known)
        self.seconds += time.thread_time() - start
        return text


class _Looker:
    """Refreshes one process as the explorer does, but without the list of all processes."""

    def __init__(self, pid: int) -> None:
        self._procfs = _TimedProcfs()
        self._pid = pid
        self._process: TrackedProcess | None = None
        self._view: ExploreView | None = None

    def look(self) -> float:
        """Refresh, and return the CPU seconds."""
        start = time.thread_time()
        sample = read_process(self._procfs, self._pid, command_only(self._procfs))
        assert not isinstance(sample, Unavailable)
        if self._process is None:
            self._process = TrackedProcess(self._procfs, ElfCache(self._procfs), sample.process)
        # Counters are read as the budget allows, not at each refresh.
        space = self._process.read(sample, Request(sample.process.key, elf=True, counters=False))
        machine = Machine("bench", "", self._procfs.page_size, 0, 0)
        snapshot = Snapshot(time.time(), time.monotonic(), machine, (sample.process,), space)
        self._view = build_view(self._view, snapshot, ViewOptions())
        return time.thread_time() - start

    def look_without_reading(self) -> float:
        """Refresh, and return the CPU seconds less those of reading maps."""
        before = self._procfs.seconds
        return self.look() - (self._procfs.seconds - before)

    def order(self, options: RegionOptions) -> float:
        """Sort or filter the regions, and return the CPU seconds."""
        assert self._view is not None
        start = time.thread_time()
        build_view(self._view, self._view.snapshot, ViewOptions(regions=options))
        return time.thread_time() - start


@contextlib.contextmanager
def order_measures(count: int) -> Iterator[dict[str, Measure]]:
    """Yield the cost of sorting and filtering that many regions."""
    query = parse_query("kind:anon size>1M", REGION_FIELDS)
    assert isinstance(query, Query)
    with regions(count) as process:
        looker = _Looker(process.pid)
        looker.look()
        yield {
            SORT: lambda: looker.order(RegionOptions(sort="size", descending=True)),
            FILTER: lambda: looker.order(RegionOptions(query=query)),
            "plain read of maps": lambda: _plain_read(process.pid),
        }


@contextlib.contextmanager
def tick_measures(count: int) -> Iterator[dict[str, Measure]]:
    """Yield the measures of a process with that many regions, one of which comes or goes before each refresh."""
    with regions(count) as process:
        looker = _Looker(process.pid)
        looker.look()

        def after_a_change(look: Callable[[], float]) -> float:
            change(process)
            return look()

        yield {
            "look with one change": lambda: after_a_change(looker.look),
            "without its own read of maps": lambda: after_a_change(looker.look_without_reading),
            "plain read of maps": lambda: _plain_read(process.pid),
        }


def _plain_read(pid: int) -> float:
    start = time.thread_time()
    Path(f"/proc/{pid}/maps").read_bytes()
    return time.thread_time() - start
