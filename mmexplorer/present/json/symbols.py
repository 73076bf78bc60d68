"""Symbols in JSON: `mmexplorer symbols --json`."""

from collections.abc import Iterable

from mmexplorer.model.elf.symbols import Symbol, Symbols
from mmexplorer.present.elf.demangle import demangle
from mmexplorer.present.json.document import document, record
from mmexplorer.present.text.format import hexadecimal


def symbols_document(symbols: Symbols, chosen: Iterable[Symbol]) -> str:
    """Return the document; `chosen` are the requested symbols."""
    fields = {
        "path": symbols.path,
        "build_id": symbols.build_id,
        "symbols": [symbol_json(symbol) for symbol in chosen],
    }
    return document("symbols", fields)


def symbol_json(symbol: Symbol) -> dict[str, object]:
    """Return a symbol; `section` is UND, ABS or COM if it is in none."""
    return record(
        {
            "name": demangle(symbol.raw),
            "raw": symbol.raw,
            "address": hexadecimal(symbol.address),
            "type": symbol.type,
            "size": symbol.size,
            "bind": symbol.bind,
            "section": symbol.section_name,
            "version": symbol.version.lstrip("@") or None,
            "default_version": symbol.version.startswith("@@") if symbol.version else None,
        }
    )
