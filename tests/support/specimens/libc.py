"""The C library of this machine, identified by what every build exports."""

from mmexplorer.kernel.elf.symbols import SymbolCache
from mmexplorer.model.elf.symbols import Symbols

LIBC = "/lib/x86_64-linux-gnu/libc.so.6"


def malloc_address() -> int:
    """Return the address of malloc in the file."""
    symbols = SymbolCache("/nowhere").of_path(LIBC)
    assert isinstance(symbols, Symbols)
    return next(symbol.address for symbol in symbols if symbol.raw == "malloc")
