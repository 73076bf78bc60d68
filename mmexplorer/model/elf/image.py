"""The parts of an ELF file that matter for loading (`elf(5)`); names without prefix (LOAD, not PT_LOAD)."""

from collections.abc import Sequence

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen, replace

_HOLD_TLS = frozenset({"TLS", "GNU_RELRO", "LOAD"})
_HOLD_ONLY_ALLOC = frozenset({"LOAD", "DYNAMIC", "GNU_EH_FRAME", "GNU_STACK", "GNU_RELRO"})
_HOLD_NO_EMPTY_EDGES = frozenset({"DYNAMIC", "NOTE"})


@frozen
class Segment:
    """One program header. Addresses are the file's: add the load bias to get run-time addresses."""

    index: int
    """Its index in the program-header table."""
    type: str
    """LOAD, DYNAMIC, GNU_RELRO ...; an unknown one as `0x6474e556`."""
    offset: int
    vaddr: int
    paddr: int
    filesz: int
    memsz: int
    flags: str
    """As `readelf -lW` prints them, without surrounding blanks: "R", "R E", "RW"."""
    align: int
    sections: tuple[str, ...] = ()
    """The names of its sections, in section-table order; empty until sections are read."""

    @property
    def bss(self) -> int:
        """Bytes that exist in memory only."""
        return max(0, self.memsz - self.filesz)


@frozen
class Section:
    """One section header."""

    index: int
    name: str
    type: str
    """PROGBITS, NOBITS, STRTAB ...; an unknown one as `0x6fff4700`."""
    address: int
    offset: int
    size: int
    entsize: int
    flags: str
    """The letters of `readelf -SW`: "AX", "WA"; "" for none."""
    link: int
    info: int
    align: int


@frozen
class LoaderPart:
    """A row of the loader's table in the memory chapter."""

    offset: int
    """In the file."""
    size: int
    """Bytes in the file."""
    address: int
    """Where it is mapped, before adding the load bias."""
    index: int
    """The index of its program header."""


@frozen
class MemoryNeed:
    """How much address space the LOAD segments need."""

    raw: int
    """The sum of p_memsz: the chapter's "code + data"."""
    pages: int
    """The same with each segment rounded outward to whole pages."""


@frozen
class LoaderTable:
    """Code, data, entry point, memory needed: all a simple loader must know."""

    code: LoaderPart | None
    """The first executable LOAD; None if there is none."""
    data: LoaderPart | None
    """The first writable LOAD; None if there is none."""
    entry: int
    """0 if the file has no entry point (most libraries)."""
    memory: MemoryNeed


@frozen
class ElfImage:
    """An ELF file's headers."""

    path: str
    """As the user or the kernel named it; not cleaned."""
    opened_via: str
    """How it was opened: "path", "map_files", "exe", "root" or "memory"."""
    header_offset: int
    """Where the ELF header is in the file: 0 except for an ELF inside an archive. Offsets below are relative to it."""
    elf_class: str
    """ELF32 or ELF64."""
    data: str
    """2LSB (little endian) or 2MSB (big endian)."""
    type: str
    """EXEC, DYN, REL, CORE."""
    machine: str
    """X86_64, 386, AARCH64 ..."""
    entry: int
    interp: str | None
    build_id: str | None
    """Hexadecimal digits."""
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...] | Unavailable
    no_segments: Unavailable | None = None
    """Why the program headers can't be read although the sections can; None if they were read, however few."""

    @property
    def loads(self) -> tuple[Segment, ...]:
        """The LOAD segments in table order."""
        return tuple(segment for segment in self.segments if segment.type == "LOAD")


def page_floor(address: int, page_size: int) -> int:
    """Return the start of the page that contains `address`."""
    return address & -page_size


def page_ceil(address: int, page_size: int) -> int:
    """Return the first page boundary at or after `address`."""
    return (address + page_size - 1) & -page_size


def loader_table(image: ElfImage, page_size: int) -> LoaderTable:
    """Build the chapter's loader table for `image`; `page_size` in bytes is used for rounding."""
    loads = image.loads
    return LoaderTable(
        code=next((_part(load) for load in loads if "E" in load.flags), None),
        data=next((_part(load) for load in loads if "W" in load.flags), None),
        entry=image.entry,
        memory=MemoryNeed(
            raw=sum(load.memsz for load in loads),
            pages=sum(
                page_ceil(load.vaddr + load.memsz, page_size) - page_floor(load.vaddr, page_size) for load in loads
            ),
        ),
    )


def _part(load: Segment) -> LoaderPart:
    return LoaderPart(offset=load.offset, size=load.filesz, address=load.vaddr, index=load.index)


def with_sections(segments: Sequence[Segment], sections: Sequence[Section]) -> tuple[Segment, ...]:
    """Return the segments with the names of their sections; section 0 isn't a section and belongs to none."""
    return tuple(
        replace(segment, sections=tuple(section.name for section in sections[1:] if holds(segment, section)))
        for segment in segments
    )


def holds(segment: Segment, section: Section) -> bool:
    """Return whether `segment` contains `section`, as in `readelf -l` (binutils' ELF_SECTION_IN_SEGMENT_STRICT)."""
    return (
        _kinds_fit(segment, section)
        and _within(section.type == "NOBITS", section.offset - segment.offset, section.size, segment.filesz)
        and _within("A" not in section.flags, section.address - segment.vaddr, section.size, segment.memsz)
        and not _empty_at_edge(segment, section)
    )


def _kinds_fit(segment: Segment, section: Section) -> bool:
    if "T" in section.flags:
        # .tbss takes no space in a LOAD: each thread gets its own copy, so only TLS contains it.
        if section.type == "NOBITS":
            return segment.type == "TLS"
        return segment.type in _HOLD_TLS
    if segment.type in {"TLS", "PHDR"}:
        return False
    return "A" in section.flags or segment.type not in _HOLD_ONLY_ALLOC


def _within(exempt: bool, distance: int, size: int, room: int) -> bool:  # noqa: FBT001 -- a value, not a mode
    # If room is 0, the strict upper bound `room - 1` wraps around in unsigned arithmetic and bounds nothing.
    return exempt or (distance >= 0 and (room == 0 or distance < room) and distance + size <= room)


def _empty_at_edge(segment: Segment, section: Section) -> bool:
    """Return whether an empty section lies at the start or the end of a segment that doesn't include such sections."""
    if segment.type not in _HOLD_NO_EMPTY_EDGES or section.size or not segment.memsz:
        return False
    in_file = section.type == "NOBITS" or 0 < section.offset - segment.offset < segment.filesz
    in_memory = "A" not in section.flags or 0 < section.address - segment.vaddr < segment.memsz
    return not (in_file and in_memory)
