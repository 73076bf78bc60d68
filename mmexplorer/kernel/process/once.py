"""One look at one process, for a command: regions and counters of one and the same reading of smaps."""

import time
from collections.abc import Mapping

from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.process.maps import RegionReader
from mmexplorer.kernel.process.smaps import smaps_text
from mmexplorer.kernel.process.states import exe_of, remarks, without_memory
from mmexplorer.kernel.process.table import command_only, sight
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.elf import ElfImage
from mmexplorer.model.layout import Layout
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.smaps import header_lines, parse_smaps


def look_once(pid: int, root: str = "/proc") -> AddressSpace | Unavailable:
    """Look at a process and the files it maps; Unavailable if it is gone or keeps its maps to itself."""
    procfs = Procfs(root)
    sighting = sight(procfs, pid, page_size(), command_only(procfs))
    if isinstance(sighting, Unavailable):
        return sighting
    reader = RegionReader(procfs)
    read = _regions_and_counters(procfs, reader, sighting.memory_pid)
    if isinstance(read, Unavailable):
        return read
    regions, counters = read
    process, memory_pid = sighting.process, sighting.memory_pid
    layout, files = _layout(procfs, memory_pid, regions) if regions else (Layout(), {})
    return AddressSpace(
        process=process,
        regions=regions,
        counters=counters,
        layout=layout,
        files=files,
        exe=exe_of(procfs, sighting),
        unavailable=None if regions else without_memory(process),
        note=remarks(process, memory_pid, reader.unread),
    )


def _regions_and_counters(
    procfs: Procfs, reader: RegionReader, pid: int
) -> tuple[tuple[Region, ...], Counters | Unavailable] | Unavailable:
    start = time.perf_counter()
    text = smaps_text(procfs, pid)
    if isinstance(text, Unavailable):
        regions = reader.read(pid)
        return regions if isinstance(regions, Unavailable) else (regions, text)
    counters = Counters(time.monotonic(), time.perf_counter() - start, parse_smaps(text))
    return reader.understand(pid, header_lines(text)), counters


def _layout(
    procfs: Procfs, pid: int, regions: tuple[Region, ...]
) -> tuple[Layout, Mapping[FileId, ElfImage | Unavailable]]:
    from mmexplorer.kernel.elf.images import Binaries  # noqa: PLC0415 - pyelftools can wait until a file is opened

    return Binaries(procfs.root).layout(pid, regions, page_size())
