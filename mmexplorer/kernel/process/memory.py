"""Reads a process's memory without changing it: pages not present come from the file, or aren't read.

Reading /proc/PID/mem faults pages in, as a read by the process itself would. process_vm_readv(2) isn't used: it hangs
on a page that waits for userfaultfd(2), where mem returns EIO (kernel/README.md, "mem").
"""

import errno
import os
from collections.abc import Callable, Iterator, Sequence

from mmexplorer.kernel.elf.mapped_file import open_mapped
from mmexplorer.kernel.errors import process_unavailable
from mmexplorer.kernel.files import OpenFile
from mmexplorer.kernel.opened import opened
from mmexplorer.kernel.pages.memory import MemoryBytes
from mmexplorer.kernel.pages.pagemap import read_pages
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.address import Inside, locate
from mmexplorer.model.elf.image import page_ceil
from mmexplorer.model.memory.bytes import Difference, Origin, Piece, differences, why_different
from mmexplorer.model.memory.pages import PageState, Run
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

BYTES_AT_MOST = 1 << 26
"""The most bytes read at once."""

_OFFSETS = 1 << 63
"""pread(2) accepts no offsets from here on: the kernel's half of the address space."""

_NO_REGION = Unavailable(Cause.UNSUPPORTED, "no region: nothing is mapped there")
_KERNELS = Unavailable(Cause.DENIED, "the kernel's half of the addresses")
_NO_BYTES = Unavailable(
    Cause.UNSUPPORTED, "the kernel gives no bytes of it (EIO): memfd_secret, [vvar], a guard, or past the end of a file"
)
_NOT_THERE = {
    PageState.ABSENT: Unavailable(
        Cause.NOT_READ, "not in memory: reading it would fault it in", "ask for that to read it all the same"
    ),
    PageState.SWAPPED: Unavailable(
        Cause.NOT_READ, "in the swap space: reading it would bring it back", "ask for that to read it all the same"
    ),
    PageState.GUARD: Unavailable(Cause.UNSUPPORTED, "a guard: it can't be read"),
}


def read_memory(
    procfs: LiveProcfs, pid: int, regions: Sequence[Region], wanted: Range, *, fault_in: bool = False
) -> tuple[Piece, ...]:
    """Read up to `BYTES_AT_MOST` bytes of `wanted`, piece by piece, with a reason for what can't be read.

    `fault_in`: also read what isn't in memory, which changes the process: its Rss grows.
    """
    left = Range(wanted.start, min(wanted.end, wanted.start + BYTES_AT_MOST))
    return tuple(_joined(_pieces(procfs, pid, regions, left, fault_in=fault_in)))


class Dump(NamedTuple):
    """The memory of a core or another source that isn't live."""

    memory: MemoryBytes
    pid: int
    page_size: int
    of_file: Callable[[Region, Range], bytes | Unavailable | None]
    """Reads what a file has for part of a region that wasn't dumped; None if there is no such file."""


def read_dumped(dump: Dump, regions: Sequence[Region], wanted: Range) -> tuple[Piece, ...]:
    """Read `wanted`; what the dump doesn't have comes from the file, or says why not."""
    left = Range(wanted.start, min(wanted.end, wanted.start + BYTES_AT_MOST))
    return tuple(_joined(_dumped(dump, regions, left)))


def _dumped(dump: Dump, regions: Sequence[Region], wanted: Range) -> Iterator[Piece]:
    start = wanted.start
    while start < wanted.end:
        place = locate(regions, start)
        above = place.region.end if isinstance(place, Inside) else place.above.start if place.above else wanted.end
        end = min(wanted.end, above)
        if isinstance(place, Inside):
            yield (piece := _of_dump(dump, place.region, Range(start, end)))
        else:
            yield (piece := Piece(Range(start, end), _NO_REGION, Origin.NOWHERE))
        start = piece.range.end


def _of_dump(dump: Dump, region: Region, wanted: Range) -> Piece:
    """Read as much from the start of `wanted` as one source has, or say of a page why none has it."""
    content = dump.memory.read(dump.pid, wanted)
    if isinstance(content, bytes):
        return Piece(Range(wanted.start, wanted.start + len(content)), content, Origin.MEMORY)
    in_file = dump.of_file(region, wanted)
    if isinstance(in_file, bytes) and in_file:
        return Piece(Range(wanted.start, wanted.start + len(in_file)), in_file, Origin.FILE)
    more = f"; the file: {in_file}" if isinstance(in_file, Unavailable) else ""
    end = min(wanted.end, page_ceil(wanted.start + 1, dump.page_size))
    return Piece(Range(wanted.start, end), Unavailable(content.cause, f"{content.reason}{more}"), Origin.NOWHERE)


def read_file(procfs: LiveProcfs, pid: int, region: Region, wanted: Range) -> bytes | Unavailable:
    """Read the bytes the file behind `region` has for `wanted`; zeros from its end to the end of that page."""
    if not region.inode:
        return Unavailable(Cause.UNSUPPORTED, "no file is behind it")
    opened_file = open_mapped(procfs, pid, (region,))
    if isinstance(opened_file, Unavailable):
        return opened_file
    with opened_file:
        return _read_file(opened_file, region, wanted, procfs.page_size)


def file_differences(
    procfs: LiveProcfs, pid: int, space: AddressSpace, pieces: Sequence[Piece]
) -> Iterator[tuple[Difference, str] | Unavailable]:
    """Compare the parts of `pieces` in memory with their files, and give each difference its probable cause.

    For a piece whose file can't be read, the result is a reason.
    """
    for piece in pieces:
        place = locate(space.regions, piece.range.start)
        if piece.origin is not Origin.MEMORY or not isinstance(place, Inside) or not isinstance(piece.content, bytes):
            continue
        region = place.region
        span = Range(piece.range.start, min(piece.range.end, region.end))
        in_file = read_file(procfs, pid, region, span) if region.inode else b""
        if isinstance(in_file, Unavailable):
            yield in_file
            continue
        match = space.layout.matches.get(region.start)
        for difference in differences(span.start, piece.content, in_file):
            yield difference, why_different(difference, region, match)


def _read_file(file: OpenFile, region: Region, wanted: Range, page: int) -> bytes | Unavailable:
    offset = region.offset + wanted.start - region.start
    try:
        content = file.read(offset, wanted.size)
    except OSError as error:
        return process_unavailable(error)
    room = min(wanted.size, page_ceil(file.size, page) - offset)
    if room <= 0:
        return Unavailable(Cause.UNSUPPORTED, "past the end of the file: an access ends in SIGBUS")
    return content.ljust(room, b"\0")


def _pieces(
    procfs: LiveProcfs, pid: int, regions: Sequence[Region], wanted: Range, *, fault_in: bool
) -> Iterator[Piece]:
    start = wanted.start
    while start < wanted.end:
        place = locate(regions, start)
        if isinstance(place, Inside):
            end = min(wanted.end, place.region.end)
            yield from _of_region(procfs, pid, place.region, Range(start, end), fault_in=fault_in)
        else:
            end = min(wanted.end, place.above.start) if place.above is not None else wanted.end
            yield Piece(Range(start, end), _NO_REGION, Origin.NOWHERE)
        start = end


def _of_region(procfs: LiveProcfs, pid: int, region: Region, wanted: Range, *, fault_in: bool) -> Iterator[Piece]:
    if region.start >= _OFFSETS:
        yield Piece(wanted, _KERNELS, Origin.NOWHERE)
        return
    states = read_pages(procfs, pid, wanted)
    if isinstance(states, Unavailable):
        yield Piece(wanted, states, Origin.NOWHERE)
        return
    for run in states.runs:
        part = Range(max(run.start, wanted.start), min(run.end, wanted.end))
        if run.state.in_memory or fault_in:
            yield from _from_memory(procfs, pid, part)
        else:
            yield from _elsewhere(procfs, pid, region, run, part)


def _elsewhere(procfs: LiveProcfs, pid: int, region: Region, run: Run, part: Range) -> Iterator[Piece]:
    """Read from the file what the process would get from there, and give a reason for the rest."""
    reason = _NOT_THERE.get(run.state, _NOT_THERE[PageState.ABSENT])
    if run.state is not PageState.ABSENT or not region.inode:
        yield Piece(part, reason, Origin.NOWHERE)
        return
    content = read_file(procfs, pid, region, part)
    if isinstance(content, Unavailable):
        yield Piece(part, Unavailable(content.cause, f"{reason.reason}; the file: {content.reason}"), Origin.NOWHERE)
        return
    yield Piece(Range(part.start, part.start + len(content)), content, Origin.FILE)
    if len(content) < part.size:
        past = Unavailable(Cause.UNSUPPORTED, "past the end of the file: an access ends in SIGBUS")
        yield Piece(Range(part.start + len(content), part.end), past, Origin.NOWHERE)


def _from_memory(procfs: LiveProcfs, pid: int, part: Range) -> Iterator[Piece]:
    """Read mem; after a page that fails (EIO), continue with the next one."""
    page = procfs.page_size
    try:
        with opened(procfs.path(f"{pid}/mem")) as descriptor:
            start = part.start
            while start < part.end:
                content = _read_some(descriptor, Range(start, part.end))
                end = start + len(content) if isinstance(content, bytes) else min(part.end, page_ceil(start + 1, page))
                yield Piece(Range(start, end), content, Origin.MEMORY if isinstance(content, bytes) else Origin.NOWHERE)
                start = end
    except OSError as error:
        yield Piece(part, process_unavailable(error), Origin.NOWHERE)


def _read_some(descriptor: int, wanted: Range) -> bytes | Unavailable:
    try:
        content = os.pread(descriptor, wanted.size, wanted.start)
    except OSError as error:
        return _NO_BYTES if error.errno == errno.EIO else process_unavailable(error)
    return content or Unavailable(Cause.GONE, "the process has no memory any more")


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Merge neighbours that don't differ."""
    before: Piece | None = None
    for piece in pieces:
        joined = before and _join(before, piece)
        if before is not None and joined is None:
            yield before
        before = joined or piece
    if before is not None:
        yield before


def _join(one: Piece, other: Piece) -> Piece | None:
    if one.origin is not other.origin:
        return None
    whole = Range(one.range.start, other.range.end)
    if isinstance(one.content, bytes) and isinstance(other.content, bytes):
        return Piece(whole, one.content + other.content, one.origin)
    return Piece(whole, one.content, one.origin) if one.content == other.content else None
