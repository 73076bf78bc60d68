"""Builds small ELF files of either class and byte order, byte by byte, including what no compiler here produces."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

PT_LOAD, PT_INTERP, PT_NOTE = 1, 3, 4
SHT_PROGBITS, SHT_STRTAB, SHT_NOTE, SHT_NOBITS = 1, 3, 7, 8

BUILD_ID = bytes(range(20))


@dataclass(frozen=True)
class Made:
    """The bytes of a file, and the offsets of its structures."""

    data: bytes
    bits: int
    order: Literal["<", ">"]
    phoff: int
    phnum: int
    shoff: int
    shnum: int
    boundaries: Sequence[int] = field(default=())

    def with_field(self, offset: int, kind: str, value: int) -> bytes:
        """Return the same file with one number overwritten; `kind` is a format character of `struct`."""
        data = bytearray(self.data)
        struct.pack_into(self.order + kind, data, offset, value)
        return bytes(data)


def make_elf(bits: int, order: Literal["<", ">"], machine: int, *, kind: int = 3) -> Made:
    """Return a file with an interpreter, a build-id, code, data, bss, and sections over all of them."""
    wide = bits == 64
    header, entry, section_entry = (64, 56, 64) if wide else (52, 32, 40)
    interp = b"/lib/ld.so.1\0"
    note = struct.pack(order + "III", 4, len(BUILD_ID), 3) + b"GNU\0" + BUILD_ID
    names = [b"", b".interp", b".note.gnu.build-id", b".text", b".data", b".bss", b".shstrtab"]
    strings = b"\0".join(names) + b"\0"
    phnum, phoff = 4, header
    interp_at = phoff + phnum * entry
    note_at = (interp_at + len(interp) + 3) & ~3
    code_at = note_at + len(note)
    code = b"\xc3" * 40
    data_at = 0x1000
    data = b"d" * 100
    strings_at = data_at + len(data)
    shoff = (strings_at + len(strings) + 7) & ~7

    def segment(what: int, flags: int, at: int, address: int, size: int, memory: int, align: int) -> bytes:  # noqa: PLR0917 -- the fields in their order
        if wide:
            return struct.pack(order + "IIQQQQQQ", what, flags, at, address, address, size, memory, align)
        return struct.pack(order + "IIIIIIII", what, at, address, address, size, memory, flags, align)

    def section(name: bytes, what: int, flags: int, address: int, at: int, size: int, align: int) -> bytes:  # noqa: PLR0917 -- the fields in their order
        word = "Q" if wide else "I"
        return struct.pack(
            f"{order}II{word * 4}II{word * 2}",
            strings.index(b"\0" + name + b"\0") + 1 if name else 0, what, flags, address, at, size, 0, 0, align, 0,
        )  # fmt: skip

    segments = (
        segment(PT_LOAD, 5, 0, 0, code_at + len(code), code_at + len(code), 0x1000)
        + segment(PT_LOAD, 6, data_at, 0x2000, len(data), len(data) + 0x1800, 0x1000)
        + segment(PT_INTERP, 4, interp_at, interp_at, len(interp), len(interp), 1)
        + segment(PT_NOTE, 4, note_at, note_at, len(note), len(note), 4)
    )
    sections = (
        section(b"", 0, 0, 0, 0, 0, 0)
        + section(b".interp", SHT_PROGBITS, 2, interp_at, interp_at, len(interp), 1)
        + section(b".note.gnu.build-id", SHT_NOTE, 2, note_at, note_at, len(note), 4)
        + section(b".text", SHT_PROGBITS, 6, code_at, code_at, len(code), 1)
        + section(b".data", SHT_PROGBITS, 3, 0x2000, data_at, len(data), 1)
        + section(b".bss", SHT_NOBITS, 3, 0x2000 + len(data), strings_at, 0x1800, 1)
        + section(b".shstrtab", SHT_STRTAB, 0, 0, strings_at, len(strings), 1)
    )
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    word = "Q" if wide else "I"
    fields = struct.pack(
        f"{order}HHI{word * 3}IHHHHHH",
        kind, machine, 1, code_at, phoff, shoff, 0, header, entry, phnum, section_entry, len(names), len(names) - 1,
    )  # fmt: skip
    parts = {0: ident + fields, phoff: segments, interp_at: interp, note_at: note, code_at: code, data_at: data,
             strings_at: strings, shoff: sections}  # fmt: skip
    whole = bytearray(shoff + len(sections))
    for at, part in parts.items():
        whole[at : at + len(part)] = part
    return Made(
        bytes(whole), bits, order, phoff, phnum, shoff, len(names),
        boundaries=sorted({0, 4, 5, 15, 16, header - 1, phoff + entry, phoff + entry - 1, shoff + section_entry - 1,
                           len(whole) - 1, *parts}),
    )  # fmt: skip
