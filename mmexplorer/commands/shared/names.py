"""Names for a process's addresses, for the commands that print pointers and code locations."""

from collections.abc import Callable
from functools import partial

from mmexplorer.commands.shared.inspected import Inspected
from mmexplorer.kernel.elf.namer import Namer
from mmexplorer.kernel.elf.symbols import SymbolCache
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.elf.symbols import Symbols
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.region.names import address_names


def symbols_of(inspected: Inspected, cache: SymbolCache, loaded: LoadedImage) -> Symbols | Unavailable:
    """Read the symbols of a loaded file: the file itself for a live process, otherwise whatever has its name today."""
    source = inspected.source
    if isinstance(source.procfs, LiveProcfs):
        regions = inspected.space.regions
        return cache.of_loaded(source.procfs, inspected.memory, inspected.memory_pid, regions, loaded)
    found = cache.of_path(loaded.image.path)
    if isinstance(found, Symbols) and found.build_id != loaded.image.build_id:
        return Unavailable(Cause.GONE, "the file of that name is another one today")
    return found


def names(inspected: Inspected) -> Callable[[int], str]:
    """Return a function that names addresses: `libc.so.6: malloc+0x1a`, "0x8 bytes into the heap", or ""."""
    space = inspected.space
    return address_names(space, Namer(space, partial(symbols_of, inspected, SymbolCache())).symbol)
