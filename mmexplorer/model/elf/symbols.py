"""The symbols of an ELF file, and which of them an address belongs to. Addresses are those in the file."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from mmexplorer.model.elf.image import Section
from mmexplorer.model.value import frozen

SHN_UNDEF = 0
SHN_LORESERVE = 0xFF00
_RESERVED = {SHN_UNDEF: "UND", 0xFFF1: "ABS", 0xFFF2: "COM"}
"""Section indexes that are no section, as readelf(1) writes them."""

_PLACED = frozenset({"NOTYPE", "OBJECT", "FUNC", "GNU_IFUNC"})
"""Types of symbols that stand at an address. That of TLS is an offset; SECTION and FILE name no memory."""

_STEPS_BACK = 64
"""Symbols before an address that are tried: an enclosing one further back than that is not found."""


class Symbol(NamedTuple):
    """An entry of a symbol table: `elf(5)`, "String and symbol tables"."""

    raw: str
    """The name as it stands in the file, mangled; not cleaned."""
    address: int
    """st_value: an address, but an alignment for COMMON and an offset for TLS."""
    size: int
    type: str
    """As readelf(1) writes it: FUNC, OBJECT, NOTYPE, TLS, GNU_IFUNC ..."""
    bind: str
    """GLOBAL, LOCAL, WEAK, UNIQUE ..."""
    shndx: int
    section: Section | None
    """None where `shndx` names no section: undefined, absolute, common, or out of range."""

    @property
    def section_name(self) -> str:
        """The name of its section; UND, ABS, COM, or the number of a section that isn't there."""
        return self.section.name if self.section is not None else _RESERVED.get(self.shndx, str(self.shndx))

    @property
    def defined(self) -> bool:
        """Whether the file itself has what the symbol names."""
        return self.shndx != SHN_UNDEF

    @property
    def placed(self) -> bool:
        """Whether it stands at an address of the file's memory."""
        return self.section is not None and "A" in self.section.flags and self.type in _PLACED and bool(self.raw)

    def covers(self, address: int) -> bool:
        """Whether `address` lies in it; a symbol without a size covers the rest of its section."""
        if self.section is None or not self.section.address <= address < self.section.address + self.section.size:
            return False
        return self.address <= address and (not self.size or address < self.address + self.size)


class Entries(Protocol):
    """A symbol table as it stands in a file, its entries read one by one."""

    def __len__(self) -> int:
        """How many entries there are."""
        ...

    def symbol(self, index: int) -> Symbol:
        """Read an entry."""
        ...


@frozen
class SymbolTable:
    """One symbol table with its placed symbols in the order of their addresses."""

    source: str
    """Where it was found: ".symtab", ".dynsym", ".gnu_debugdata" or the path of a debug file."""
    entries: Entries
    addresses: "array[int]"
    """st_value of each placed symbol, ascending."""
    order: "array[int]"
    """For each of them, its index in `entries`."""
    ends: "array[int]"
    """The largest end of that symbol and of all before it."""

    def nearest(self, address: int) -> Symbol | None:
        """Find the symbol that `address` belongs to: the last one that covers it, one with a size before one without.

        None where a symbol with a size ended before `address` and none encloses both: gdb says "No symbol matches".
        """
        position = bisect_right(self.addresses, address) - 1
        unsized: Symbol | None = None
        ended = False
        for at in range(position, max(-1, position - _STEPS_BACK), -1):
            symbol = self.entries.symbol(self.order[at])
            if symbol.size and symbol.covers(address):
                return self._best_known(at, address)
            if not symbol.size and not ended and unsized is None and symbol.covers(address):
                unsized = self._best_known(at, address)
            ended = ended or bool(symbol.size)
            if self.ends[at] <= address and (ended or unsized is not None):
                break
        return unsized

    def _best_known(self, at: int, address: int) -> Symbol:
        """Of the symbols at one address choose the name that programs use: `malloc`, not `__libc_malloc`."""
        start = self.addresses[at]
        first = at
        while first > 0 and at - first < _STEPS_BACK and self.addresses[first - 1] == start:
            first -= 1
        aliases = [self.entries.symbol(self.order[each]) for each in range(first, at + 1)]
        sized = bool(aliases[-1].size)
        return min((each for each in aliases if bool(each.size) == sized and each.covers(address)), key=_fame)


@frozen
class Symbols:
    """All that is known of the names in one file."""

    path: str
    build_id: str | None
    tables: tuple[SymbolTable, ...]
    """The most complete first."""
    made: tuple[SymbolTable, ...] = ()
    """Names that stand in no symbol table, as `malloc@plt`: addresses have them, and lists of symbols don't."""
    remarks: tuple[str, ...] = ()
    """Sentences about tables that could not be read or were left out. Not cleaned."""

    def nearest(self, address: int) -> Symbol | None:
        """Find the symbol that `address` belongs to: the closest one of all tables."""
        found = [symbol for table in (*self.tables, *self.made) if (symbol := table.nearest(address))]
        return max(found, key=lambda symbol: (bool(symbol.size), symbol.address), default=None)

    def __iter__(self) -> Iterator[Symbol]:
        """Go through the symbols with a name, each once, in the order of the tables."""
        seen: set[tuple[str, int, int]] = set()
        for table in self.tables:
            for index in range(len(table.entries)):
                symbol = table.entries.symbol(index)
                key = (symbol.raw, symbol.address, symbol.shndx)
                if symbol.raw and key not in seen:
                    seen.add(key)
                    yield symbol


def ordered(source: str, entries: Entries, placed: Sequence[tuple[int, int, int]]) -> SymbolTable:
    """Make a table; `placed` has the address, the size and the index of each symbol that may be placed."""
    ascending = sorted(placed)
    ends = array("Q")
    furthest = 0
    for address, size, _ in ascending:
        furthest = max(furthest, min(address + size, (1 << 64) - 1))
        ends.append(furthest)
    return SymbolTable(
        source,
        entries,
        array("Q", [address for address, _, _ in ascending]),
        array("I", [index for _, _, index in ascending]),
        ends,
    )


def _fame(symbol: Symbol) -> tuple[bool, int, int, str]:
    """Order names: exported ones first, then those with fewer underscores before them, then short ones."""
    hidden = len(symbol.raw) - len(symbol.raw.lstrip("_"))
    return (symbol.bind == "LOCAL", hidden, len(symbol.raw), symbol.raw)
