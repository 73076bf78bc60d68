"""What the addresses of a process are called, for the commands that print pointers and places in code."""

from collections.abc import Callable

from mmexplorer.commands.inspected import Inspected
from mmexplorer.kernel.elf.namer import Namer
from mmexplorer.kernel.elf.symbols import SymbolCache
from mmexplorer.kernel.pagemap import LiveMemory
from mmexplorer.model.address import Inside, image_name, locate
from mmexplorer.present.elf.demangle import demangle
from mmexplorer.present.region.address import region_phrase


def names(inspected: Inspected) -> Callable[[int], str]:
    """Give what names an address: `libc.so.6: malloc+0x1a`, "0x8 bytes into the heap", or "" if it lies nowhere."""
    space = inspected.space
    memory = LiveMemory(inspected.procfs)
    namer = Namer(inspected.procfs, memory, SymbolCache(), pid=inspected.memory_pid, space=space)

    def name(address: int) -> str:
        place = locate(space.regions, address)
        if not isinstance(place, Inside):
            return ""
        found = namer.symbol(address)
        if found is None:
            return f"{place.offset:#x} bytes into {region_phrase(place.region, space)}"
        loaded, symbol, offset = found
        return f"{image_name(loaded)}: {demangle(symbol.raw)}{f'+{offset:#x}' if offset else ''}"

    return name
