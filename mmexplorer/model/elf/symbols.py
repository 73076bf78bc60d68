"""The symbols of an ELF file, and which of them an address belongs to. Addresses are the file's."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mmexplorer.model.elf.image import Section
from mmexplorer.model.typed import Protocol
from mmexplorer.model.value import NamedTuple, field, frozen

SHN_UNDEF = 0
SHN_LORESERVE = 0xFF00
_RESERVED = {SHN_UNDEF: "UND", 0xFFF1: "ABS", 0xFFF2: "COM"}
"""Special section indexes that refer to no section, as readelf(1) writes them."""

_PLACED = frozenset({"NOTYPE", "OBJECT", "FUNC", "GNU_IFUNC"})
"""Symbol types with an address. For TLS it is an offset; SECTION and FILE don't name memory."""

_STEPS_BACK = 64
"""How many symbols before an address are tried: an enclosing one further back isn't found."""


class Symbol(NamedTuple):
    """An entry of a symbol table: `elf(5)`, "String and symbol tables"."""

    raw: str
    """The name as in the file, mangled; not cleaned."""
    address: int
    """st_value: an address, except for COMMON (an alignment) and TLS (an offset)."""
    size: int
    type: str
    """As readelf(1) writes it: FUNC, OBJECT, NOTYPE, TLS, GNU_IFUNC ..."""
    bind: str
    """GLOBAL, LOCAL, WEAK, UNIQUE ..."""
    shndx: int
    section: Section | None
    """None if `shndx` refers to no section: undefined, absolute, common, or out of range."""
    version: str = ""
    """`@@GLIBC_2.2.5` for the default version of a dynamic symbol, `@GLIBC_2.2.5` for another or a needed one."""

    @property
    def section_name(self) -> str:
        """The name of its section; UND, ABS, COM, or the number of a missing section."""
        return self.section.name if self.section is not None else _RESERVED.get(self.shndx, str(self.shndx))

    @property
    def defined(self) -> bool:
        """Whether the file itself defines the symbol."""
        return self.shndx != SHN_UNDEF

    @property
    def placed(self) -> bool:
        """Whether it has an address in the file's memory."""
        return self.section is not None and "A" in self.section.flags and self.type in _PLACED and bool(self.raw)

    def covers(self, address: int) -> bool:
        """Return whether `address` lies in it; a symbol without a size extends to the end of its section."""
        if self.section is None or not self.section.address <= address < self.section.address + self.section.size:
            return False
        return self.address <= address and (not self.size or address < self.address + self.size)


class Entries(Protocol):
    """A symbol table in a file, whose entries are read one by one."""

    def __len__(self) -> int:
        """How many entries there are."""
        ...

    def symbol(self, index: int) -> Symbol:
        """Read an entry."""
        ...

    @property
    def versioned(self) -> bool:
        """Whether the symbols have versions."""
        ...


@frozen
class SymbolTable:
    """A symbol table, with its placed symbols in address order."""

    source: str
    """Where it came from: ".symtab", ".dynsym", ".gnu_debugdata" or the path of a debug file."""
    entries: Entries
    addresses: "array[int]"
    """st_value of each placed symbol, ascending."""
    order: "array[int]"
    """The index in `entries` of each of them."""
    ends: "array[int]"
    """For each, the largest end of it and all symbols before it."""

    def nearest(self, address: int) -> Symbol | None:
        """Find the symbol `address` belongs to: the last one that covers it, preferring those with a size.

        None if a symbol with a size ended before `address` and none encloses both: gdb says "No symbol matches".
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
        """Choose among the symbols at one address the name that programs use: `malloc`, not `__libc_malloc`."""
        start = self.addresses[at]
        first = at
        while first > 0 and at - first < _STEPS_BACK and self.addresses[first - 1] == start:
            first -= 1
        aliases = [self.entries.symbol(self.order[each]) for each in range(first, at + 1)]
        sized = bool(aliases[-1].size)
        return min((each for each in aliases if bool(each.size) == sized and each.covers(address)), key=_fame)


@frozen
class Symbols:
    """All known symbols of one file."""

    path: str
    build_id: str | None
    tables: tuple[SymbolTable, ...]
    """Most complete first."""
    made: tuple[SymbolTable, ...] = ()
    """Names from no symbol table, such as `malloc@plt`: used for addresses, but not in lists of symbols."""
    remarks: tuple[str, ...] = ()
    """Sentences about tables that were unreadable or left out. Not cleaned."""

    slots: Mapping[int, str] = field(default_factory=dict)
    """`strlen@got`, by address: what stands in a GOT entry that no debugger names."""

    def holder(self, address: int) -> str:
        """Return what starts exactly at `address`, such as `malloc@got.plt`; "" for nothing."""
        symbol = self.nearest(address)
        starts = symbol.raw if symbol is not None and symbol.address == address else ""
        return self.slots.get(address) or starts

    def nearest(self, address: int) -> Symbol | None:
        """Find the symbol `address` belongs to: the closest one in all tables."""
        found = [symbol for table in (*self.tables, *self.made) if (symbol := table.nearest(address))]
        return max(found, key=lambda symbol: (bool(symbol.size), symbol.address), default=None)

    def __iter__(self) -> Iterator[Symbol]:
        """Iterate over the named symbols, each once, in table order; the versions are those of the dynamic ones.

        .symtab has `malloc` for `malloc@@GLIBC_2.2.5`, but `free@GLIBC_2.2.5` as the name of one that is needed.
        """
        named = {
            (name, symbol.address, symbol.shndx): symbol
            for symbol in _each(table for table in self.tables[1:] if table.entries.versioned)
            for name in (symbol.raw, symbol.raw + symbol.version)
        }
        seen: set[tuple[str, int, int]] = set()
        for symbol in _each(self.tables):
            known = None if symbol.version else named.get((symbol.raw, symbol.address, symbol.shndx))
            found = symbol if known is None else symbol._replace(raw=known.raw, version=known.version)
            key = (found.raw + found.version, found.address, found.shndx)
            if found.raw and key not in seen:
                seen.add(key)
                yield found


def _each(tables: Iterable[SymbolTable]) -> Iterator[Symbol]:
    return (table.entries.symbol(index) for table in tables for index in range(len(table.entries)))


def ordered(source: str, entries: Entries, placed: Sequence[tuple[int, int, int]]) -> SymbolTable:
    """Build a table; `placed` has the address, size and index of each symbol with an address."""
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
    """Sort key for names: exported first, then fewer leading underscores, then shorter."""
    hidden = len(symbol.raw) - len(symbol.raw.lstrip("_"))
    return (symbol.bind == "LOCAL", hidden, len(symbol.raw), symbol.raw)
