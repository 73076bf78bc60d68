"""Names for the addresses of a process."""

from collections.abc import Callable, Sequence

from mmexplorer.model.address import Inside, image_name, locate, match_at
from mmexplorer.model.elf.layout import LoadedImage, link_time_address
from mmexplorer.model.elf.symbols import Symbols
from mmexplorer.model.memory.faults import MappingEvent
from mmexplorer.model.memory.inspection import FoundSymbol
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.elf.machine_code import OF_PYTHON
from mmexplorer.present.elf.demangle import demangle
from mmexplorer.present.region.address import region_phrase

_EVENTS_ASKED = 1 << 8
_MEANT = {"//anon": "anonymous memory"}
"""perf's name for memory without a file."""


def symbol_name(found: FoundSymbol) -> str:
    """Name an address by its symbol: `libc.so.6: malloc+0x1a`. Not cleaned."""
    loaded, symbol, offset = found
    return f"{image_name(loaded)}: {demangle(symbol.raw)}{f'+{offset:#x}' if offset else ''}"


def address_names(space: AddressSpace, symbol_of: Callable[[int], FoundSymbol | None]) -> Callable[[int], str]:
    """Return a function that names an address: its symbol, "0x8 bytes into the heap", or "". Not cleaned."""

    def name(address: int) -> str:
        place = locate(space.regions, address)
        if not isinstance(place, Inside):
            return ""
        found = symbol_of(address)
        return f"{place.offset:#x} bytes into {region_phrase(place.region, space)}" if not found else symbol_name(found)

    return name


def holder_names(
    space: AddressSpace, symbols_of: Callable[[LoadedImage], Symbols | Unavailable]
) -> Callable[[int], str]:
    """Return a function that names what starts at an address, `malloc@got.plt`, or "". Not cleaned."""
    known: dict[int, Symbols | Unavailable] = {}

    def name(address: int) -> str:
        match = match_at(address, space.regions, space.layout)
        if match is None:
            return ""
        if (key := id(match.loaded.image)) not in known:
            known[key] = symbols_of(match.loaded)
        symbols, at = known[key], link_time_address(match.loaded, address)
        return demangle(symbols.holder(at)) if isinstance(symbols, Symbols) else ""

    return name


def machine_of(space: AddressSpace, address: int, otherwise: str) -> str:
    """Return the machine, as ELF names it, of the file loaded there; `otherwise` for code without a file."""
    match = match_at(address, space.regions, space.layout)
    return match.loaded.image.machine if match is not None else OF_PYTHON.get(otherwise, otherwise)


def region_names(space: AddressSpace, mappings: Sequence[MappingEvent]) -> Callable[[int], str]:
    """Return a function that names an address's region, or one gone again by the event that mapped it. Not cleaned."""
    latest = {(event.address, event.size): event.path for event in mappings[-_EVENTS_ASKED:]}

    def name(address: int) -> str:
        place = locate(space.regions, address)
        if isinstance(place, Inside):
            return region_phrase(place.region, space)
        paths = (path for (start, size), path in latest.items() if start <= address < start + size)
        path = next(paths, "")
        return f"{_MEANT.get(path, path)}, gone since" if path else "a region that is gone"

    return name
