"""The cost of a refresh after one region of a process changed, compared with a plain read of its maps."""

import contextlib
import subprocess
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
from tests.bench.programs import ENVIRONMENT, FOLDER, MANY_REGIONS

SIZES = (100, 1_000, 10_000, 60_000)
"""Regions; the kernel's default limit is 65,530 (vm.max_map_count)."""
BOUND = 1.0
"""Upper bound of a refresh at the largest size, in multiples of a read of maps."""


class _Looker:
    """Refreshes one process as the explorer does, but without the list of all processes."""

    def __init__(self, pid: int) -> None:
        self._procfs = LiveProcfs()
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

    def order(self, options: RegionOptions) -> float:
        """Sort or filter the regions, and return the CPU seconds."""
        assert self._view is not None
        start = time.thread_time()
        build_view(self._view, self._view.snapshot, ViewOptions(regions=options))
        return time.thread_time() - start


@contextlib.contextmanager
def order_measures(regions: int) -> Iterator[dict[str, Measure]]:
    """Yield the cost of sorting and filtering that many regions."""
    query = parse_query("kind:anon size>1M", REGION_FIELDS)
    assert isinstance(query, Query)
    with _process(regions) as process:
        looker = _Looker(process.pid)
        looker.look()
        yield {
            "sort by size": lambda: looker.order(RegionOptions(sort="size", descending=True)),
            "filter kind:anon size>1M": lambda: looker.order(RegionOptions(query=query)),
            "plain read of maps": lambda: _plain_read(process.pid),
        }


@contextlib.contextmanager
def tick_measures(regions: int) -> Iterator[dict[str, Measure]]:
    """Yield the measures of a process with that many regions, one of which comes or goes before each refresh."""
    with _process(regions) as process:
        change = _changer(process)
        looker = _Looker(process.pid)
        looker.look()

        def tick() -> float:
            change()
            return looker.look()

        yield {"look with one change": tick, "plain read of maps": lambda: _plain_read(process.pid)}


@contextlib.contextmanager
def _process(regions: int) -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        [*MANY_REGIONS, str(regions)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
        cwd=FOLDER,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.stdin.close()


def _changer(process: "subprocess.Popen[str]") -> Callable[[], None]:
    def change() -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()

    return change


def _plain_read(pid: int) -> float:
    start = time.thread_time()
    Path(f"/proc/{pid}/maps").read_bytes()
    return time.thread_time() - start
