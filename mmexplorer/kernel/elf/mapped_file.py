"""The doors to the file behind a region, in the order in which they are tried (kernel.md 6)."""

from collections.abc import Iterator, Sequence

from mmexplorer.kernel.files import OpenFile, open_below, open_regular
from mmexplorer.kernel.pagemap import read_resident
from mmexplorer.kernel.process.maps import with_newlines
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.maps import DELETED

_STALE_TRIES = 3
"""Entries of map_files tried: a name goes stale when its region splits, but the file's other regions may still be."""
_HEADER_BYTES = 1 << 16
"""Memory read in search of an ELF header, its program headers, interpreter and notes: as much as fault-around maps."""


def doors(procfs: Procfs, pid: int, regions: Sequence[Region]) -> Iterator[tuple[str, OpenFile | Unavailable]]:
    """Open the file that `regions` map, by one door after the other; what was opened is closed by who asked for it.

    map_files is the file itself, whatever became of its name, but for root only. /proc/PID/exe and the path inside the
    target's root are taken only if they lead to the inode that maps shows.
    """
    for region in regions[:_STALE_TRIES]:
        yield "map_files", open_regular(f"{procfs.root}/{pid}/map_files/{region.start:x}-{region.end:x}")
    region = regions[0]
    yield "exe", _exe(procfs, pid, region)
    yield "root", _below_root(procfs, pid, region)


def header_in_memory(procfs: Procfs, pid: int, regions: Sequence[Region]) -> bytes | Unavailable:
    """Read the start of a mapped file from the memory of the process, as far as its pages are there."""
    region = next((region for region in regions if region.offset == 0), None)
    if region is None:
        return Unavailable(Cause.UNSUPPORTED, "the start of the file is not mapped")
    return read_resident(procfs.root, pid, Range(region.start, min(region.end, region.start + _HEADER_BYTES)))


def _exe(procfs: Procfs, pid: int, region: Region) -> OpenFile | Unavailable:
    link = procfs.link(f"{pid}/exe")
    if isinstance(link, Unavailable):
        return link
    if link.removesuffix(DELETED) != with_newlines(region.path):
        return Unavailable(Cause.GONE, "another file")
    return _same(open_regular(f"{procfs.root}/{pid}/exe"), region)


def _below_root(procfs: Procfs, pid: int, region: Region) -> OpenFile | Unavailable:
    if region.deleted:
        return Unavailable(Cause.GONE, "the file was deleted or replaced")
    return _same(open_below(f"{procfs.root}/{pid}/root", with_newlines(region.path)), region)


def _same(opened: OpenFile | Unavailable, region: Region) -> OpenFile | Unavailable:
    """Refuse another inode. The device is not compared: on btrfs maps shows another one than stat (kernel.md 1)."""
    if isinstance(opened, Unavailable) or opened.identity.ino == region.inode:
        return opened
    opened.close()
    return Unavailable(Cause.GONE, "the file was replaced: another inode has its name now")
