"""An ELF file as far as loading needs it: `elf(5)`, names without the specification's prefixes (LOAD, not PT_LOAD)."""

from collections.abc import Sequence

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen, replace

_HOLD_TLS = frozenset({"TLS", "GNU_RELRO", "LOAD"})
_HOLD_ONLY_ALLOC = frozenset({"LOAD", "DYNAMIC", "GNU_EH_FRAME", "GNU_STACK", "GNU_RELRO"})
_HOLD_NO_EMPTY_EDGES = frozenset({"DYNAMIC", "NOTE"})


@frozen
class Segment:
    """One program header. Addresses are those in the file: add the load bias for those at run time."""

    index: int
    """Its place in the program-header table."""
    type: str
    """LOAD, DYNAMIC, GNU_RELRO ...; an unknown one as `0x6474e556`."""
    offset: int
    vaddr: int
    paddr: int
    filesz: int
    memsz: int
    flags: str
    """As `readelf -lW` prints them, without blanks at the ends: "R", "R E", "RW"."""
    align: int
    sections: tuple[str, ...] = ()
    """The names of the sections it holds, in the order of the section table; filled when sections were read."""

    @property
    def bss(self) -> int:
        """Bytes that exist only in memory."""
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
    """A row of the loader's table as the memory chapter draws it."""

    offset: int
    """In the file."""
    size: int
    """Bytes in the file."""
    address: int
    """Where it is mapped, before the load bias."""
    index: int
    """The program header it comes from."""


@frozen
class MemoryNeed:
    """How much address space the LOAD segments ask for."""

    raw: int
    """The sum of p_memsz: the chapter's "code + data"."""
    pages: int
    """The same, each segment rounded outward to whole pages."""


@frozen
class LoaderTable:
    """Code, data, entry point, memory needed: all that a simple loader has to know."""

    code: LoaderPart | None
    """The first executable LOAD; None if there is none."""
    data: LoaderPart | None
    """The first writable LOAD; None if there is none."""
    entry: int
    """0 where the file has no entry point (most libraries)."""
    memory: MemoryNeed


@frozen
class ElfImage:
    """What an ELF file says about itself."""

    path: str
    """As the person or the kernel named it; not cleaned."""
    opened_via: str
    """How it was opened: by "path", "map_files", "exe", "root" or "memory"."""
    header_offset: int
    """Where in the file the ELF header stands: 0 but for an ELF inside an archive. Offsets below are relative to it."""
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
    """Why the program headers can't be read, though the sections can; None where they were read, however few."""

    @property
    def loads(self) -> tuple[Segment, ...]:
        """The LOAD segments in the order of the table."""
        return tuple(segment for segment in self.segments if segment.type == "LOAD")


def page_floor(address: int, page_size: int) -> int:
    """The start of the page that holds `address`."""
    return address & -page_size


def page_ceil(address: int, page_size: int) -> int:
    """The first page boundary at or after `address`."""
    return (address + page_size - 1) & -page_size


def loader_table(image: ElfImage, page_size: int) -> LoaderTable:
    """Draw up the chapter's table for `image`, with `page_size` in bytes for the rounded sum."""
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
    """Give the segments with the names of the sections they hold; section 0 is no section and in none."""
    return tuple(
        replace(segment, sections=tuple(section.name for section in sections[1:] if holds(segment, section)))
        for segment in segments
    )


def holds(segment: Segment, section: Section) -> bool:
    """Whether `segment` holds `section`, as `readelf -l` answers it: binutils' ELF_SECTION_IN_SEGMENT_STRICT."""
    return (
        _kinds_fit(segment, section)
        and _within(section.type == "NOBITS", section.offset - segment.offset, section.size, segment.filesz)
        and _within("A" not in section.flags, section.address - segment.vaddr, section.size, segment.memsz)
        and not _empty_at_edge(segment, section)
    )


def _kinds_fit(segment: Segment, section: Section) -> bool:
    if "T" in section.flags:
        # .tbss takes no room in a LOAD: each thread gets its own copy, so only TLS holds it.
        if section.type == "NOBITS":
            return segment.type == "TLS"
        return segment.type in _HOLD_TLS
    if segment.type in {"TLS", "PHDR"}:
        return False
    return "A" in section.flags or segment.type not in _HOLD_ONLY_ALLOC


def _within(exempt: bool, distance: int, size: int, room: int) -> bool:  # noqa: FBT001 -- a value, not a mode
    # Without room the strict upper bound, `room - 1` in unsigned arithmetic, bounds nothing.
    return exempt or (distance >= 0 and (room == 0 or distance < room) and distance + size <= room)


def _empty_at_edge(segment: Segment, section: Section) -> bool:
    """Whether an empty section stands at the first or past the last byte of a segment that must not count it."""
    if segment.type not in _HOLD_NO_EMPTY_EDGES or section.size or not segment.memsz:
        return False
    in_file = section.type == "NOBITS" or 0 < section.offset - segment.offset < segment.filesz
    in_memory = "A" not in section.flags or 0 < section.address - segment.vaddr < segment.memsz
    return not (in_file and in_memory)
