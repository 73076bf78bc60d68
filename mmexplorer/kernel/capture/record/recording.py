"""Takes moments of one process, or of all, within the budget."""

import os
import sys
import time
from collections.abc import Collection, Iterator, Mapping

from mmexplorer.kernel.capture.files import RecordingFiles
from mmexplorer.kernel.capture.record.recorder import MomentMaker, Recorded, RecordingProcfs
from mmexplorer.kernel.process.address_space import TrackedProcess
from mmexplorer.kernel.process.table import Owners, ProcessSample, ProcessTable, read_process
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.budget import SHARE
from mmexplorer.model.capture.moments import Clocks, Manifest
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple

_OF_MACHINE = ("meminfo", "vmstat", "pressure/memory", "swaps")
"""Read for each moment, for the System screen."""
_SETTINGS_EVERY = 60
_SETTINGS = (
    "zoneinfo", "sys/vm/overcommit_memory", "sys/vm/overcommit_ratio", "sys/vm/panic_on_oom", "sys/vm/swappiness",
    "sys/vm/min_free_kbytes",
)  # fmt: skip
"""Large or rarely changed: read for one moment in `_SETTINGS_EVERY`."""
_EXITED = frozenset("ZX")
_BIGGEST = 10
"""The number of processes whose smaps is read when all are recorded."""


def clocks_now() -> Clocks:
    """Read the three clocks."""
    return Clocks(time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME))


class Taken(NamedTuple):
    """A moment, and whether more will follow."""

    recorded: Recorded
    seconds: float
    """Wall time spent reading maps and smaps, which may have stalled processes."""
    ended: bool


class _Machine:
    """Reads the figures of the machine itself."""

    def __init__(self, procfs: RecordingProcfs) -> None:
        self._procfs = procfs
        self._times = 0

    def read(self) -> None:
        for name in _OF_MACHINE + (_SETTINGS if self._times % _SETTINGS_EVERY == 0 else ()):
            self._procfs.read(name)
        self._times += 1


class ProcessRecording:
    """Records one process until it ends."""

    def __init__(self, procfs: LiveProcfs, key: ProcessKey) -> None:
        self._procfs = RecordingProcfs(procfs)
        self._files = RecordingFiles(procfs, self._procfs)
        self._owners = Owners(self._procfs)
        self._machine = _Machine(self._procfs)
        self._maker = MomentMaker()
        self._key = key
        self._tracked: TrackedProcess | None = None

    def take(self, *, counters: bool = True, counters_now: bool = False) -> Taken:
        """Take a moment; read smaps within the budget, immediately, or not at all."""
        start, clocks = time.perf_counter(), clocks_now()
        self._machine.read()
        self._procfs.read(f"{self._key.pid}/status")
        self._owners.changed((self._key,))
        sample = read_process(self._procfs, self._key.pid, self._owners.owner)
        alive = isinstance(sample, ProcessSample) and sample.process.key == self._key
        if isinstance(sample, ProcessSample) and alive:
            self._read(sample, Request(counters=counters, counters_now=counters_now, however_long=True))
        self._procfs.keep("list/", (self._key.pid,) if alive else ())
        seconds = time.perf_counter() - start
        exited = isinstance(sample, ProcessSample) and sample.process.state in _EXITED and not sample.through_thread
        held = self._tracked.seconds if self._tracked is not None and alive else 0.0
        return Taken(self._maker.make(self._procfs.take(), clocks, seconds), held, not alive or exited)

    @property
    def space(self) -> AddressSpace | None:
        """The result of the last look; None before the first."""
        return None if self._tracked is None else self._tracked.space

    def _read(self, sample: ProcessSample, request: Request) -> None:
        if self._tracked is None:
            self._tracked = TrackedProcess(self._procfs, self._files, sample.process, counts=False)
        self._tracked.read(sample, request)


class AllRecording:
    """Records all processes: stat and statm each time, maps in turn, smaps of the biggest within the budget."""

    def __init__(self, procfs: LiveProcfs, every: float) -> None:
        self._procfs = RecordingProcfs(procfs)
        self._files = RecordingFiles(procfs, self._procfs)
        self._machine = _Machine(self._procfs)
        self._table = ProcessTable(self._procfs)
        self._maker = MomentMaker()
        self._allowance = every * SHARE
        self._left = 0.0
        """Seconds that were saved; negative if they are owed, as after the first moment."""
        self._at_most = every / 2
        self._tracked: dict[ProcessKey, TrackedProcess] = {}
        self._read_at: dict[ProcessKey, int] = {}
        self._moments = 0

    def take(self) -> Taken:
        """Take a moment."""
        start, clocks = time.perf_counter(), clocks_now()
        self._machine.read()
        samples = self._table.read()
        self._moments += 1
        self._forget(samples.keys())
        allowed = min(self._left, 0.0) + self._allowance
        spent = 0.0
        for key, smaps in self._turns(samples):
            if spent >= allowed or time.perf_counter() - start > self._at_most:
                break
            spent += self._read(key, samples[key], counters=smaps)
        self._left = allowed - spent - (self._allowance if self._moments == 1 else 0.0)
        seconds = time.perf_counter() - start
        return Taken(self._maker.make(self._procfs.take(), clocks, seconds), spent, ended=False)

    def _turns(self, samples: dict[ProcessKey, ProcessSample]) -> Iterator[tuple[ProcessKey, bool]]:
        """Iterate over the processes, longest unseen first; of the biggest, read smaps too."""
        with_memory = [key for key, sample in samples.items() if not sample.process.kernel_thread]
        biggest = set(sorted(with_memory, key=lambda key: -_rss(samples[key]))[:_BIGGEST])
        for key in sorted(with_memory, key=lambda key: self._read_at.get(key, -1)):
            yield key, key in biggest

    def _read(self, key: ProcessKey, sample: ProcessSample, *, counters: bool) -> float:
        tracked = self._tracked.get(key)
        if tracked is None:
            tracked = self._tracked[key] = TrackedProcess(self._procfs, self._files, sample.process, counts=False)
        tracked.read(sample, Request(counters=counters, however_long=True))
        self._read_at[key] = self._moments
        return tracked.seconds

    def _forget(self, living: Collection[ProcessKey]) -> None:
        self._tracked = {key: tracked for key, tracked in self._tracked.items() if key in living}
        self._read_at = {key: at for key, at in self._read_at.items() if key in living}


def _rss(sample: ProcessSample) -> int:
    return 0 if isinstance(sample.process.rss, Unavailable) else sample.process.rss


def manifest_now(procfs: LiveProcfs, options: Mapping[str, str]) -> Manifest:
    """Describe this machine for a capture that starts now."""
    boot_id = procfs.read("sys/kernel/random/boot_id")
    return Manifest(
        host=procfs.host,
        kernel=procfs.kernel,
        boot_id="" if isinstance(boot_id, Unavailable) else boot_id.decode("ascii", "replace").strip(),
        page_size=procfs.page_size,
        clock_ticks=os.sysconf("SC_CLK_TCK"),
        byte_order=sys.byteorder,
        machine=os.uname().machine,
        uid=os.geteuid(),
        started=clocks_now(),
        options=options,
    )
