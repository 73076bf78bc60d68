"""Ties regions to program headers: which segment of which file put a region where it is (kernel.md 7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from mmexplorer.model.elf import ElfImage, Segment, page_ceil, page_floor
from mmexplorer.model.region import FileId, Range
from mmexplorer.model.unavailable import Unavailable

ADDRESS_MASK = (1 << 64) - 1
"""Addresses and load biases are counted modulo 2^64: a file linked high and loaded low has a "negative" bias."""


class Label(Enum):
    """What a region is within the segment it was loaded from."""

    SEGMENT = "segment"
    """File bytes of a LOAD, mapped as the program header says."""
    RELRO = "relro"
    """Inside GNU_RELRO: written by the dynamic linker, read-only since."""
    ZEROED_TAIL = "zeroed tail"
    """The last file page, whose bytes beyond p_filesz were zeroed for the start of bss."""
    BSS = "bss"
    """Anonymous memory up to p_vaddr + p_memsz."""
    HOLE = "hole"
    """File-backed and inaccessible: the space that a large p_align leaves between segments."""
    PATCHED = "patched"
    """Anonymous pages inside a file segment: something was mapped over it."""


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """An ELF file loaded into a process once. A file loaded twice makes two of these."""

    image: ElfImage
    file: FileId | None
    """None for the vDSO, which no file stands behind."""
    load_bias: int
    """Run-time address = p_vaddr + load_bias (modulo 2^64)."""
    role: str = ""
    """"executable", "interpreter", "vdso" or ""."""


@dataclass(frozen=True, slots=True)
class Match:
    """Why a region is where it is."""

    loaded: LoadedImage
    index: int
    """Of the program header in `loaded.image.segments`."""
    label: Label
    reason: str
    """In words: "LOAD #2 of libc.so.6: file 0x1c0000 -> 0x7f3a4c1d0000, bias 0x7f3a4c000000". Not cleaned."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The ties of one address space."""

    images: tuple[LoadedImage, ...] = ()
    matches: Mapping[int, Match] = field(default_factory=dict)
    """By the start of the region."""


class Location(NamedTuple):
    """What the file says about a run-time address."""

    section: str | None
    """The section that holds it; None where no section does, and where sections were not read."""
    offset: int | None
    """Where in the file its byte comes from; None for bss and for addresses outside every LOAD."""


def run_time_address(loaded: LoadedImage, address: int) -> int:
    """Where an address of the file is in memory."""
    return (address + loaded.load_bias) & ADDRESS_MASK


def run_time_range(loaded: LoadedImage, segment: Segment, page_size: int) -> Range:
    """The whole pages that `segment` takes in memory. Empty for a segment without memory (GNU_STACK)."""
    start = run_time_address(loaded, page_floor(segment.vaddr, page_size))
    if not segment.memsz:
        return Range(start, start)
    size = page_ceil(segment.vaddr + segment.memsz, page_size) - page_floor(segment.vaddr, page_size)
    return Range(start, start + size)


def regions_of(layout: Layout, loaded: LoadedImage, index: int) -> tuple[int, ...]:
    """The starts of the regions that came from program header `index` of `loaded`, ascending."""
    return tuple(
        sorted(
            start for start, match in layout.matches.items() if match.index == index and same_load(match.loaded, loaded)
        )
    )


def same_load(one: LoadedImage, other: LoadedImage) -> bool:
    """Whether two readings speak of the same file loaded at the same place."""
    return one is other or (one.file, one.load_bias, one.image.header_offset) == (
        other.file,
        other.load_bias,
        other.image.header_offset,
    )


def locate(loaded: LoadedImage, address: int) -> Location:
    """Find the section and the file offset behind a run-time address, by the bytes (not the pages) of the LOADs."""
    in_file = (address - loaded.load_bias) & ADDRESS_MASK
    return Location(_section_at(loaded.image, in_file), _offset_at(loaded.image, in_file))


def _section_at(image: ElfImage, address: int) -> str | None:
    if isinstance(image.sections, Unavailable):
        return None
    for section in image.sections:
        # .tbss has addresses, but each thread has its own copy elsewhere.
        in_memory = "A" in section.flags and not ("T" in section.flags and section.type == "NOBITS")
        if in_memory and section.address <= address < section.address + section.size:
            return section.name
    return None


def _offset_at(image: ElfImage, address: int) -> int | None:
    for load in image.loads:
        if load.vaddr <= address < load.vaddr + load.filesz:
            return image.header_offset + load.offset + address - load.vaddr
    return None
