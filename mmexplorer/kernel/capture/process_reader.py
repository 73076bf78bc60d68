"""Reads processes at moments of a capture, in any order."""

from collections.abc import Callable

from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.process.address_space import TrackedProcess, Understood, readable
from mmexplorer.kernel.process.table import ProcessSample, command_only, read_process
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.capture.moments import Clocks
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.usages import Usages
from mmexplorer.model.value import replace

KnownLive = Callable[[ProcessKey], Understood | None]
"""Returns what the live source has understood of a process, if it is looking at it."""


def nothing_live(_key: ProcessKey) -> Understood | None:
    """Return None: there is no live source."""
    return None


class ProcessReader:
    """Reads processes. What is equal to the last reading of the same process is the same object.

    Most moments differ little from those around them, so most work of whoever shows them one after another is saved.
    """

    def __init__(self, known_live: KnownLive = nothing_live) -> None:
        self._known_live = known_live
        self._last: AddressSpace | None = None
        """The last process."""
        self._understood: Understood | None = None
        self._usages: tuple[str, int, Usages] | None = None
        """The counters last read: the name of their text, the number of the moment that has it, and what it says."""

    def read(self, procfs: Procfs, files: MappedFiles, pid: int, request: Request) -> AddressSpace | Unavailable:
        """Read a process as `read_address_space` does, from a `ReplayProcfs` with the moment's newest counters."""
        sample = read_process(procfs, pid, command_only(procfs))
        if isinstance(sample, Unavailable):
            return sample
        key = sample.process.key
        last = self._last if self._last is not None and self._last.process.key == key else None
        if last is None:
            self._understood, self._usages = self._known_live(key), None
        tracked = TrackedProcess(procfs, files, sample.process, known=self._understood)
        space = self._replayed(procfs, tracked, sample, request)
        if isinstance(space, AddressSpace):
            self._understood = tracked.understood
            self._last = space = space if last is None else _with_objects_of(last, space)
        return space

    def _replayed(
        self, procfs: Procfs, tracked: TrackedProcess, sample: ProcessSample, request: Request
    ) -> AddressSpace | Unavailable:
        """Take regions and counters from one reading of smaps if the moment has one; else use the newest counters."""
        if not isinstance(procfs, ReplayProcfs):
            return readable(tracked.read(sample, request))
        place = procfs.text_place(f"proc/{sample.process.pid}/smaps") if request.counters else None
        if place is not None and place.read == procfs.index:
            space = readable(tracked.read(sample, replace(request, counters_now=True)))
            return space if isinstance(space, Unavailable) else _with_time(space, procfs.clocks())
        space = readable(tracked.read(sample, replace(request, counters=False, counters_now=False)))
        if isinstance(space, Unavailable):
            return space
        older = procfs.older_map(str(sample.memory_pid))
        space = replace(space, read_at=older.realtime if older is not None else None)
        if not request.counters:
            return space
        return replace(space, counters=self._newest_counters(procfs, tracked, f"{sample.memory_pid}/smaps"))

    def _newest_counters(self, procfs: ReplayProcfs, tracked: TrackedProcess, name: str) -> Counters | Unavailable:
        place = procfs.text_place(f"proc/{name}")
        number = place.changed + procfs.moments.forgotten if place is not None else 0
        if place is None or self._usages is None or self._usages[:2] != (name, number):
            text = procfs.read(name)
            if place is None or isinstance(text, Unavailable):
                return text if isinstance(text, Unavailable) else procfs.moments.lacking
            self._usages = name, number, tracked.understand_smaps(text)
        read_at = procfs.read_at(f"proc/{name}", place)
        return Counters(0.0 if isinstance(read_at, Unavailable) else read_at.monotonic, 0.0, self._usages[2])


def _with_time(space: AddressSpace, read_at: Clocks | Unavailable) -> AddressSpace:
    if isinstance(space.counters, Unavailable) or isinstance(read_at, Unavailable):
        return space
    return replace(space, counters=replace(space.counters, taken_at=read_at.monotonic, seconds=0.0))


def _with_objects_of(last: AddressSpace, space: AddressSpace) -> AddressSpace:
    """Return an equal address space with the objects that another one has."""
    counters, before = space.counters, last.counters
    if isinstance(counters, Counters) and isinstance(before, Counters) and counters.by_range.same_as(before.by_range):
        counters = before if counters.taken_at == before.taken_at else replace(counters, by_range=before.by_range)
    return replace(
        space,
        counters=counters,
        layout=last.layout if space.layout == last.layout else space.layout,
        files=last.files if space.files == last.files else space.files,
        threads=last.threads if space.threads == last.threads else space.threads,
        roles=last.roles if space.roles == last.roles else space.roles,
    )
