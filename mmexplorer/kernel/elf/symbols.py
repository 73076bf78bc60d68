"""Finds an ELF file's symbols: in its own tables, in the compressed one, and in an installed debug file.

Uses gdb's places and order ("Debugging Information in Separate Files", "MiniDebugInfo"): /usr/lib/debug/.build-id, then
the name in .gnu_debuglink, verified by its CRC.
"""

import lzma
import os
import struct
import zlib
from collections.abc import Iterator, Sequence

from mmexplorer.kernel.elf.mapped_file import VDSO, open_mapped, vdso_content
from mmexplorer.kernel.elf.plt import got_slots, plt_tables
from mmexplorer.kernel.elf.reader import Content, Held, Wanted, malformed, read_elf
from mmexplorer.kernel.elf.versions import read_versions
from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.files import OpenFile
from mmexplorer.kernel.pages.memory import MemoryBytes
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.remote.opener import open_named
from mmexplorer.model.elf.image import ElfImage, Section
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.elf.symbols import Symbols, SymbolTable
from mmexplorer.model.region import Region
from mmexplorer.model.typed import Literal
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.elf.symbols import SymbolEntries, entry_size, parse_symbols
from mmexplorer.parse.error import ParseError

_ENTRIES_AT_MOST = 1 << 21
"""Symbols read per table: a few seconds' worth."""
_STRINGS_AT_MOST = 1 << 28
_INNER_AT_MOST = 1 << 26
"""The most bytes to which .gnu_debugdata may unpack."""
_REMEMBERED = 1 << 8
_CHUNK = 1 << 20
_LINK_AT_MOST = 1 << 12

DEBUG_ROOT = "/usr/lib/debug"
"""Where distributions put debug files."""


class SymbolCache:
    """Reads ELF files' symbols and caches them by build-id, or by file if it has none."""

    def __init__(self, debug_root: str = DEBUG_ROOT) -> None:
        self._debug_root = debug_root
        self._known: dict[object, Symbols | Unavailable] = {}

    def of_path(self, path: str) -> Symbols | Unavailable:
        """Read the symbols of the file at `path`."""
        opened = open_named(path)
        if isinstance(opened, Unavailable):
            return opened
        with opened:
            return self.of_content(opened, Wanted(path, "path", sections=True), opened.identity)

    def of_loaded(
        self, procfs: LiveProcfs, memory: MemoryBytes, pid: int, regions: Sequence[Region], loaded: LoadedImage
    ) -> Symbols | Unavailable:
        """Read the symbols of a file a process has loaded; `pid` is the number through which its memory is visible."""
        image = loaded.image
        wanted = Wanted(image.path, image.opened_via, image.header_offset)
        if loaded.file is None:
            return self.of_vdso(memory, pid, regions, wanted)
        mapped = [region for region in regions if region.file == loaded.file]
        opened = open_mapped(procfs, pid, mapped)
        if isinstance(opened, Unavailable):
            return opened
        with opened:
            return self.of_content(opened, wanted, opened.identity)

    def of_vdso(
        self, memory: MemoryBytes, pid: int, regions: Sequence[Region], wanted: Wanted
    ) -> Symbols | Unavailable:
        """Read the symbols of the vDSO, which is in memory alone."""
        region = next((region for region in regions if region.path == VDSO), None)
        if region is None:
            return Unavailable(Cause.GONE, "the vDSO is not mapped any more")
        content = vdso_content(memory, pid, region)
        return content if isinstance(content, Unavailable) else self.of_content(Held(content), wanted, VDSO)

    def of_content(self, content: Content, wanted: Wanted, identity: object) -> Symbols | Unavailable:
        """Read the symbols of an open ELF file; `identity` identifies it if it has no build-id."""
        image = read_elf(content, wanted._replace(sections=True))
        if isinstance(image, Unavailable):
            return image
        key = image.build_id or (identity, wanted.header_offset)
        known = self._known.get(key)
        if known is None:
            known = read_symbols(content, image, self._debug_root)
            if len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[key] = known
        return known


def read_symbols(content: Content, image: ElfImage, debug_root: str = DEBUG_ROOT) -> Symbols | Unavailable:
    """Read all symbol tables about `image`; Unavailable if it has no readable section headers at all."""
    if isinstance(image.sections, Unavailable):
        return image.sections
    tables: list[SymbolTable] = []
    remarks: list[str] = []
    for found in _all_tables(content, image, image.sections, debug_root):
        if isinstance(found, SymbolTable):
            tables.append(found)
        else:
            remarks.append(found.reason)
    try:
        made, slots = tuple(plt_tables(content, image, image.sections)), got_slots(content, image, image.sections)
    except OSError as error:
        remarks.append(unavailable(error).reason)
        made, slots = (), {}
    return Symbols(image.path, image.build_id, tuple(tables), made, tuple(remarks), slots)


def _all_tables(
    content: Content, image: ElfImage, sections: Sequence[Section], debug_root: str
) -> Iterator[SymbolTable | Unavailable]:
    yield from _own_tables(content, image, sections, "SYMTAB")
    if not any(section.type == "SYMTAB" for section in sections):
        yield from _compressed(content, image, sections)
        yield from _debug_file(content, image, sections, debug_root)
    yield from _own_tables(content, image, sections, "DYNSYM")


def _own_tables(
    content: Content, image: ElfImage, sections: Sequence[Section], kind: str, source: str = ""
) -> Iterator[SymbolTable | Unavailable]:
    for section in sections:
        if section.type == kind and section.size:
            yield from _table(content, image, section, source or section.name or kind.lower())


def _table(content: Content, image: ElfImage, section: Section, source: str) -> Iterator[SymbolTable | Unavailable]:
    """Yield a table, and a reason if something of it is missing."""
    sections = image.sections if isinstance(image.sections, tuple) else ()
    strings = sections[section.link] if section.link < len(sections) else None
    if strings is None or strings.type != "STRTAB":
        yield malformed(f"{source}: the section of its names, {section.link:,}, is not a string table")
        return
    refusal = _refusal(content, image, section, strings, source)
    if refusal:
        yield malformed(f"{source}: {refusal}")
        return
    try:
        table = content.read(image.header_offset + section.offset, section.size)
        names = content.read(image.header_offset + strings.offset, strings.size)
        versions = read_versions(content, image, sections, section, byte_order(image))
    except OSError as error:
        yield unavailable(error)
        return
    if isinstance(versions, Unavailable):
        yield versions
        versions = None
    entries = SymbolEntries(table, names, byte_order(image), image.elf_class, sections, versions=versions)
    parsed = parse_symbols(source, entries)
    yield malformed(parsed.reason) if isinstance(parsed, ParseError) else parsed


def _refusal(content: Content, image: ElfImage, section: Section, strings: Section, source: str) -> str:
    """Say why a table isn't read; "" if it is."""
    size = entry_size(image.elf_class)
    room = content.size - image.header_offset
    if section.entsize not in (0, size):
        return f"its entries are {section.entsize:,} bytes each, but {image.elf_class} has {size}"
    if section.size // size > _ENTRIES_AT_MOST:
        return f"its {section.size // size:,} symbols are more than the {_ENTRIES_AT_MOST:,} that are read"
    if strings.size > _STRINGS_AT_MOST:
        return f"its names take {strings.size:,} bytes, more than the {_STRINGS_AT_MOST:,} that are read"
    for part in (section, strings):
        if part.type == "NOBITS" or part.offset + part.size > room:
            return f"truncated or corrupt: {part.name or source} would end at {part.offset + part.size:#x}"
    return ""


def byte_order(image: ElfImage) -> Literal["<", ">"]:
    """Return a file's byte order as in `struct`."""
    return "<" if image.data == "2LSB" else ">"


def _compressed(content: Content, image: ElfImage, sections: Sequence[Section]) -> Iterator[SymbolTable | Unavailable]:
    """Read the function symbols that some distributions leave in stripped files, packed with xz."""
    section = _named(sections, ".gnu_debugdata")
    if section is None:
        return
    try:
        packed = content.read(image.header_offset + section.offset, min(section.size, _INNER_AT_MOST))
        unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=1 << 28)
        data = unpacker.decompress(packed, _INNER_AT_MOST)
    except OSError as error:
        yield unavailable(error)
        return
    except (lzma.LZMAError, EOFError):
        yield malformed(".gnu_debugdata: not packed with xz, or corrupt")
        return
    inner = read_elf(Held(data), Wanted(image.path, "path", sections=True))
    if isinstance(inner, Unavailable) or isinstance(inner.sections, Unavailable):
        yield malformed(".gnu_debugdata: its contents aren't an ELF file")
        return
    yield from _own_tables(Held(data), inner, inner.sections, "SYMTAB", ".gnu_debugdata")


def _debug_file(
    content: Content, image: ElfImage, sections: Sequence[Section], debug_root: str
) -> Iterator[SymbolTable | Unavailable]:
    """Read the first debug file that belongs to `image`."""
    for path, checksum in _debug_places(content, image, sections, debug_root):
        opened = open_named(path)
        if isinstance(opened, Unavailable):
            continue
        with opened:
            debug = read_elf(opened, Wanted(path, "path", sections=True))
            mismatch = _mismatch(opened, debug, image, checksum)
            if mismatch:
                yield malformed(f"{path}: {mismatch}")
            elif isinstance(debug, ElfImage) and isinstance(debug.sections, tuple):
                yield from _own_tables(opened, debug, debug.sections, "SYMTAB", path)
                return


def _mismatch(opened: OpenFile, debug: ElfImage | Unavailable, image: ElfImage, checksum: int | None) -> str:
    """Say why a debug file doesn't belong to `image`; "" if it does."""
    if isinstance(debug, Unavailable):
        return debug.reason
    if image.build_id and debug.build_id:
        same = image.build_id == debug.build_id
        return "" if same else f"its build-id {debug.build_id} is not the file's {image.build_id}"
    if checksum is None or _crc(opened) != checksum:
        return "its checksum is not the one in .gnu_debuglink"
    return ""


def _crc(opened: OpenFile) -> int | None:
    crc = 0
    try:
        for offset in range(0, opened.size, _CHUNK):
            crc = zlib.crc32(opened.read(offset, _CHUNK), crc)
    except OSError:
        return None
    return crc


def _debug_places(
    content: Content, image: ElfImage, sections: Sequence[Section], debug_root: str
) -> Iterator[tuple[str, int | None]]:
    """Yield the places of debug files, each with the checksum required if only a name points to it."""
    if image.build_id and len(image.build_id) > 2:  # noqa: PLR2004 - two digits name the folder
        yield f"{debug_root}/.build-id/{image.build_id[:2]}/{image.build_id[2:]}.debug", None
    link = _debug_link(content, image, sections)
    if link is not None and image.path.startswith("/"):
        name, checksum = link
        folder = os.path.dirname(image.path)  # noqa: PTH120 - the path need not be text a Path can hold
        for place in (folder, f"{folder}/.debug", f"{debug_root}{folder}"):
            yield f"{place}/{name}", checksum


def _debug_link(content: Content, image: ElfImage, sections: Sequence[Section]) -> tuple[str, int] | None:
    """Read .gnu_debuglink: a file name, padding to 4 bytes, a CRC-32."""
    section = _named(sections, ".gnu_debuglink")
    if section is None or section.size > _LINK_AT_MOST:
        return None
    try:
        raw = content.read(image.header_offset + section.offset, section.size)
    except OSError:
        return None
    name = raw.split(b"\0", 1)[0]
    at = (len(name) + 4) & -4
    if not name or b"/" in name or at + 4 > len(raw):
        return None
    return name.decode("utf-8", "surrogateescape"), struct.unpack_from(f"{byte_order(image)}I", raw, at)[0]


def _named(sections: Sequence[Section], name: str) -> Section | None:
    return next((each for each in sections if each.name == name and each.type != "NOBITS" and each.size), None)
