"""The symbols of an ELF file as text, in the notation of nm(1) and of gdb's `info symbol`."""

from collections.abc import Iterable, Iterator

from mmexplorer.model.elf.image import Section
from mmexplorer.model.elf.symbols import Symbol, Symbols
from mmexplorer.present.elf.demangle import MISSING, available, demangle, is_mangled
from mmexplorer.present.text.clean import clean

_ADDRESS_DIGITS = 16


def nm_letter(symbol: Symbol) -> str:
    """Return nm(1)'s letter for a symbol: T code, D data, U undefined ...; lower case if local."""
    if symbol.type == "GNU_IFUNC":
        return "i"
    if symbol.bind == "UNIQUE":
        return "u"
    if symbol.bind == "WEAK":
        letter = "v" if symbol.type == "OBJECT" else "w"
        return letter.upper() if symbol.defined else letter
    letter = _of_section(symbol)
    return letter.lower() if symbol.bind == "LOCAL" and letter not in "U?" else letter


def _of_section(symbol: Symbol) -> str:
    if not symbol.defined:
        return "U"
    if symbol.section is None:
        return {"ABS": "A", "COM": "C"}.get(symbol.section_name, "?")
    return _of_flags(symbol.section)


def _of_flags(section: Section) -> str:
    if "A" not in section.flags:
        return "N"
    if "X" in section.flags:
        return "T"
    if section.type == "NOBITS":
        return "B"
    return "D" if "W" in section.flags else "R"


def symbol_line(symbol: Symbol) -> str:
    """Return a symbol as `nm -CD` writes it: `0000000000098570 T malloc@@GLIBC_2.2.5`. Cleaned."""
    address = f"{symbol.address:0{_ADDRESS_DIGITS}x}" if symbol.defined else " " * _ADDRESS_DIGITS
    return f"{address} {nm_letter(symbol)} {clean(demangle(symbol.raw) + symbol.version)}"


def symbol_lines(symbols: Symbols) -> Iterator[str]:
    """Yield all symbols sorted by name, as nm does, after the notes on the tables. Cleaned."""
    listed = sorted(symbols, key=lambda symbol: (symbol.raw, symbol.address, symbol.version))
    yield from notes(symbols, listed)
    yield from map(symbol_line, listed)


def notes(symbols: Symbols, shown: Iterable[Symbol]) -> Iterator[str]:
    """Describe where the symbols come from and what is missing. Cleaned."""
    sources = ", ".join(table.source for table in symbols.tables)
    yield clean(f"{symbols.path}: {f'symbols of {sources}' if sources else 'no symbols'}")
    yield from (clean(remark) for remark in symbols.remarks)
    if not available() and any(is_mangled(symbol.raw) for symbol in shown):
        yield MISSING


def symbol_at(symbol: Symbol, address: int) -> str:
    """Name an address by its symbol: `malloc+0x1a`, or `malloc` for its first byte. Not cleaned."""
    offset = address - symbol.address
    name = demangle(symbol.raw)
    return f"{name}+{offset:#x}" if offset else name
