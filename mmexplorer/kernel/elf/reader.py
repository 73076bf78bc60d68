"""Reads an ELF file into our own values: headers, segments, sections; never symbols (`elf(5)`).

pyelftools' structures only ever see tables that were checked against the file's size and cut out of it. So a crafted
file can cost neither time nor memory, and an ELF inside an archive or in a process's memory reads like any other.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from mmexplorer.kernel.errors import unavailable
from mmexplorer.model.elf import ElfImage, Section, Segment, with_sections
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.elf import NAMES_AT_MOST, build_id, section_flags, section_names

MAGIC = b"\x7fELF"

_HEADERS_AT_MOST = 1 << 17
"""Program or section headers read: about a second's worth. Real files have a few dozen, core files some thousands."""
_PAIRS_AT_MOST = 1 << 20
"""Segments times sections: beyond it, which segment contains which section is not computed."""
_NOTES_AT_MOST = 1 << 16
_PATH_AT_MOST = 1 << 12

_PN_XNUM = 0xFFFF
_SHN_XINDEX = 0xFFFF

_READELF_NAMES = {
    "GNU_versym": "VERSYM",
    "GNU_verneed": "VERNEED",
    "GNU_verdef": "VERDEF",
    "AMD64_UNWIND": "X86_64_UNWIND",
}
"""Where pyelftools and readelf(1) call a section type differently."""

_NOT_READ = Unavailable(Cause.NOT_READ, "sections not read yet")
_NOT_IN_MEMORY = Unavailable(Cause.NOT_READ, "read from memory, and its section headers are not there")

Structures = Callable[..., Any]
"""Gives pyelftools' ELFStructs for little-endian or not, 32 or 64 bits and, once known, e_type, e_machine, EI_OSABI."""


class Content(Protocol):
    """The bytes that an ELF is read from."""

    @property
    def size(self) -> int:
        """How many there are."""
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
    """Bytes that are already here."""

    data: bytes

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.data)

    def read(self, offset: int, size: int) -> bytes:
        """Give up to `size` bytes."""
        return self.data[offset : offset + size]


class _Header(NamedTuple):
    """The ELF header, with what is needed to read on."""

    structs: Any
    """pyelftools' ELFStructs."""
    fields: Any
    """pyelftools' container of the e_ fields."""
    order: Any
    """The byte order as `struct` writes it."""
    osabi: int
    content: Content
    at: int

    def read(self, offset: int, size: int) -> bytes:
        """Read relative to the ELF header."""
        return self.content.read(self.at + offset, size)

    @property
    def room(self) -> int:
        """Bytes from the ELF header to the end."""
        return self.content.size - self.at


def read_elf(content: Content, wanted: Wanted, structures: Structures) -> ElfImage | Unavailable:
    """Read an ELF file; total: whatever the bytes are, an image or one sentence, soon and in bounded memory."""
    try:
        header = _read_header(content, wanted.header_offset, structures)
        return header if isinstance(header, Unavailable) else _image(header, wanted)
    except OSError as error:
        return unavailable(error)


def malformed(reason: str) -> Unavailable:
    """Say what is wrong with the bytes."""
    return Unavailable(Cause.MALFORMED, reason)


def _read_header(content: Content, at: int, structures: Structures) -> _Header | Unavailable:
    ident = content.read(at, 16)
    if not ident.startswith(MAGIC):
        return malformed("not an ELF file" if content.size else "an empty file, not an ELF file")
    if len(ident) < 16 or ident[4] not in (1, 2) or ident[5] not in (1, 2):  # noqa: PLR2004 -- e_ident has 16 bytes
        return malformed("not a valid ELF file: its first 16 bytes name no known class and byte order")
    little, bits = ident[5] == 1, 32 * ident[4]
    structs = structures(little, bits)
    raw = content.read(at, structs.Elf_Ehdr.sizeof())
    if len(raw) < structs.Elf_Ehdr.sizeof():
        return malformed(f"a truncated ELF file: it ends inside the ELF header, after {len(raw):,} bytes")
    fields = structs.Elf_Ehdr.parse(raw)
    structs = structures(little, bits, fields.e_type, fields.e_machine, fields.e_ident.EI_OSABI)
    return _Header(structs, fields, "<" if little else ">", ident[7], content, at)


def _image(header: _Header, wanted: Wanted) -> ElfImage | Unavailable:
    segments = _segments(header)
    if isinstance(segments, Unavailable):
        return segments
    sections = _sections(header, len(segments)) if wanted.sections else _NOT_READ
    if isinstance(sections, Unavailable) and wanted.opened_via == "memory":
        sections = _NOT_IN_MEMORY
    if not isinstance(sections, Unavailable):
        segments = with_sections(segments, sections)
    fields = header.fields
    return ElfImage(
        path=wanted.path,
        opened_via=wanted.opened_via,
        header_offset=header.at,
        elf_class=f"ELF{header.structs.elfclass}",
        data="2LSB" if header.structs.little_endian else "2MSB",
        type=_name(fields.e_type, "ET_"),
        machine=_name(fields.e_machine, "EM_"),
        entry=fields.e_entry,
        interp=_interp(header, segments),
        build_id=_build_id(header, segments, sections),
        segments=segments,
        sections=sections,
    )


def _name(value: str | int, prefix: str) -> str:
    """Give the specification's name without its prefix; a number where pyelftools has none."""
    return f"{value:#x}" if isinstance(value, int) else value.removeprefix(prefix)


def _segments(header: _Header) -> tuple[Segment, ...] | Unavailable:
    count = header.fields.e_phnum
    if count == _PN_XNUM:
        count = _section_zero(header, "sh_info") or count
    if not header.fields.e_phoff:
        count = 0
    layout = header.structs.Elf_Phdr
    table = _table(
        header,
        "program header",
        header.fields.e_phoff,
        count,
        entry_size=header.fields.e_phentsize,
        expected=layout.sizeof(),
    )
    if isinstance(table, Unavailable):
        return table
    return tuple(_segment(index, layout.parse(entry)) for index, entry in enumerate(table))


def _segment(index: int, fields: Any) -> Segment:
    letters = zip("RWE", (4, 2, 1), strict=True)
    return Segment(
        index=index,
        type=_name(fields.p_type, "PT_"),
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
    """Cut a table of headers out of the file, after seeing that it can be there."""
    if count == 0:
        return iter(())
    if entry_size != expected:
        return malformed(
            f"a corrupt ELF file: its {what}s are {entry_size} bytes each, but ELF{header.structs.elfclass} has"
            f" {expected}"
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


def _section_zero(header: _Header, field: str) -> int:
    """Give a field of section header 0, where counts stand that the ELF header has no room for; 0 if there is none."""
    layout = header.structs.Elf_Shdr
    raw = header.read(header.fields.e_shoff, layout.sizeof()) if header.fields.e_shoff else b""
    return int(layout.parse(raw)[field]) if len(raw) == layout.sizeof() else 0


def _sections(header: _Header, segments: int) -> tuple[Section, ...] | Unavailable:
    layout = header.structs.Elf_Shdr
    count = (header.fields.e_shnum or _section_zero(header, "sh_size")) if header.fields.e_shoff else 0
    table = _table(
        header,
        "section header",
        header.fields.e_shoff,
        count,
        entry_size=header.fields.e_shentsize,
        expected=layout.sizeof(),
    )
    if isinstance(table, Unavailable):
        return table
    if count * segments > _PAIRS_AT_MOST:
        return malformed(f"{segments:,} program headers and {count:,} sections: too many to say which contains which")
    fields = [layout.parse(entry) for entry in table]
    names = _section_names(header, fields)
    if isinstance(names, Unavailable):
        return names
    return tuple(_section(header, index, each, names[index]) for index, each in enumerate(fields))


def _section(header: _Header, index: int, fields: Any, name: str) -> Section:
    kind = _name(fields.sh_type, "SHT_")
    machine = _name(header.fields.e_machine, "EM_")
    return Section(
        index=index,
        name=name,
        type=_READELF_NAMES.get(kind, kind),
        address=fields.sh_addr,
        offset=fields.sh_offset,
        size=fields.sh_size,
        entsize=fields.sh_entsize,
        flags=section_flags(fields.sh_flags, machine, header.osabi),
        link=fields.sh_link,
        info=fields.sh_info,
        align=fields.sh_addralign,
    )


def _section_names(header: _Header, fields: list[Any]) -> list[str] | Unavailable:
    """Read the names out of the section name table (.shstrtab); all empty for a file that has no such table."""
    index = header.fields.e_shstrndx
    if index == _SHN_XINDEX:
        index = fields[0].sh_link if fields else 0
    if index == 0:
        return [""] * len(fields)
    if index >= len(fields):
        return malformed(f"a corrupt ELF file: section {index:,} should hold the names, but there are {len(fields):,}")
    table = fields[index]
    if table.sh_offset + table.sh_size > header.room:
        return malformed("a truncated or corrupt ELF file: its section names would lie past its end")
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
    """Look in the NOTE segments; in the NOTE sections of a file that has no segments (an object, a kernel module)."""
    places = [(each.offset, each.filesz, each.align) for each in segments if each.type == "NOTE"]
    if not places and not isinstance(sections, Unavailable):
        places = [(each.offset, each.size, each.align) for each in sections if each.type == "NOTE"]
    left = _NOTES_AT_MOST
    for offset, size, align in places:
        notes = header.read(offset, min(size, left))
        left -= len(notes)
        found = build_id(notes, header.order, align)
        if found or left <= 0:
            return found
    return None
