"""Reads a process in any state: its regions, their counters, the files behind them.

The states are documented in kernel/README.md, "Who may read what".
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.machine import shmem_device
from mmexplorer.kernel.process.idleness import Idleness
from mmexplorer.kernel.process.layout import LayoutReader
from mmexplorer.kernel.process.maps import MapsReader
from mmexplorer.kernel.process.smaps import SmapsReader
from mmexplorer.kernel.process.table import NOT_ASKED, ProcessSample, command_only, read_process
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.model.budget import LONGEST_HOLD, seconds_of
from mmexplorer.model.differing import differing
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.elf.match import concerns_layout
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.process.thread import Thread
from mmexplorer.model.region import Range, Region
from mmexplorer.model.role import Judged, judge, surroundings
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.model.typed import TYPE_CHECKING, TypeVar
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.usages import Usages
from mmexplorer.model.value import NamedTuple, replace
from mmexplorer.parse.process.maps import MapsReading
from mmexplorer.parse.process.smaps import Bodies

if TYPE_CHECKING:
    from mmexplorer.kernel.process.carried import CarriedCounters
    from mmexplorer.kernel.process.threads import ThreadsReader
    from mmexplorer.model.carried import Known

Value = TypeVar("Value")

_KERNEL_THREAD = Unavailable(
    Cause.UNSUPPORTED, "a kernel thread: it works in the kernel's memory and has no address space or program of its own"
)
_NONE_KNOWN: "Mapping[Range, Known]" = {}
_EXITING = Unavailable(Cause.GONE, "the process is exiting: its memory is already freed")


class _Program(NamedTuple):
    """Identifies the program a process runs, which changes with execve(2)."""

    start_stack: int
    exe: str | Unavailable
    """Without the kernel's ` (deleted)`: an upgrade of its package removes a program that goes on."""


class Understood(NamedTuple):
    """What was understood of a process at one moment."""

    maps: MapsReading
    bodies: Bodies
    judged: Judged


def read_address_space(procfs: Procfs, files: MappedFiles, pid: int, request: Request) -> AddressSpace | Unavailable:
    """Read a process and the files it maps, once. Unavailable if it is gone or its maps can't be read.

    A process that exists but has no memory gives an address space without regions, with the reason.
    """
    return AddressSpaces(procfs, files).read(pid, request)


def look_into(
    procfs: Procfs, files: MappedFiles, sample: ProcessSample, request: Request
) -> AddressSpace | Unavailable:
    """Read one of many processes once, and only what `request` needs."""
    if request.elf or request.counters:
        space = TrackedProcess(procfs, files, sample.process).read(sample, request)
        return space if space.unavailable is None else space.unavailable
    regions = MapsReader(procfs, files).read(sample.memory_pid)
    if isinstance(regions, Unavailable):
        return regions
    if not regions:
        return _without_memory(sample.process)
    return AddressSpace(sample.process, regions, NOT_ASKED, Layout(), {}, NOT_ASKED)


class AddressSpaces:
    """Reads processes repeatedly, keeping of each what its next reading can reuse."""

    def __init__(self, procfs: Procfs, files: MappedFiles) -> None:
        self._procfs = procfs
        self._files = files
        self._tracked: dict[ProcessKey, TrackedProcess] = {}

    def read(self, pid: int, request: Request) -> AddressSpace | Unavailable:
        """Read a process now, as `read_address_space` does."""
        sample = read_process(self._procfs, pid, command_only(self._procfs))
        if isinstance(sample, Unavailable):
            return sample
        key = sample.process.key
        tracked = self._tracked.get(key) or TrackedProcess(self._procfs, self._files, sample.process)
        self._tracked[key] = tracked
        return readable(tracked.read(sample, request))


class TrackedProcess:
    """Reads one process repeatedly, keeping what the next reading can reuse."""

    def __init__(
        self,
        procfs: Procfs,
        files: MappedFiles,
        process: Process,
        *,
        counts: bool = True,
        known: Understood | None = None,
    ) -> None:
        """`counts`: whether to count pages when smaps isn't read; both share one budget.

        `known` is what was understood of the process at another moment, earlier or later: whatever is equal to that is
        the same object.
        """
        self._procfs = procfs
        self._live = procfs.live if counts else None
        self._files = files
        self._maps = MapsReader(procfs, files) if known is None else MapsReader(procfs, files, known.maps)
        self._smaps = SmapsReader(procfs) if known is None else SmapsReader(procfs, known.bodies)
        self._idleness = Idleness(procfs.live)
        self._carried: CarriedCounters | None = None
        """None while each region has the counters of a first reading: importing it takes long."""
        self._has_fresh_counters = False
        self._threads: ThreadsReader | None = None
        """None until the threads are asked about."""
        self._judged = Judged() if known is None else known.judged
        self._program: _Program | None = None
        self._layouts = LayoutReader(procfs, files)
        self._laid_out: tuple[Region, ...] | None = None
        """The regions for which the layout was made, or that are equivalent to those."""
        self.memory_pid = process.pid
        """The number below /proc through which the memory is read."""
        self.seconds = 0.0
        """The cost of the last reading: wall time for maps and smaps, processor time for counting."""
        self.longest = 0.0
        """The longest the process's own calls may have waited for a single one of these calls."""
        self.space = AddressSpace(process, regions=(), counters=ENDED, layout=Layout(), files={}, exe=ENDED)
        """The result of the last reading."""

    def read(self, sample: ProcessSample | None, request: Request) -> AddressSpace:
        """Read it again; `sample` is None if the process is gone."""
        self.seconds = self.longest = 0.0
        if sample is None:
            self.space = _without_regions(self.space, ENDED)
        else:
            self.space = self._read(sample, request)
            if request.elf and not self.space.unavailable:
                self.space = self._with_layout(self.space, sections=request.sections)
        return self.space

    @property
    def understood(self) -> Understood:
        """What a reading at another moment can reuse."""
        return Understood(self._maps.reading, self._smaps.bodies, self._judged)

    def understand_smaps(self, text: bytes) -> Usages:
        """Parse a text of smaps; counters equal to those of the last one are the same objects."""
        return self._smaps.understand(text).usages

    def _read(self, sample: ProcessSample, request: Request) -> AddressSpace:
        self.memory_pid = sample.memory_pid
        if self._carried is None and self.space.regions and not request.counters_now:
            self._carried = self._new_carried()
            self._carried.advance(self.memory_pid, self.space.regions, self.space.counters)
        space = replace(self.space, process=sample.process)
        regions = self._timed(partial(self._regions, request, sample.process))
        exe = _exe(self._procfs, sample)
        if isinstance(regions, Unavailable) or not regions:
            reason = (
                _explained(regions, sample) if isinstance(regions, Unavailable) else _without_memory(sample.process)
            )
            return _without_regions(space if space.regions else replace(space, exe=exe), reason)
        space = self._of_program(replace(space, exe=exe), _Program(sample.stat.start_stack, _undeleted(exe)))
        wanted = request.counters and not self._has_fresh_counters
        hold = partial(self._expected_hold, sample.process, () if request.however_long else regions)
        idle = partial(self._idleness.since, sample.process.pid)
        if wanted and self._smaps.due(sample.process, self._maps.seconds, len(regions), hold, idle):
            regions = self._timed(partial(self._regions_of_smaps, sample.process)) or regions
        counters = self._smaps.latest
        known = self._known(regions, counters)
        if wanted and request.elf and self._smaps.held_back and self._carried is not None:
            process = sample.process
            known = self._carried.count_on(self.memory_pid, (process.rss, process.min_flt, process.maj_flt))
            self._charge(self._carried)
        return replace(
            self._named(space, regions, request),
            regions=regions,
            counters=counters,
            known=known,
            unavailable=None,
            ended_at=None,
            through_thread=sample.through_thread,
            unread_lines=self._maps.unread,
        )

    def _known(self, regions: tuple[Region, ...], counters: Counters | Unavailable) -> "Mapping[Range, Known]":
        """Return the counters of regions that the last reading of smaps doesn't have."""
        if self._carried is None:
            if isinstance(counters, Counters) and all(counters.by_range.of_each(regions)):
                return _NONE_KNOWN
            self._carried = self._new_carried()
        known = self._carried.advance(self.memory_pid, regions, counters)
        self._charge(self._carried)
        return known

    def _new_carried(self) -> "CarriedCounters":
        from mmexplorer.kernel.process.carried import CarriedCounters  # noqa: PLC0415 - see `_carried`

        return CarriedCounters(self._live)

    def _charge(self, carried: "CarriedCounters") -> None:
        """Charge the time spent counting to the budget."""
        self.seconds += carried.seconds
        self.longest = max(self.longest, carried.longest)
        self._smaps.charge(carried.seconds)

    def _expected_hold(self, process: Process, regions: Sequence[Region]) -> float:
        """Estimate how long smaps would stall the process at a stretch: while its largest region is walked."""
        if isinstance(process.rss, Unavailable) or seconds_of(process.rss) <= LONGEST_HOLD:
            return 0.0
        large = (region for region in regions if seconds_of(region.size) > LONGEST_HOLD)
        return seconds_of(min(process.rss, max(map(self._resident, large), default=0)))

    def _resident(self, region: Region) -> int:
        usage = self._carried.usage_of(region) if self._carried is not None else None
        rss = usage.get("Rss") if usage is not None else None
        return region.size if rss is None else rss

    def _regions(self, request: Request, process: Process) -> tuple[Region, ...] | Unavailable:
        """Return the regions in smaps if that was requested, to match its counters; otherwise those in maps."""
        self._has_fresh_counters = False
        found = self._regions_of_smaps(process) if request.counters_now else ()
        return found or self._maps.read(self.memory_pid)

    def _named(self, space: AddressSpace, regions: tuple[Region, ...], request: Request) -> AddressSpace:
        """Determine roles from neighbours and threads, unless nothing relevant has changed."""
        process = space.process
        threads: tuple[Thread, ...] = ()
        # A single thread of a live process is only worth the reads if it is shown; a core says where it was.
        if request.elf and (process.threads > 1 or request.threads or self._procfs.live is None):
            threads = self._read_threads(process.pid, all_again=request.threads)
        if regions is self._judged.regions and threads is space.threads and space.roles is self._judged.roles:
            return space
        shmem = shmem_device() if isinstance(self._procfs, LiveProcfs) else None
        around = surroundings(regions, threads, process.threads, shmem, self._judged)
        if regions is not self._judged.regions or around != self._judged.around:
            self._judged = judge(regions, around, self._judged)
        return replace(space, threads=threads, roles=self._judged.roles)

    def _read_threads(self, pid: int, *, all_again: bool) -> tuple[Thread, ...]:
        from mmexplorer.kernel.process.threads import ThreadsReader  # noqa: PLC0415 - most processes have one thread

        self._threads = self._threads or ThreadsReader(self._procfs)
        return self._threads.read(pid, all_again=all_again)

    def _regions_of_smaps(self, process: Process) -> tuple[Region, ...]:
        headers = self._smaps.read(self.memory_pid, process.rss)
        if isinstance(headers, Unavailable):
            return ()
        self._has_fresh_counters = True
        live = self._procfs.live
        self.longest = live.longest_read if live is not None else 0.0
        # smaps doesn't contain the lines of maps that weren't understood: then maps is the better source.
        return () if self._maps.unread or not headers else self._maps.understand(self.memory_pid, headers)

    def _timed(self, read: Callable[[], Value]) -> Value:
        start = time.perf_counter()
        value = read()
        self.seconds += time.perf_counter() - start
        return value

    def _of_program(self, space: AddressSpace, program: _Program) -> AddressSpace:
        """Forget the previous program after an execve: equal addresses now mean something else."""
        before, self._program = self._program, program
        if before in (None, program):
            return space
        if not self._has_fresh_counters:
            self._smaps = SmapsReader(self._procfs)
        self._carried = self._new_carried()
        self._laid_out = None
        return replace(space, layout=Layout(), files={})

    def _with_layout(self, space: AddressSpace, *, sections: bool) -> AddressSpace:
        if self._laid_out is space.regions:
            return space
        before, self._laid_out = self._laid_out, space.regions
        changed = differing(before or (), space.regions)
        # Ask a file system that didn't respond again whenever something has changed.
        answered = not any(
            isinstance(file, Unavailable) and file.cause is Cause.NO_ANSWER for file in space.files.values()
        )
        if before is not None and answered and not concerns_layout(space.layout, changed):
            return space
        if before is None:
            self._layouts = LayoutReader(self._procfs, self._files)
        layout, files = self._layouts.read(self.memory_pid, space.regions, changed, sections=sections)
        return replace(space, layout=layout, files=files)


def readable(space: AddressSpace) -> AddressSpace | Unavailable:
    """Return `space`, or why nothing can be shown of the process; one that is there and has no memory can be shown."""
    reason = space.unavailable
    return space if reason is None or reason == _without_memory(space.process) else reason


def _without_regions(space: AddressSpace, reason: Unavailable) -> AddressSpace:
    """Keep the last map of a process; record the time when it is first found to have ended."""
    ended = reason.cause is Cause.GONE and (space.regions or reason is ENDED)
    return replace(
        space,
        counters=space.counters if space.regions else reason,
        unavailable=reason,
        ended_at=(space.ended_at or time.time()) if ended else space.ended_at,
    )


def _without_memory(process: Process) -> Unavailable:
    """Say why the process's maps is empty."""
    if process.kernel_thread:
        return _KERNEL_THREAD
    if process.state == "Z":
        return Unavailable(
            Cause.GONE,
            "a zombie: it has exited and its memory is freed; only its exit status waits, "
            f"for its parent {process.ppid} to collect",
        )
    return _EXITING


def _undeleted(exe: str | Unavailable) -> str | Unavailable:
    return exe if isinstance(exe, Unavailable) else exe.removesuffix(" (deleted)")


def _exe(procfs: Procfs, sample: ProcessSample) -> str | Unavailable:
    """Return the target of /proc/PID/exe; a process without memory has no such link although it exists."""
    link = procfs.link(f"{sample.memory_pid}/exe")
    if not isinstance(link, Unavailable):
        return link
    return _without_memory(sample.process) if link.cause is Cause.GONE else _explained(link, sample)


def _explained(reason: Unavailable, sample: ProcessSample) -> Unavailable:
    """Replace the reason if a file wasn't recorded that says nothing of a process without memory anyway."""
    process = sample.process
    lacks_memory = process.kernel_thread or (process.state == "Z" and sample.through_thread is None)
    return _without_memory(process) if lacks_memory and reason.cause is Cause.NOT_READ else reason
