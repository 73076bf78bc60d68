"""Reads an ELF file into our own values: headers, segments, sections; never symbols (`elf(5)`).

Tables are checked against the file's size and cut out of it before they are parsed. So a crafted file can't cost much
time or memory, and an ELF inside an archive or in a process's memory is read like any other.
"""

from collections.abc import Iterator, Sequence

from mmexplorer.kernel.errors import unavailable
from mmexplorer.model.elf.image import ElfImage, Section, Segment, with_sections
from mmexplorer.model.typed import TYPE_CHECKING, Protocol
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.elf.headers import (
    FILE_TYPES,
    IDENT_SIZE,
    MACHINES,
    SECTION_TYPES,
    SEGMENT_TYPES,
    FileHeader,
    Layouts,
    ProgramHeader,
    SectionHeader,
    layouts,
)
from mmexplorer.parse.elf.tables import NAMES_AT_MOST, build_id, section_flags, section_names

if TYPE_CHECKING:
    from mmexplorer.kernel.elf.rare_names import RareNames

MAGIC = b"\x7fELF"

_HEADERS_AT_MOST = 1 << 17
"""The most program or section headers read: about a second's worth. Real files have a few dozen, core files thousands.
"""
_PAIRS_AT_MOST = 1 << 20
"""Segments times sections: above this, sections aren't assigned to segments."""
_NOTES_AT_MOST = 1 << 16
_PATH_AT_MOST = 1 << 12

_PN_XNUM = 0xFFFF
_SHN_XINDEX = 0xFFFF
_SHT_NOTE = 7

_NAMES_AT_MOST = 1 << 24
"""Total length of section names in segments: a section is named in each segment that contains it."""
_SECTIONS_SEARCHED = 1 << 10
"""How many sections are searched for a build-id if no segment has one and sections weren't requested."""

_SOLARIS = 6
"""The EI_OSABI that gives the section types below Solaris's meaning rather than GNU's (`elf(5)`)."""
_SOLARIS_TYPES = {
    0x6FFFFFEE + place: name
    for place, name in enumerate(
        (
            "SUNW_ancillary", "SUNW_capchain", "SUNW_capinfo", "SUNW_symsort", "SUNW_tlssort", "SUNW_LDYNSYM",
            "SUNW_dof", "SUNW_cap", "SUNW_SIGNATURE", "SUNW_ANNOTATE", "SUNW_DEBUGSTR", "SUNW_DEBUG", "SUNW_move",
            "SUNW_COMDAT", "SUNW_syminfo", "SUNW_verdef", "SUNW_verneed", "SUNW_versym",
        )
    )
}  # fmt: skip
_BOUNDS = frozenset({"NUM", "LOOS", "HIOS", "LOPROC", "HIPROC", "LOUSER", "HIUSER"})
"""pyelftools's names for the limits of ranges, which aren't types."""

_READELF_NAMES = {"AMD64_UNWIND": "X86_64_UNWIND"}
"""Where pyelftools and readelf(1) call a section type differently."""

_NOT_READ = Unavailable(Cause.NOT_READ, "sections not read yet")
_NOT_IN_MEMORY = Unavailable(Cause.NOT_READ, "read from memory, and its section headers are not there")


class Content(Protocol):
    """The bytes an ELF is read from."""

    @property
    def size(self) -> int:
        """The total number of bytes."""
        ...

    def read(self, offset: int, size: int) -> bytes:
        """Read up to `size` bytes; fewer at the end. Raises OSError."""
        ...


class Wanted(NamedTuple):
    """What to read, and how to name it."""

    path: str
    opened_via: str
    header_offset: int = 0
    sections: bool = False


class Held(NamedTuple):
    """Bytes in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """The total number of bytes."""
        return len(self.data)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes."""
        return self.data[offset : offset + size]


class _Header(NamedTuple):
    """The ELF header, with what is needed to read further."""

    layouts: Layouts
    fields: FileHeader
    ident: bytes
    content: Content
    at: int

    @property
    def osabi(self) -> int:
        """The byte EI_OSABI."""
        return self.ident[7]

    @property
    def machine(self) -> str:
        """The specification's name of e_machine."""
        number = self.fields.e_machine
        return MACHINES.get(number) or _name(self.rare.machine, "EM_", number)

    @property
    def rare(self) -> "RareNames":
        """Names for what `parse.elf.headers` doesn't cover."""
        from mmexplorer.kernel.elf.rare_names import rare_names  # noqa: PLC0415 - imports pyelftools, which few files need

        return rare_names(self.ident, self.layouts.order, self.fields.e_type, self.fields.e_machine)

    def read(self, offset: int, size: int) -> bytes:
        """Read relative to the ELF header."""
        return self.content.read(self.at + offset, size)

    @property
    def room(self) -> int:
        """Bytes from the ELF header to the end of the file."""
        return self.content.size - self.at


def read_elf(content: Content, wanted: Wanted) -> ElfImage | Unavailable:
    """Read an ELF file. Whatever the bytes, return an image or a sentence, in bounded time and memory."""
    try:
        header = _read_header(content, wanted.header_offset)
        return header if isinstance(header, Unavailable) else _image(header, wanted)
    except OSError as error:
        return unavailable(error)


def malformed(reason: str) -> Unavailable:
    """Say what is wrong with the bytes."""
    return Unavailable(Cause.MALFORMED, reason)


def _read_header(content: Content, at: int) -> _Header | Unavailable:
    ident = content.read(at, IDENT_SIZE)
    if not ident.startswith(MAGIC):
        return malformed("not an ELF file" if content.size else "an empty file, not an ELF file")
    if len(ident) < IDENT_SIZE or ident[4] not in (1, 2) or ident[5] not in (1, 2):
        return malformed("not a valid ELF file: its first 16 bytes name no known class and byte order")
    known = layouts(32 * ident[4], "<" if ident[5] == 1 else ">")
    raw = content.read(at, known.file_size)
    if len(raw) < known.file_size:
        return malformed(f"a truncated ELF file: it ends inside the ELF header, after {len(raw):,} bytes")
    return _Header(known, known.file(raw), ident, content, at)


def _image(header: _Header, wanted: Wanted) -> ElfImage | Unavailable:
    found = _segments(header)
    segments = () if isinstance(found, Unavailable) else found
    sections = _sections(header, len(segments)) if wanted.sections else _NOT_READ
    no_segments = found if isinstance(found, Unavailable) else None
    if no_segments is not None and (isinstance(sections, Unavailable) or not sections):
        return no_segments
    if isinstance(sections, Unavailable) and wanted.opened_via == "memory":
        sections = _NOT_IN_MEMORY
    if not isinstance(sections, Unavailable):
        segments = with_sections(segments, sections)
    fields = header.fields
    return ElfImage(
        path=wanted.path,
        opened_via=wanted.opened_via,
        header_offset=header.at,
        elf_class=f"ELF{header.layouts.bits}",
        data="2LSB" if header.layouts.order == "<" else "2MSB",
        type=_file_type(header),
        machine=header.machine,
        entry=fields.e_entry,
        interp=_interp(header, segments),
        build_id=_build_id(header, segments, sections),
        segments=segments,
        sections=sections,
        no_segments=no_segments,
    )


def _name(value: str | int, prefix: str, number: int) -> str:
    """Return the specification's name without its prefix, or the number if it has no name."""
    name = "" if isinstance(value, int) else value.removeprefix(prefix)
    return f"{number:#x}" if not name or name in _BOUNDS or name.startswith("SUNW_") else name


def _file_type(header: _Header) -> str:
    number = header.fields.e_type
    return FILE_TYPES.get(number) or _name(header.rare.file_type, "ET_", number)


def _segment_type(header: _Header, number: int) -> str:
    return SEGMENT_TYPES.get(number) or _name(header.rare.segment_type(number), "PT_", number)


def _section_type(header: _Header, number: int) -> str:
    if header.osabi == _SOLARIS and number in _SOLARIS_TYPES:
        return _SOLARIS_TYPES[number]
    known = SECTION_TYPES.get(number)
    if known is not None:
        return known
    name = _name(header.rare.section_type(number), "SHT_", number)
    return _READELF_NAMES.get(name, name)


def _segments(header: _Header) -> tuple[Segment, ...] | Unavailable:
    count = header.fields.e_phnum
    if count == _PN_XNUM:
        zero = _section_zero(header)
        count = (zero.sh_info if zero else 0) or count
    if not header.fields.e_phoff:
        count = 0
    layout = header.layouts
    table = _table(
        header,
        "program header",
        header.fields.e_phoff,
        count,
        entry_size=header.fields.e_phentsize,
        expected=layout.program_size,
    )
    if isinstance(table, Unavailable):
        return table
    return tuple(_segment(header, index, layout.program(entry)) for index, entry in enumerate(table))


def _segment(header: _Header, index: int, fields: ProgramHeader) -> Segment:
    letters = zip("RWE", (4, 2, 1), strict=True)
    return Segment(
        index=index,
        type=_segment_type(header, fields.p_type),
        offset=fields.p_offset,
        vaddr=fields.p_vaddr,
        paddr=fields.p_paddr,
        filesz=fields.p_filesz,
        memsz=fields.p_memsz,
        flags="".join(letter if fields.p_flags & bit else " " for letter, bit in letters).strip(),
        align=fields.p_align,
    )


def _table(
    header: _Header, what: str, offset: int, count: int, *, entry_size: int, expected: int
) -> Iterator[bytes] | Unavailable:
    """Cut a table of headers out of the file, after checking that it fits."""
    if count == 0:
        return iter(())
    if entry_size != expected:
        return malformed(
            f"a corrupt ELF file: its {what}s are {entry_size} bytes each, but ELF{header.layouts.bits} has {expected}"
        )
    end = offset + count * entry_size
    if end > header.room:
        return malformed(
            f"a truncated or corrupt ELF file: its {count:,} {what}s would end at {end:#x}, but there are only"
            f" {max(0, header.room):,} bytes ({max(0, header.room):#x})"
        )
    if count > _HEADERS_AT_MOST:
        return malformed(f"its {count:,} {what}s are more than the {_HEADERS_AT_MOST:,} that are read")
    raw = header.read(offset, count * entry_size)
    if len(raw) < count * entry_size:
        return malformed(f"a truncated ELF file: it became shorter while its {what}s were read")
    return (raw[start : start + entry_size] for start in range(0, len(raw), entry_size))


def _section_zero(header: _Header) -> SectionHeader | None:
    """Return section header 0, which has the counts too large for the ELF header; None if there is none."""
    size = header.layouts.section_size
    raw = header.read(header.fields.e_shoff, size) if header.fields.e_shoff else b""
    return header.layouts.section(raw) if len(raw) == size else None


def _sections(header: _Header, segments: int) -> tuple[Section, ...] | Unavailable:
    zero = None if header.fields.e_shnum else _section_zero(header)
    count = (zero.sh_size if zero else header.fields.e_shnum) if header.fields.e_shoff else 0
    table = _section_table(header, count)
    if isinstance(table, Unavailable):
        return table
    if count * segments > _PAIRS_AT_MOST:
        return malformed(f"{segments:,} program headers and {count:,} sections: too many to say which contains which")
    fields = [header.layouts.section(entry) for entry in table]
    names = _section_names(header, fields)
    if isinstance(names, Unavailable):
        return names
    if segments * sum(map(len, names)) > _NAMES_AT_MOST:
        return malformed(f"{segments:,} program headers and the names of {count:,} sections: too many to tell in each")
    return tuple(_section(header, index, each, names[index]) for index, each in enumerate(fields))


def _section(header: _Header, index: int, fields: SectionHeader, name: str) -> Section:
    return Section(
        index=index,
        name=name,
        type=_section_type(header, fields.sh_type),
        address=fields.sh_addr,
        offset=fields.sh_offset,
        size=fields.sh_size,
        entsize=fields.sh_entsize,
        flags=section_flags(fields.sh_flags, header.machine, header.osabi),
        link=fields.sh_link,
        info=fields.sh_info,
        align=fields.sh_addralign,
    )


def _section_table(header: _Header, count: int) -> Iterator[bytes] | Unavailable:
    return _table(
        header,
        "section header",
        header.fields.e_shoff,
        count,
        entry_size=header.fields.e_shentsize,
        expected=header.layouts.section_size,
    )


def _section_names(header: _Header, fields: list[SectionHeader]) -> list[str] | Unavailable:
    """Read the names from the section name table (.shstrtab); all empty if that table is unavailable."""
    index = header.fields.e_shstrndx
    if index == _SHN_XINDEX:
        index = fields[0].sh_link if fields else 0
    table = fields[index] if 0 < index < len(fields) else None
    if table is None or table.sh_offset + table.sh_size > header.room:
        # Sections without names are still sections: the loader needs neither.
        return [""] * len(fields)
    names = section_names(header.read(table.sh_offset, min(table.sh_size, NAMES_AT_MOST)), [f.sh_name for f in fields])
    return malformed("a corrupt ELF file: its section names overlap endlessly") if names is None else names


def _interp(header: _Header, segments: tuple[Segment, ...]) -> str | None:
    segment = next((segment for segment in segments if segment.type == "INTERP"), None)
    if segment is None:
        return None
    raw = header.read(segment.offset, min(segment.filesz, _PATH_AT_MOST)).split(b"\0", 1)[0]
    return raw.decode("utf-8", "surrogateescape") or None


def _build_id(
    header: _Header, segments: tuple[Segment, ...], sections: tuple[Section, ...] | Unavailable
) -> str | None:
    """Search NOTE segments, then NOTE sections: objects have no segments, and Go's linker omits that for notes."""
    in_segments = [(each.offset, each.filesz, each.align) for each in segments if each.type == "NOTE"]
    return _build_id_at(header, in_segments) or _build_id_at(header, _note_sections(header, sections))


def _note_sections(header: _Header, sections: tuple[Section, ...] | Unavailable) -> list[tuple[int, int, int]]:
    """Return offset, size and alignment of NOTE sections, reading only their headers if sections weren't requested."""
    if not isinstance(sections, Unavailable):
        return [(each.offset, each.size, each.align) for each in sections if each.type == "NOTE"]
    count = header.fields.e_shnum if header.fields.e_shoff else 0
    if sections is not _NOT_READ or count > _SECTIONS_SEARCHED:
        return []
    table = _section_table(header, count)
    fields = () if isinstance(table, Unavailable) else (header.layouts.section(entry) for entry in table)
    return [(each.sh_offset, each.sh_size, each.sh_addralign) for each in fields if each.sh_type == _SHT_NOTE]


def _build_id_at(header: _Header, places: Sequence[tuple[int, int, int]]) -> str | None:
    left = _NOTES_AT_MOST
    for offset, size, align in places:
        notes = header.read(offset, min(size, left))
        left -= len(notes)
        found = build_id(notes, header.layouts.order, align)
        if found or left <= 0:
            return found
    return None
