"""The dynamic section, the instructions for the dynamic linker: `elf(5)`, "Dynamic tags"."""

import struct

from mmexplorer.model.elf.dynamic import Dynamic, DynamicEntry
from mmexplorer.model.typed import Literal

_ENTRIES_AT_MOST = 1 << 12
_STRING_AT_MOST = 1 << 12
_NULL = 0

_TAGS = {
    1: "NEEDED", 2: "PLTRELSZ", 3: "PLTGOT", 4: "HASH", 5: "STRTAB", 6: "SYMTAB", 7: "RELA", 8: "RELASZ", 9: "RELAENT",
    10: "STRSZ", 11: "SYMENT", 12: "INIT", 13: "FINI", 14: "SONAME", 15: "RPATH", 16: "SYMBOLIC", 17: "REL",
    18: "RELSZ", 19: "RELENT", 20: "PLTREL", 21: "DEBUG", 22: "TEXTREL", 23: "JMPREL", 24: "BIND_NOW",
    25: "INIT_ARRAY", 26: "FINI_ARRAY", 27: "INIT_ARRAYSZ", 28: "FINI_ARRAYSZ", 29: "RUNPATH", 30: "FLAGS",
    32: "PREINIT_ARRAY", 33: "PREINIT_ARRAYSZ", 35: "RELRSZ", 36: "RELR", 37: "RELRENT", 0x6FFFFEF5: "GNU_HASH",
    0x6FFFFFF0: "VERSYM", 0x6FFFFFF9: "RELACOUNT", 0x6FFFFFFA: "RELCOUNT", 0x6FFFFFFB: "FLAGS_1",
    0x6FFFFFFC: "VERDEF", 0x6FFFFFFD: "VERDEFNUM", 0x6FFFFFFE: "VERNEED", 0x6FFFFFFF: "VERNEEDNUM",
}  # fmt: skip
_STRINGS = frozenset({"NEEDED", "SONAME", "RPATH", "RUNPATH"})


def parse_dynamic(table: bytes, order: Literal["<", ">"], elf_class: str) -> tuple[tuple[int, int], ...]:
    """Return tag and value of each entry up to the final NULL; a truncated last entry is left out."""
    layout = struct.Struct(order + ("qQ" if elf_class == "ELF64" else "iI"))
    entries: list[tuple[int, int]] = []
    for tag, value in layout.iter_unpack(table[: len(table) - len(table) % layout.size]):
        if tag == _NULL or len(entries) >= _ENTRIES_AT_MOST:
            break
        entries.append((tag, value))
    return tuple(entries)


def named_dynamic(entries: tuple[tuple[int, int], ...], strings: bytes) -> Dynamic:
    """Name the entries; `strings` is the string table STRTAB points to."""
    return Dynamic(tuple(_entry(tag, value, strings) for tag, value in entries))


def _entry(tag: int, value: int, strings: bytes) -> DynamicEntry:
    name = _TAGS.get(tag, f"{tag & 0xFFFFFFFF:#x}")
    text = None
    if name in _STRINGS:
        text = strings[value : value + _STRING_AT_MOST].split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
    return DynamicEntry(name, value, text)


def dynamic_value(entries: tuple[tuple[int, int], ...], name: str) -> int | None:
    """Return the value of the first entry of that name."""
    return next((value for tag, value in entries if _TAGS.get(tag) == name), None)
