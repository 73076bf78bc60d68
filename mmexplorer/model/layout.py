"""Ties regions to program headers: which segment of which file put a region where it is (kernel.md 7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from mmexplorer.model.elf import ElfImage
from mmexplorer.model.region import FileId


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
