"""The tables inside an ELF file (`elf(5)`): notes, section names, and section flags as readelf(1) writes them."""

import struct
from collections.abc import Iterable, Iterator

from mmexplorer.model.typed import Literal

_NT_GNU_BUILD_ID = 3
_NT_GNU_PROPERTY = 5
_BRANCH_FEATURES: dict[str, tuple[int, tuple[str, ...]]] = {
    "X86_64": (0xC0000002, ("IBT", "SHSTK")),
    "386": (0xC0000002, ("IBT", "SHSTK")),
    "AARCH64": (0xC0000000, ("BTI", "PAC")),
}
"""GNU_PROPERTY_X86_FEATURE_1_AND and GNU_PROPERTY_AARCH64_FEATURE_1_AND, and the names of their bits."""

NAMES_AT_MOST = 1 << 24
"""Limit for bytes of names, stored or read: crafted names can overlap, so that a small table contains very many."""

_NAME_AT_MOST = 1 << 12
CORRUPT = "<corrupt>"
"""Used for a name that the table doesn't contain, as in readelf(1)."""

_LETTERS = {
    0x1: "W",
    0x2: "A",
    0x4: "X",
    0x10: "M",
    0x20: "S",
    0x40: "I",
    0x80: "L",
    0x100: "O",
    0x200: "G",
    0x400: "T",
    0x800: "C",
    0x80000000: "E",
}
"""The generic flags of `elf(5)` and the gABI, by bit."""

_OF_MACHINE = {("X86_64", 0x10000000): "l", ("ARM", 0x20000000): "y", ("PPC", 0x10000000): "v"}

_MASK_OS = 0x0FF00000
_MASK_PROCESSOR = 0xF0000000
_NO_ABI, _ABI_GNU, _ABI_FREEBSD = 0, 3, 9
_OF_ABI = {
    **{(abi, 0x00200000): "R" for abi in (_ABI_GNU, _ABI_FREEBSD)},
    **{(abi, 0x01000000): "D" for abi in (_NO_ABI, _ABI_GNU, _ABI_FREEBSD)},
}
"""SHF_GNU_RETAIN and SHF_GNU_MBIND, with the EI_OSABI values that give those bits this meaning."""


def build_id(notes: bytes, order: Literal["<", ">"], align: int) -> str | None:
    """Find the GNU build-id in a NOTE segment or section, as hexadecimal digits; None if it has none.

    `order` and `align` are as in `gnu_notes`.
    """
    return next((note.hex() for kind, note in gnu_notes(notes, order, align) if kind == _NT_GNU_BUILD_ID), None)


def gnu_notes(notes: bytes, order: Literal["<", ">"], align: int) -> Iterator[tuple[int, bytes]]:
    """Yield type and descriptor of each GNU note in a NOTE segment or section.

    `order` is the byte order of the file. `align` is p_align or sh_addralign: descriptors are padded to 8 bytes if it
    is 8, else to 4. A truncated note ends the search.
    """
    padding = 8 if align == 8 else 4  # noqa: PLR2004 -- the two alignments that notes have
    position = 0
    while position + 12 <= len(notes):
        name_size, size, kind = struct.unpack_from(f"{order}III", notes, position)
        name = notes[position + 12 : position + 12 + name_size]
        start = position + _pad(12 + name_size, padding)
        if name == b"GNU\0" and start + size <= len(notes):
            yield kind, notes[start : start + size]
        position = start + _pad(size, padding)


def branch_protection(notes: bytes, order: Literal["<", ">"], align: int, machine: str) -> tuple[str, ...]:
    """Return the branch protections a file's properties declare: IBT and SHSTK, or BTI and PAC."""
    feature, names = _BRANCH_FEATURES.get(machine, (0, ()))
    for kind, note in gnu_notes(notes, order, align):
        if kind != _NT_GNU_PROPERTY or not names:
            continue
        position = 0
        while position + 12 <= len(note):
            property_type, size, bits = struct.unpack_from(f"{order}III", note, position)
            if property_type == feature:
                return tuple(name for bit, name in enumerate(names) if bits >> bit & 1)
            position += 8 + _pad(size, 8)
    return ()


def _pad(size: int, padding: int) -> int:
    return (size + padding - 1) & -padding


def section_names(strings: bytes, offsets: Iterable[int]) -> list[str] | None:
    """Look up the name at each offset; None if together they are longer than `NAMES_AT_MOST`.

    Bytes that aren't UTF-8 become surrogates; names are truncated at 4,096 bytes.
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


def section_flags(flags: int, machine: str, osabi: int) -> str:
    """Write sh_flags as letters, lowest bit first; `osabi` is the byte e_ident[EI_OSABI].

    All unknown OS-specific bits together are one "o", processor-specific ones one "p"; any other is an "x".
    """
    letters = ""
    while flags:
        bit = flags & -flags
        letter = _letter(bit, machine, osabi)
        letters += letter
        flags &= ~{"o": _MASK_OS, "p": _MASK_PROCESSOR}.get(letter, bit)
    return letters


def _letter(bit: int, machine: str, osabi: int) -> str:
    known = _LETTERS.get(bit) or _OF_MACHINE.get((machine, bit))
    if known:
        return known
    if bit & _MASK_OS:
        return _OF_ABI.get((osabi, bit), "o")
    return "p" if bit & _MASK_PROCESSOR else "x"
