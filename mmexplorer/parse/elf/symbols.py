"""Symbol tables: `elf(5)`, "String and symbol tables"."""

import struct
from collections.abc import Sequence

from mmexplorer.model.elf.image import Section
from mmexplorer.model.elf.symbols import SHN_LORESERVE, SHN_UNDEF, Symbol, SymbolTable, ordered
from mmexplorer.model.typed import Literal
from mmexplorer.parse.elf.versions import Versions
from mmexplorer.parse.error import ParseError

_LAYOUTS = {"ELF64": "IBBHQQ", "ELF32": "IIIBBH"}
_TYPES = {0: "NOTYPE", 1: "OBJECT", 2: "FUNC", 3: "SECTION", 4: "FILE", 5: "COMMON", 6: "TLS", 10: "GNU_IFUNC"}
_BINDS = {0: "LOCAL", 1: "GLOBAL", 2: "WEAK", 10: "UNIQUE"}
_AT_ADDRESS = frozenset({0, 1, 2, 10})
_NAME_AT_MOST = 1 << 12
"""Bytes of a name; longer names are truncated."""


def entry_size(elf_class: str) -> int:
    """Return the bytes per entry: 24, or 16 in ELF32."""
    return struct.calcsize(f"={_LAYOUTS[elf_class]}")


class SymbolEntries:
    """The bytes of a symbol table, decoded on demand: a table of 200,000 is sorted without building its names."""

    def __init__(
        self,
        table: bytes,
        strings: bytes,
        order: Literal["<", ">"],
        elf_class: str,
        sections: Sequence[Section],
        *,
        versions: Versions | None = None,
    ) -> None:
        self._layout = struct.Struct(order + _LAYOUTS[elf_class])
        self._wide = elf_class == "ELF64"
        self._table = table[: len(table) - len(table) % self._layout.size]
        self._strings = strings
        self._sections = sections
        self._versions = versions

    def __len__(self) -> int:
        """How many complete entries there are."""
        return len(self._table) // self._layout.size

    def symbol(self, index: int) -> Symbol:
        """Decode an entry; its name is empty if it would lie outside the string table."""
        name, info, shndx, value, size = self._fields(self._layout.unpack_from(self._table, index * self._layout.size))
        kind, bind = info & 0xF, info >> 4
        raw, versions = self._name(name), self._versions
        return Symbol(
            raw=raw,
            address=value,
            size=size,
            type=_TYPES.get(kind, str(kind)),
            bind=_BINDS.get(bind, str(bind)),
            shndx=shndx,
            section=self._sections[shndx] if SHN_UNDEF < shndx < min(len(self._sections), SHN_LORESERVE) else None,
            version="" if versions is None else versions.version(index, raw, defined=shndx != SHN_UNDEF),
        )

    @property
    def versioned(self) -> bool:
        """Whether the symbols have versions."""
        return self._versions is not None

    def placed(self) -> list[tuple[int, int, int]]:
        """Return address, size and index of every entry that may have an address."""
        last = min(len(self._sections), SHN_LORESERVE)
        # Sections that aren't loaded, such as the warnings of `.gnu.warning.gets`, claim to be at address 0.
        loaded = ["A" in section.flags for section in self._sections]
        if self._wide:
            return [
                (value, size, index)
                for index, (name, info, _, shndx, value, size) in enumerate(self._layout.iter_unpack(self._table))
                if 0 < shndx < last and loaded[shndx] and info & 0xF in _AT_ADDRESS and name
            ]
        return [
            (value, size, index)
            for index, (name, value, size, info, _, shndx) in enumerate(self._layout.iter_unpack(self._table))
            if 0 < shndx < last and loaded[shndx] and info & 0xF in _AT_ADDRESS and name
        ]

    def _fields(self, entry: tuple[int, ...]) -> tuple[int, int, int, int, int]:
        """Return name, info, section, value, size."""
        if self._wide:
            name, info, _, shndx, value, size = entry
        else:
            name, value, size, info, _, shndx = entry
        return name, info, shndx, value, size

    def _name(self, at: int) -> str:
        end = self._strings.find(b"\0", at, at + _NAME_AT_MOST)
        return self._strings[at : at + _NAME_AT_MOST if end < 0 else end].decode("utf-8", "surrogateescape")


def parse_symbols(source: str, entries: SymbolEntries) -> SymbolTable | ParseError:
    """Sort a symbol table; a truncated last entry is left out. An error if no entry is complete."""
    if not len(entries):
        return ParseError(b"", f"{source} is shorter than one symbol")
    return ordered(source, entries, entries.placed())
