"""ELF notes (`elf(5)`, "Notes (Nhdr)"): the build-id, by which a file is recognised whatever it is called."""

import struct
from typing import Literal

_NT_GNU_BUILD_ID = 3


def build_id(notes: bytes, order: Literal["<", ">"], align: int) -> str | None:
    """Find the GNU build-id in a NOTE segment or section, as hexadecimal digits; None if there is none.

    `order` is the byte order of the file. `align` is p_align or sh_addralign: descriptors are padded to 8 bytes where
    it is 8, else to 4. Notes that are cut short end the search.
    """
    padding = 8 if align == 8 else 4  # noqa: PLR2004 -- the two alignments that notes have
    position = 0
    while position + 12 <= len(notes):
        name_size, size, kind = struct.unpack_from(f"{order}III", notes, position)
        name = notes[position + 12 : position + 12 + name_size]
        start = position + _pad(12 + name_size, padding)
        if kind == _NT_GNU_BUILD_ID and name == b"GNU\0" and start + size <= len(notes):
            return notes[start : start + size].hex()
        position = start + _pad(size, padding)
    return None


def _pad(size: int, padding: int) -> int:
    return (size + padding - 1) & -padding
