"""How a region is called in a sentence."""

from mmexplorer.model.address import image_name
from mmexplorer.model.layout import Match
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.region_kind import classify
from mmexplorer.model.snapshot import AddressSpace, Counters

_PHRASES = {
    RegionKind.CODE: ("code", "the code of {}"),
    RegionKind.RODATA: ("constants", "the constants of {}"),
    RegionKind.DATA: ("data", "the data of {}"),
    RegionKind.RELRO: ("relocated constants", "the relocated constants (RELRO) of {}"),
    RegionKind.BSS: ("zeroed data", "the zeroed data (bss) of {}"),
    RegionKind.HEAP: ("the heap", "the heap"),
    RegionKind.STACK: ("a stack", "the stack"),
    RegionKind.ANON: ("anonymous memory", "anonymous memory, {}"),
    RegionKind.FILE: ("a file", "the file {}"),
    RegionKind.SHM: ("shared memory", "shared memory, {}"),
    RegionKind.MEMFD: ("a file in memory", "the file in memory {}"),
    RegionKind.GUARD: ("inaccessible memory", "inaccessible memory of {}"),
    RegionKind.DEVICE: ("a device", "the device {}"),
    RegionKind.HUGETLB: ("huge pages", "huge pages, {}"),
    RegionKind.VDSO: ("the vdso", "the vdso"),
    RegionKind.VVAR: ("the vdso's variables", "the vdso's variables, {}"),
    RegionKind.VSYSCALL: ("the vsyscall page", "the vsyscall page"),
    RegionKind.OTHER: ("a mapping", "a mapping named {}"),
}
"""Without a name, and with one."""


def phrase(kind: RegionKind, name: str) -> str:
    """Name a region in a sentence: "the code of libc.so.6", "anonymous memory". Not cleaned."""
    nameless, named = _PHRASES[kind]
    return named.format(name) if name else nameless


def region_name(region: Region, match: Match | None) -> str:
    """The kernel's name for it or the file's; for anonymous memory that belongs to an image, the image's."""
    return region.name or (image_name(match.loaded) if match is not None else "")


def region_phrase(region: Region, space: AddressSpace) -> str:
    """Name a region of `space` in a sentence. Not cleaned."""
    match = space.layout.matches.get(region.start)
    usage = space.counters.by_range.get(region.range) if isinstance(space.counters, Counters) else None
    return phrase(classify(region, match, usage), region_name(region, match))
