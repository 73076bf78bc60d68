"""What the addresses of a process are called, for the commands that print pointers and places in code."""

from collections.abc import Callable

from mmexplorer.commands.shared.inspected import Inspected
from mmexplorer.kernel.process.inspector import LiveInspector
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.elf.symbols import Symbols
from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.region.names import address_names


def symbols_of(inspected: Inspected, loaded: LoadedImage) -> Symbols | Unavailable:
    """Read the symbols of a loaded file: of a live process the file itself, else the one that has its name today."""
    return _inspector(inspected).symbols(inspected.space, loaded)


def names(inspected: Inspected) -> Callable[[int], str]:
    """Return what names an address: `libc.so.6: malloc+0x1a`, "0x8 bytes into the heap", or "" if it lies nowhere."""
    return address_names(inspected.space, _inspector(inspected).namer(inspected.space))


def _inspector(inspected: Inspected) -> Inspector:
    procfs = inspected.source.procfs
    if isinstance(procfs, LiveProcfs):
        return LiveInspector(procfs)
    from mmexplorer.commands.shared.inspectors import inspector_of_file  # noqa: PLC0415 - imports what reads core files

    return inspector_of_file(inspected.source)
