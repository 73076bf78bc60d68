"""Reads the versions of a file's dynamic symbols."""

from collections.abc import Callable, Sequence

from mmexplorer.kernel.elf.reader import Content, malformed
from mmexplorer.model.elf.image import ElfImage, Section
from mmexplorer.model.typed import Literal
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.elf.versions import Version, Versions, parse_definitions, parse_needs

_TABLE_AT_MOST = 1 << 22
"""Bytes. More versions than their numbers can tell apart take less."""
_STRINGS_AT_MOST = 1 << 28

_Parse = Callable[[bytes, bytes, Literal["<", ">"]], dict[int, Version]]


def read_versions(
    content: Content, image: ElfImage, sections: Sequence[Section], symbols: Section, order: Literal["<", ">"]
) -> Versions | Unavailable | None:
    """Read the versions of a symbol table; None if its symbols have none. Raises OSError."""
    numbers = next((each for each in sections if each.type == "VERSYM" and each.link == symbols.index), None)
    if numbers is None:
        return None
    tables: list[tuple[_Parse, Section]] = [(parse_needs, each) for each in sections if each.type == "VERNEED"]
    tables += [(parse_definitions, each) for each in sections if each.type == "VERDEF"]
    named: dict[int, Version] = {}
    for parse, table in tables:
        strings = sections[table.link] if table.link < len(sections) else None
        if strings is None or not _may_be_read(content, image, table, strings, numbers):
            return malformed(f"{table.name}: corrupt, so versions of symbols are missing")
        named |= parse(_bytes(content, image, table), _bytes(content, image, strings), order)
    return Versions(_bytes(content, image, numbers), order, named)


def _may_be_read(content: Content, image: ElfImage, table: Section, strings: Section, numbers: Section) -> bool:
    room = content.size - image.header_offset
    inside = all(part.type != "NOBITS" and part.offset + part.size <= room for part in (table, strings, numbers))
    return inside and max(table.size, numbers.size) <= _TABLE_AT_MOST and strings.size <= _STRINGS_AT_MOST


def _bytes(content: Content, image: ElfImage, section: Section) -> bytes:
    return content.read(image.header_offset + section.offset, section.size)
