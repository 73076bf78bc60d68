"""Names a process's addresses using the symbols of the files it has loaded."""

from collections.abc import Callable

from mmexplorer.model.address import match_at
from mmexplorer.model.elf.layout import LoadedImage, link_time_address
from mmexplorer.model.elf.symbols import Symbol, Symbols
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable


class Namer:
    """Finds the symbol of an address; reads a file's symbols when they are first needed."""

    def __init__(self, space: AddressSpace, symbols_of: Callable[[LoadedImage], Symbols | Unavailable]) -> None:
        """`symbols_of` reads the symbols of a file loaded in `space`."""
        self._space = space
        self._symbols_of = symbols_of
        self._known: dict[int, Symbols | None] = {}

    def symbol(self, address: int) -> tuple[LoadedImage, Symbol, int] | None:
        """Return the image, the symbol, and the offset of `address` in it; None if there is none."""
        match = match_at(address, self._space.regions, self._space.layout)
        if match is None:
            return None
        symbols = self._symbols(match.loaded)
        at = link_time_address(match.loaded, address)
        symbol = symbols.nearest(at) if symbols is not None else None
        return None if symbol is None else (match.loaded, symbol, at - symbol.address)

    def _symbols(self, loaded: LoadedImage) -> Symbols | None:
        key = id(loaded.image)
        if key not in self._known:
            found = self._symbols_of(loaded)
            self._known[key] = found if isinstance(found, Symbols) else None
        return self._known[key]
