"""The symbols and the dynamic section of an ELF file: rows and columns for the ELF pane."""

from collections.abc import Sequence
from itertools import islice

from mmexplorer.model.elf.dynamic import Dynamic, DynamicEntry
from mmexplorer.model.elf.layout import LoadedImage, run_time_address
from mmexplorer.model.elf.symbols import Symbol, Symbols
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.elf.demangle import demangle
from mmexplorer.present.elf.symbols import nm_letter
from mmexplorer.present.text.cells import DASH, address_cell, size_line
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import hexadecimal
from mmexplorer.present.text.line import Line, Tone, line, span

_SYMBOLS_AT_MOST = 1 << 16

_ADDRESSES = frozenset(
    [
        "HASH",
        "PLTGOT",
        "STRTAB",
        "SYMTAB",
        "RELA",
        "REL",
        "INIT",
        "FINI",
        "JMPREL",
        "INIT_ARRAY",
        "FINI_ARRAY",
        "PREINIT_ARRAY",
        "GNU_HASH",
        "VERSYM",
        "VERDEF",
        "VERNEED",
        "RELR",
    ]
)
"""Tags whose value is an address."""
_SIZES = frozenset(
    [
        "PLTRELSZ",
        "RELASZ",
        "RELAENT",
        "STRSZ",
        "SYMENT",
        "RELSZ",
        "RELENT",
        "INIT_ARRAYSZ",
        "FINI_ARRAYSZ",
        "RELRSZ",
        "RELRENT",
    ]
)
"""Tags whose value is a number of bytes."""


class SymbolRow(NamedTuple):
    """A symbol, and its address in memory."""

    place: int
    symbol: Symbol
    start: int | None
    """None if it has no address in memory: undefined, thread-local, absolute."""
    name: str
    """Demangled; not cleaned."""

    @property
    def key(self) -> int:
        """The identity of the row."""
        return self.place


class DynamicRow(NamedTuple):
    """An entry of the dynamic section, and the address in memory it refers to."""

    place: int
    entry: DynamicEntry
    start: int | None

    @property
    def key(self) -> int:
        """The identity of the row."""
        return self.place


def symbol_rows(symbols: Symbols, loaded: LoadedImage) -> tuple[SymbolRow, ...]:
    """Return the symbols in address order, those without an address last; at most the first `_SYMBOLS_AT_MOST`."""
    listed = sorted(islice(symbols, _SYMBOLS_AT_MOST), key=lambda symbol: (not symbol.placed, symbol.address))
    return tuple(
        SymbolRow(
            place, symbol, run_time_address(loaded, symbol.address) if symbol.placed else None, demangle(symbol.raw)
        )
        for place, symbol in enumerate(listed)
    )


def dynamic_rows(dynamic: Dynamic, loaded: LoadedImage) -> tuple[DynamicRow, ...]:
    """Return the entries in file order."""
    return tuple(
        DynamicRow(place, entry, run_time_address(loaded, entry.value) if entry.tag in _ADDRESSES else None)
        for place, entry in enumerate(dynamic.entries)
    )


def symbols_note(symbols: Symbols, rows: Sequence[SymbolRow]) -> str:
    """Describe where the symbols come from, and what is left out. Not cleaned."""
    sources = ", ".join(table.source for table in symbols.tables)
    cut = f"; the first {len(rows):,}" if len(rows) == _SYMBOLS_AT_MOST else ""
    return f"{len(rows):,} of {sources}{cut}" if sources else "; ".join(symbols.remarks) or "no symbols"


def _value(row: DynamicRow) -> Line:
    entry = row.entry
    if entry.text is not None:
        return line(span(entry.text, Tone.BRIGHT))
    if entry.tag in _SIZES:
        return size_line(entry.value)
    return line(span(hexadecimal(entry.value)))


SYMBOL_COLUMNS: tuple[Column[SymbolRow], ...] = (
    Column("start", "ADDRESS", 12, lambda row: DASH if row.start is None else address_cell(row.start), frozen=True),
    Column("letter", "T", 1, lambda row: line(span(nm_letter(row.symbol), Tone.DIM)), help="As nm(1) writes it."),
    Column("size", "SIZE", 5, lambda row: size_line(row.symbol.size), align="right", priority=2),
    Column(
        "name",
        "NAME",
        12,
        lambda row: line(row.name, span(row.symbol.version, Tone.DIM)),
        flexible=True,
        short=lambda row: line(row.name),
    ),
    Column("section", "SECTION", 10, lambda row: line(span(row.symbol.section_name, Tone.DIM)), priority=3),
)

DYNAMIC_COLUMNS: tuple[Column[DynamicRow], ...] = (
    Column("tag", "TAG", 14, lambda row: line(row.entry.tag), frozen=True),
    Column("value", "VALUE", 12, _value, flexible=True),
    Column("start", "ADDRESS", 12, lambda row: DASH if row.start is None else address_cell(row.start), priority=1),
)
