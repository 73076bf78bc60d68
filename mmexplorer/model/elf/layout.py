"""Links regions to program headers: which segment of which file put a region where it is.

kernel/README.md, "ELF and regions", has the rules.
"""

from collections.abc import Mapping
from enum import Enum

from mmexplorer.model.elf.image import ElfImage, Segment, page_ceil, page_floor
from mmexplorer.model.region import FileId, Range
from mmexplorer.model.value import field, frozen

ADDRESS_MASK = (1 << 64) - 1
"""Addresses and load biases are modulo 2^64: a file linked high and loaded low has a "negative" bias."""


class Label(Enum):
    """What a region is within the segment it was loaded from."""

    SEGMENT = "segment"
    """File bytes of a LOAD, mapped as the program header says."""
    RELRO = "relro"
    """Inside GNU_RELRO: written by the dynamic linker, then made read-only."""
    ZEROED_TAIL = "zeroed tail"
    """The last page of the file part, whose bytes beyond p_filesz were zeroed as the start of bss."""
    BSS = "bss"
    """Anonymous memory up to p_vaddr + p_memsz."""
    HOLE = "hole"
    """File-backed but inaccessible: the space that a large p_align leaves between segments."""
    PATCHED = "patched"
    """Anonymous pages inside a file-backed segment: something was mapped over it."""


@frozen
class LoadedImage:
    """An ELF file loaded into a process once. A file loaded twice gives two of these."""

    image: ElfImage
    file: FileId | None
    """None for the vDSO, which has no file."""
    load_bias: int
    """Run-time address = p_vaddr + load_bias (modulo 2^64)."""
    role: str = ""
    """"executable", "interpreter", "vdso" or ""."""


@frozen
class Match:
    """Why a region is where it is."""

    loaded: LoadedImage
    segment: Segment
    """The program header, one of `loaded.image.segments`; for a hole, the one before it."""
    label: Label
    span: Range
    """The whole pages the segment takes in memory. The region may extend past them: the kernel can merge neighbours."""
    also: tuple[Segment, ...] = ()
    """Later LOADs of the file that begin inside the region because the kernel merged their mappings."""

    @property
    def index(self) -> int:
        """The program header's index in its table."""
        return self.segment.index

    @property
    def indices(self) -> tuple[int, ...]:
        """The indices of all program headers the region was loaded from."""
        return (self.index, *(each.index for each in self.also))


@frozen
class Layout:
    """Matches for one address space."""

    images: tuple[LoadedImage, ...] = ()
    matches: Mapping[int, Match] = field(default_factory=dict)
    """Keyed by the region's start."""


def run_time_address(loaded: LoadedImage, address: int) -> int:
    """Return where an address of the file is in memory."""
    return (address + loaded.load_bias) & ADDRESS_MASK


def link_time_address(loaded: LoadedImage, address: int) -> int:
    """Return the address in the file of one in memory: the inverse of `run_time_address`."""
    return (address - loaded.load_bias) & ADDRESS_MASK


def run_time_range(loaded: LoadedImage, segment: Segment, page_size: int) -> Range:
    """Return the whole pages that `segment` takes in memory. Empty for a segment without memory (GNU_STACK)."""
    start = run_time_address(loaded, page_floor(segment.vaddr, page_size))
    if not segment.memsz:
        return Range(start, start)
    size = page_ceil(segment.vaddr + segment.memsz, page_size) - page_floor(segment.vaddr, page_size)
    return Range(start, start + size)


def regions_of(layout: Layout, loaded: LoadedImage, index: int) -> tuple[int, ...]:
    """Return the starts of the regions loaded from program header `index` of `loaded`, ascending."""
    return tuple(
        sorted(
            start
            for start, match in layout.matches.items()
            if index in match.indices and same_load(match.loaded, loaded)
        )
    )


def same_load(one: LoadedImage, other: LoadedImage) -> bool:
    """Return whether two readings describe the same file loaded at the same place."""
    return one is other or (one.file, one.load_bias, one.image.header_offset) == (
        other.file,
        other.load_bias,
        other.image.header_offset,
    )
