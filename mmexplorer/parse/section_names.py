"""The names of sections: strings in a table, each found by its offset (`elf(5)`, "String and symbol tables")."""

from collections.abc import Iterable

NAMES_AT_MOST = 1 << 24
"""Bytes of names, in the table and as read: crafted names can overlap, so that a small table holds very many."""

_NAME_AT_MOST = 1 << 12
CORRUPT = "<corrupt>"
"""What stands for a name that the table doesn't hold, as readelf(1) writes it."""


def section_names(strings: bytes, offsets: Iterable[int]) -> list[str] | None:
    """Look up the name at each offset; None if together they are longer than `NAMES_AT_MOST`.

    Bytes that aren't UTF-8 become surrogates; a name is cut at 4,096 bytes.
    """
    names = []
    left = NAMES_AT_MOST
    for offset in offsets:
        name = _string_at(strings, offset)
        left -= len(name)
        if left < 0:
            return None
        names.append(name)
    return names


def _string_at(strings: bytes, offset: int) -> str:
    if offset >= len(strings):
        return CORRUPT
    return strings[offset : offset + _NAME_AT_MOST].split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
