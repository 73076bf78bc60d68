"""The files behind regions: the interface sources implement, and how the live source opens them.

The order of the attempts is documented in kernel/README.md, "mapped files".
"""

import os
from collections.abc import Iterator, Sequence

from mmexplorer.kernel.files import Inode, OpenFile
from mmexplorer.kernel.opened import opened
from mmexplorer.kernel.pages.memory import LiveMemory, MemoryBytes
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.remote.opener import Opener, opener_for
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.region import Range, Region
from mmexplorer.model.typed import Protocol
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.process.maps import DELETED, parse_maps, with_newlines

VDSO = "[vdso]"
"""The region of the vDSO, an ELF file that exists in memory only."""
_LAST_OF_32_BITS = (1 << 32) - 1
_STALE_TRIES = 3
"""How many entries of map_files are tried: a region's name goes stale when it splits, but another's may still be valid.
"""
_HEADER_BYTES = 1 << 16
"""Bytes of memory searched for an ELF header, program headers, interpreter and notes: as much as fault-around maps."""


class MappedFiles(Protocol):
    """Access to the files that processes map: the live source opens them, a capture contains parts of some."""

    def images(
        self, pid: int, mapped: Sequence[Region], *, sections: bool = False
    ) -> tuple[ElfImage, ...] | Unavailable:
        """Return the ELF images in the file mapped by all of `mapped`, or in `[vdso]`; for an archive, each ELF in it.

        `pid` is the number below /proc through which the regions were read.
        """
        ...

    def has_name(self, pid: int, region: Region, name: str) -> bool:
        """Return whether the process finds the file that `region` maps under `name`, written as in maps."""
        ...


def candidates(procfs: LiveProcfs, pid: int, regions: Sequence[Region]) -> Iterator[tuple[str, OpenFile | Unavailable]]:
    """Open the file that `regions` map in one way after another; the caller closes each.

    map_files gives the file itself, whatever happened to its name, but only root may open it. /proc/PID/exe and the
    path inside the target's root are accepted only if they lead to the inode that maps shows. If the file system
    doesn't respond, only the first attempt waits for it.
    """
    opener = opener_for(procfs, pid, regions[0])
    for region in regions[:_STALE_TRIES]:
        yield "map_files", opener.open(_map_file(procfs, pid, region))
    region = regions[0]
    yield "exe", _exe(opener, procfs, pid, region)
    yield "root", _below_root(opener, procfs, pid, region)


def open_mapped(procfs: LiveProcfs, pid: int, regions: Sequence[Region]) -> OpenFile | Unavailable:
    """Open the file that `regions` map in the first way that works; if none does, return the first reason."""
    refusal: Unavailable | None = None
    for _, found in candidates(procfs, pid, regions) if regions else ():
        if not isinstance(found, Unavailable):
            return found
        refusal = refusal or found
    return refusal or Unavailable(Cause.GONE, "the file is not mapped any more")


def header_in_memory(memory: MemoryBytes, pid: int, regions: Sequence[Region]) -> bytes | Unavailable:
    """Read the start of a mapped file from the process's memory, as far as its pages are present."""
    region = next((region for region in regions if region.offset == 0), None)
    if region is None:
        return Unavailable(Cause.UNSUPPORTED, "the start of the file is not mapped")
    return memory.read(pid, Range(region.start, min(region.end, region.start + _HEADER_BYTES)))


def leads_to(procfs: LiveProcfs, pid: int, name: str, region: Region) -> bool:
    """Return whether the process finds the file that `region` maps under `name`, written as in maps.

    Device and inode are compared with those of the file in map_files or, if that can't be opened, with maps itself.
    """
    opener = opener_for(procfs, pid, region)
    named = opener.inode(with_newlines(name), procfs.path(f"{pid}/root"))
    if named is None:
        return False
    mapped = opener.inode(_map_file(procfs, pid, region))
    return named == (mapped or _identity_in_maps(region))


def vdso_content(memory: MemoryBytes, pid: int, region: Region) -> bytes | Unavailable:
    """Read `[vdso]`, using our own for pages the process never used: a kernel maps the same image into all processes.

    A 32-bit program has a different one, which is recognized by its address. For a capture, which may come from another
    kernel, ours is used only if the first page is present and identical.
    """
    content = memory.read(pid, region.range)
    seen = b"" if isinstance(content, Unavailable) else content
    if len(seen) == region.size or not (seen or isinstance(memory, LiveMemory)):
        return content
    own = own_vdso()
    same = len(own) == region.size and own.startswith(seen) and region.start > _LAST_OF_32_BITS
    return own if same else content


def own_vdso() -> bytes:
    """Return our own process's vDSO; empty if it has none."""
    with open("/proc/self/maps", "rb") as maps:  # noqa: PTH123 - our own process, whatever the source
        lines = b"".join(line for line in maps if VDSO.encode() in line)
    region = next((each for each in parse_maps(lines).regions if each.path == VDSO), None)
    if region is None:
        return b""
    try:
        with opened("/proc/self/mem") as descriptor:
            return os.pread(descriptor, region.size, region.start)
    except OSError:  # after a change of user, the files of our own process belong to root
        import ctypes  # noqa: PLC0415 - takes longer to import than the rest takes

        return ctypes.string_at(region.start, region.size)


def _map_file(procfs: LiveProcfs, pid: int, region: Region) -> str:
    return procfs.path(f"{pid}/map_files/{region.start:x}-{region.end:x}")


def _exe(opener: Opener, procfs: LiveProcfs, pid: int, region: Region) -> OpenFile | Unavailable:
    link = procfs.link(f"{pid}/exe")
    if isinstance(link, Unavailable):
        return link
    if link.removesuffix(DELETED) != with_newlines(region.path):
        return Unavailable(Cause.GONE, "another file")
    return _same(opener.open(procfs.path(f"{pid}/exe")), region)


def _below_root(opener: Opener, procfs: LiveProcfs, pid: int, region: Region) -> OpenFile | Unavailable:
    if region.deleted:
        return Unavailable(Cause.GONE, "the file was deleted or replaced")
    return _same(opener.open(with_newlines(region.path), procfs.path(f"{pid}/root")), region)


def _same(opened: OpenFile | Unavailable, region: Region) -> OpenFile | Unavailable:
    """Reject another inode. The device isn't compared: on btrfs maps shows another one (kernel/README.md, "maps")."""
    if isinstance(opened, Unavailable) or opened.identity.ino == region.inode:
        return opened
    opened.close()
    return Unavailable(Cause.GONE, "the file was replaced: another inode has its name now")


def _identity_in_maps(region: Region) -> Inode:
    major, minor = (int(part, 16) for part in region.dev.split(":"))
    return os.makedev(major, minor), region.inode
