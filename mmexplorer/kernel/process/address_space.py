"""The process that is looked at, from tick to tick, in every state it may be in (kernel.md 6)."""

import time
from dataclasses import replace
from typing import NamedTuple

from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.process.layout import read_layout
from mmexplorer.kernel.process.maps import MapsReader
from mmexplorer.kernel.process.smaps import SmapsReader, smaps_text
from mmexplorer.kernel.process.table import ProcessSample, command_only, read_process
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.layout import Layout
from mmexplorer.model.process import Process
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.smaps import header_lines, parse_smaps

_KERNEL_THREAD = Unavailable(
    Cause.UNSUPPORTED, "a kernel thread: it works in the kernel's memory and has no address space or program of its own"
)
_EXITING = Unavailable(Cause.GONE, "the process is exiting: its memory is already freed")


class _Program(NamedTuple):
    """Tells one program that a process runs from the next after execve(2)."""

    start_stack: int
    exe: str | Unavailable


class TrackedProcess:
    """Looks at one process and remembers what the next look can use again."""

    def __init__(self, procfs: Procfs, files: MappedFiles, process: Process) -> None:
        self._procfs = procfs
        self._files = files
        self._regions = MapsReader(procfs, files)
        self._counters = SmapsReader(procfs)
        self._program: _Program | None = None
        self._laid_out: tuple[Region, ...] | None = None
        self.memory_pid = process.pid
        """The number below /proc under which the memory is seen."""
        self.seconds = 0.0
        """What reading maps and smaps cost in the last look."""
        self.space = AddressSpace(process, regions=(), counters=ENDED, layout=Layout(), files={}, exe=ENDED)
        """What the last look saw."""

    def look(self, sample: ProcessSample | None, request: Request) -> AddressSpace:
        """Look again; `sample` is None when the process is gone."""
        self.seconds = 0.0
        if sample is None:
            self.space = _without_regions(self.space, ENDED)
        else:
            self.space = self._look(sample, request)
            if request.elf and not self.space.unavailable:
                self.space = self._with_layout(self.space)
        return self.space

    def _look(self, sample: ProcessSample, request: Request) -> AddressSpace:
        self.memory_pid = sample.memory_pid
        start = time.perf_counter()
        regions = self._regions.read(self.memory_pid)
        self.seconds = maps_seconds = time.perf_counter() - start
        space = replace(self.space, process=sample.process)
        if isinstance(regions, Unavailable) or not regions:
            reason = regions if isinstance(regions, Unavailable) else without_memory(sample.process)
            known = space if space.regions else replace(space, exe=exe_of(self._procfs, sample))
            return _without_regions(known, reason)
        space = self._after_exec(space, _Program(sample.stat.start_stack, exe_of(self._procfs, sample)))
        start = time.perf_counter()
        counters = self._counters.read(sample.process, self.memory_pid, maps_seconds, at_once=request.counters_now)
        self.seconds += time.perf_counter() - start
        return replace(
            space,
            regions=regions,
            counters=counters,
            unavailable=None,
            ended_at=None,
            through_thread=sample.through_thread,
            unread_lines=self._regions.unread,
        )

    def _after_exec(self, space: AddressSpace, program: _Program) -> AddressSpace:
        """Forget what was known of the program before, if the process runs another one now: equal addresses may lie."""
        if self._program in (None, program):
            self._program = program
            return replace(space, exe=program.exe)
        self._program = program
        self._counters = SmapsReader(self._procfs)
        self._laid_out = None
        return replace(space, exe=program.exe, layout=Layout(), files={})

    def _with_layout(self, space: AddressSpace) -> AddressSpace:
        if self._laid_out is space.regions:
            return space
        self._laid_out = space.regions
        layout, files = read_layout(self._procfs, self._files, self.memory_pid, space.regions)
        return replace(space, layout=layout, files=files)


def _without_regions(space: AddressSpace, reason: Unavailable) -> AddressSpace:
    """Keep the last map of a process that had one; the first time it is found to be gone is when it ended."""
    ended = reason.cause is Cause.GONE and (space.regions or reason is ENDED)
    return replace(
        space,
        counters=space.counters if space.regions else reason,
        unavailable=reason,
        ended_at=(space.ended_at or time.time()) if ended else space.ended_at,
    )


def without_memory(process: Process) -> Unavailable:
    """Say why maps of this process is empty."""
    if process.kernel_thread:
        return _KERNEL_THREAD
    if process.state == "Z":
        return Unavailable(
            Cause.GONE,
            "a zombie: it has exited and its memory is freed; only its exit status waits, "
            f"for its parent {process.ppid} to collect",
        )
    return _EXITING


def exe_of(procfs: Procfs, sample: ProcessSample) -> str | Unavailable:
    """Give where /proc/PID/exe leads; a process without memory has no such link though it is still there."""
    link = procfs.link(f"{sample.memory_pid}/exe")
    gone = isinstance(link, Unavailable) and link.cause is Cause.GONE
    return without_memory(sample.process) if gone else link


def look_once(procfs: Procfs, files: MappedFiles, pid: int) -> AddressSpace | Unavailable:
    """Look at a process and the files it maps; Unavailable if it is gone or keeps its maps to itself."""
    sample = read_process(procfs, pid, command_only(procfs))
    if isinstance(sample, Unavailable):
        return sample
    reader = MapsReader(procfs, files)
    read = _regions_and_counters(procfs, reader, sample.memory_pid)
    if isinstance(read, Unavailable):
        return read
    regions, counters = read
    process, memory_pid = sample.process, sample.memory_pid
    layout, images = read_layout(procfs, files, memory_pid, regions) if regions else (Layout(), {})
    return AddressSpace(
        process=process,
        regions=regions,
        counters=counters,
        layout=layout,
        files=images,
        exe=exe_of(procfs, sample),
        unavailable=None if regions else without_memory(process),
        through_thread=sample.through_thread,
        unread_lines=reader.unread,
    )


def _regions_and_counters(
    procfs: Procfs, reader: MapsReader, pid: int
) -> tuple[tuple[Region, ...], Counters | Unavailable] | Unavailable:
    start = time.perf_counter()
    text = smaps_text(procfs, pid)
    if isinstance(text, Unavailable):
        regions = reader.read(pid)
        return regions if isinstance(regions, Unavailable) else (regions, text)
    counters = Counters(time.monotonic(), time.perf_counter() - start, parse_smaps(text))
    return reader.understand(pid, header_lines(text)), counters
