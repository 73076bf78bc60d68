"""Measures a lab process and its descendants, and the machine's memory around them."""

from collections.abc import Iterator, Sequence

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.pages.pagemap import read_frames, read_pages
from mmexplorer.kernel.process.address_space import AddressSpaces
from mmexplorer.kernel.process.layout import read_layout
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.labs.measurement import Measurement, Program
from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.memory.pages import PageStates, is_private_file, within
from mmexplorer.model.region import Range, Region
from mmexplorer.model.source import Request
from mmexplorer.model.system.memory import Free, added, free
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.auxv import parse_auxv
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.smaps import parse_rollup
from mmexplorer.parse.process.status import parse_status
from mmexplorer.parse.system.meminfo import parse_meminfo
from mmexplorer.parse.system.sysctl import parse_integer
from mmexplorer.parse.system.vmstat import parse_vmstat

_PROCFS = LiveProcfs()

_SIZES = ("VmSize", "VmPTE")
"""Lines of status."""
_MEMINFO = {"Dirty": "dirty", "Committed_AS": "committed_as", "CommitLimit": "commit_limit"}
"""Figures taken directly from meminfo."""


class LabProcesses:
    """Collects, from the replies, a lab process's other processes and open program files."""

    def __init__(self) -> None:
        self._pids: dict[str, int] = {}
        self._descriptors: dict[str, int] = {}
        self._files = ElfCache(_PROCFS)
        self._spaces = AddressSpaces(_PROCFS, self._files)

    def clear(self) -> None:
        """Forget everything: the lab process was replaced, and those it made have ended with it."""
        self._pids.clear()
        self._descriptors.clear()
        self._spaces = AddressSpaces(_PROCFS, self._files)

    def note(self, operation: Operation, reply: LabReply) -> None:
        """Record the effects of an operation."""
        if "pid" in reply.figures:
            self._pids[str(operation.arguments["name"])] = reply.figures["pid"]
        elif "descriptor" in reply.figures:
            self._descriptors[str(operation.arguments["name"])] = reply.figures["descriptor"]
        elif operation.name == "end":
            self._pids.pop(str(operation.arguments["of"]), None)

    def measured(self, pid: int, watched: Range | None, program: str) -> Measurement | Unavailable:
        """Measure the lab process and the others; `program` is as in `Step.program`."""
        own = self._measure(pid, watched)
        if isinstance(own, Unavailable) or not (self._pids or program):
            return own
        others = {
            name: _with_frames(self._measure(other, watched), other, watched) for name, other in self._pids.items()
        }
        frames = None if watched is None else read_frames(_PROCFS, pid, watched)
        return replace(own, frames=frames, others=others, program=self._program(pid, program, others))

    def _program(
        self, pid: int, name: str, others: dict[str, Measurement | Unavailable]
    ) -> Program | Unavailable | None:
        running = others.get(name)
        if isinstance(running, Measurement):
            return _running_program(self._files, self._pids[name], running)
        return _program_file(self._files, pid, self._descriptors[name]) if name in self._descriptors else running

    def _measure(self, pid: int, watched: Range | None) -> Measurement | Unavailable:
        """Measure the process once; it is ours and idle meanwhile, so the readings are consistent."""
        space = self._spaces.read(pid, Request(elf=False, counters_now=True))
        if isinstance(space, Unavailable):
            return space
        counters = {"min_flt": space.process.min_flt, "maj_flt": space.process.maj_flt, **dict(_sums(pid))}
        if watched is None:
            return Measurement(space.regions, counters)
        pages = _pages(pid, watched, space.regions)
        # If the range is a region of its own, nothing else is counted with it.
        usage = None if isinstance(space.counters, Unavailable) else space.counters.by_range.get(watched)
        return Measurement(space.regions, counters, pages, usage)


def watched_pages(pid: int, watched: Range) -> PageStates | Unavailable:
    """Read the pages of a range while the process runs, up to a limit."""
    maps = _PROCFS.read(f"{pid}/maps")
    if isinstance(maps, Unavailable):
        return maps
    return _pages(pid, watched, parse_maps(maps).regions)


def _pages(pid: int, watched: Range, regions: Sequence[Region]) -> PageStates | Unavailable:
    pages = read_pages(_PROCFS, pid, watched, private_file=_private_file(regions, watched))
    return within(pages, regions) if isinstance(pages, PageStates) else pages


def _with_frames(measured: Measurement | Unavailable, pid: int, watched: Range | None) -> Measurement | Unavailable:
    if isinstance(measured, Unavailable) or watched is None:
        return measured
    return replace(measured, frames=read_frames(_PROCFS, pid, watched))


def _sums(pid: int) -> Iterator[tuple[str, int]]:
    """Yield the totals in status and smaps_rollup, as far as this kernel has them."""
    status = _PROCFS.read(f"{pid}/status")
    if isinstance(status, bytes):
        sizes = parse_status(status)
        yield from ((name, size) for name in _SIZES if (size := sizes.size(name)) is not None)
    rollup = _PROCFS.read(f"{pid}/smaps_rollup")
    if isinstance(rollup, bytes):
        yield from parse_rollup(rollup)


def _private_file(regions: Sequence[Region], watched: Range) -> bool:
    region = next((region for region in regions if region.start <= watched.start < region.end), None)
    return region is not None and is_private_file(region)


def _program_file(files: ElfCache, pid: int, descriptor: int) -> Program | Unavailable:
    """Read the ELF file that the process has open as `descriptor`."""
    image = files.open_path(f"/proc/{pid}/fd/{descriptor}")
    return Program(image) if isinstance(image, ElfImage) else image


def _running_program(files: ElfCache, pid: int, measured: Measurement) -> Program | Unavailable:
    """Match the process's regions with their files."""
    auxv = parse_auxv(data) if isinstance(data := _PROCFS.read(f"{pid}/auxv"), bytes) else data
    if isinstance(auxv, Unavailable):
        return auxv
    if isinstance(auxv, ParseError):
        return Unavailable(Cause.GONE, "the process no longer runs a program")
    layout, _ = read_layout(_PROCFS, files, pid, measured.regions)
    image = next((loaded.image for loaded in layout.images if loaded.role == "executable"), None)
    if image is None:
        return Unavailable(Cause.UNSUPPORTED, "none of its regions could be matched to the program's file")
    return Program(image, layout, auxv.entry, measured.regions)


def surroundings(procfs: Procfs, pid: int | None) -> Iterator[tuple[str, int]]:
    """Yield the figures of `labs/figures.py` by name, as far as this kernel has them."""
    yield from _machine(procfs)
    vmstat = procfs.read("vmstat")
    if isinstance(vmstat, bytes) and (kills := parse_vmstat(vmstat).get("oom_kill")) is not None:
        yield "oom_kills", kills
    yield from _number(procfs, "overcommit_memory", "sys/vm/overcommit_memory")
    yield from _number(procfs, "panic_on_oom", "sys/vm/panic_on_oom")
    yield from _number(procfs, "app_oom_score", "self/oom_score")
    if pid is not None:
        yield from _number(procfs, "oom_score", f"{pid}/oom_score")
        yield from _number(procfs, "oom_score_adj", f"{pid}/oom_score_adj")


def _machine(procfs: Procfs) -> Iterator[tuple[str, int]]:
    data = procfs.read("meminfo")
    if isinstance(data, Unavailable):
        return
    meminfo = parse_meminfo(data)
    for field, name in _MEMINFO.items():
        if field in meminfo:
            yield name, meminfo[field]
    parts = [meminfo.get(field) for field in ("MemFree", "Buffers", "Cached", "Slab")]
    known = [part for part in parts if part is not None]
    if "MemTotal" in meminfo and len(known) == len(parts):
        yield "sar_used", meminfo["MemTotal"] - sum(known)
    figures = free(meminfo)
    if isinstance(figures, Free):
        sizes = {
            "mem_total": figures.total,
            "mem_free": figures.free,
            "mem_used": figures.used,
            "swap_total": figures.swap_total,
            "buff_cache": figures.buff_cache,
            "mem_and_swap": added(figures.total, figures.swap_total),
            "mem_available": figures.available,
        }
        yield from ((name, size) for name, size in sizes.items() if isinstance(size, int))


def _number(procfs: Procfs, name: str, path: str) -> Iterator[tuple[str, int]]:
    number = procfs.parsed(path, parse_integer)
    if not isinstance(number, Unavailable):
        yield name, number
