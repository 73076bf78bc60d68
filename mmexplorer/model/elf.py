"""An ELF file as far as loading needs it: `elf(5)`, names without the specification's prefixes (LOAD, not PT_LOAD)."""

from dataclasses import dataclass

from mmexplorer.model.unavailable import Unavailable


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """How much address space the LOAD segments ask for."""

    raw: int
    """The sum of p_memsz: the chapter's "code + data"."""
    pages: int
    """The same, each segment rounded outward to whole pages."""


@dataclass(frozen=True, slots=True)
class LoaderTable:
    """Code, data, entry point, memory needed: all that a simple loader has to know."""

    code: LoaderPart | None
    """The first executable LOAD; None if there is none."""
    data: LoaderPart | None
    """The first writable LOAD; None if there is none."""
    entry: int
    """0 where the file has no entry point (most libraries)."""
    memory: MemoryNeed


@dataclass(frozen=True, slots=True)
class ElfImage:
    """What an ELF file says about itself."""

    path: str
    """As the person or the kernel named it; not cleaned."""
    opened_via: str
    """Which door it was opened by: "path", "map_files", "exe", "root" or "memory"."""
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
