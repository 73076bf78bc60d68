"""The machine's page frames: how often each is mapped, its flags, which processes map it. Requires root.

/proc/kpagecount and /proc/kpageflags, Documentation/admin-guide/mm/pagemap.rst in the kernel source.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.opened import opened
from mmexplorer.kernel.pages.pagemap import FRAMES_AT_MOST, HIDDEN, read_frames
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.image import page_floor
from mmexplorer.model.memory.pages import Run
from mmexplorer.model.memory.translation import Sharer
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.process.maps import parse_maps

_WORD = 8
_NEAR = 1 << 9
"""Gaps of up to this many frames are read rather than skipped."""
_PROCESSES_AT_MOST = 1 << 12


_COUNTED = {"dirty": 4, "referenced": 2, "writeback": 8}
"""The flags that are counted, with their bits in kpageflags."""
_COUNTED_AT_MOST = 1 << 18
"""The most pages whose flags are counted: a gigabyte's worth."""


def read_flags(procfs: LiveProcfs, frames: Sequence[int]) -> Mapping[int, int] | Unavailable:
    """Return the flags of each of `frames` (`KPF_*` in linux/kernel-page-flags.h)."""
    return _read_words(procfs, "kpageflags", frames)


def read_counts(procfs: LiveProcfs, frames: Sequence[int]) -> Mapping[int, int] | Unavailable:
    """Return how often each of `frames` is mapped in total by all processes."""
    return _read_words(procfs, "kpagecount", frames)


def count_flags(procfs: LiveProcfs, pid: int, runs: Iterable[Run]) -> Mapping[str, int] | Unavailable:
    """Count the bytes of `runs` whose page frame is dirty, referenced or under writeback."""
    frames: list[int] = []
    for run in runs:
        for start in range(run.start, run.end, FRAMES_AT_MOST * procfs.page_size):
            found = read_frames(procfs, pid, Range(start, min(run.end, start + FRAMES_AT_MOST * procfs.page_size)))
            if found is None:
                return HIDDEN
            frames += filter(None, found)
        if len(frames) > _COUNTED_AT_MOST:
            return Unavailable(Cause.NOT_READ, f"more than {_COUNTED_AT_MOST:,} pages: their flags are not counted")
    flags = read_flags(procfs, frames)
    if isinstance(flags, Unavailable):
        return flags
    return {
        name: procfs.page_size * sum(flags.get(frame, 0) >> bit & 1 for frame in frames)
        for name, bit in _COUNTED.items()
    }


def _read_words(procfs: LiveProcfs, name: str, frames: Sequence[int]) -> Mapping[int, int] | Unavailable:
    found: dict[int, int] = {}
    try:
        with opened(procfs.path(name)) as descriptor:
            for group in _groups(sorted(set(frames))):
                data = os.pread(descriptor, (group[-1] - group[0] + 1) * _WORD, group[0] * _WORD)
                words = memoryview(data[: len(data) - len(data) % _WORD]).cast("Q")
                found |= {frame: words[frame - group[0]] for frame in group if frame - group[0] < len(words)}
    except OSError as error:
        return unavailable(error)
    return found


def _groups(frames: Sequence[int]) -> Iterator[Sequence[int]]:
    """Split ascending frames at gaps too large to be worth reading."""
    first = 0
    for index in range(1, len(frames)):
        if frames[index] - frames[index - 1] > _NEAR:
            yield frames[first:index]
            first = index
    if frames:
        yield frames[first:]


def sharers(procfs: LiveProcfs, region: Region, address: int, frame: int) -> Iterator[Sharer]:
    """Find processes that have `frame` at the same place: in the same file, or at the same address after fork.

    A page merged by KSM may be at any other address and isn't found there.
    """
    for pid in procfs.numbers()[:_PROCESSES_AT_MOST]:
        text = procfs.read(f"{pid}/maps")
        if isinstance(text, Unavailable):
            continue
        for start in _places(parse_maps(text).regions, region, address, procfs.page_size):
            found = read_frames(procfs, pid, Range(start, start + procfs.page_size))
            if found and found[0] == frame:
                yield Sharer(pid, start)


def _places(regions: Sequence[Region], region: Region, address: int, page: int) -> Iterator[int]:
    """Yield the addresses that may be the same page: the same byte of the file, or `address` itself."""
    start = page_floor(address, page)
    offset = region.offset + start - region.start
    for each in regions:
        if region.file is None:
            if each.file is None and each.start <= start < each.end:
                yield start
        elif each.file == region.file and each.offset <= offset < each.offset + each.size:
            yield each.start + offset - each.offset
