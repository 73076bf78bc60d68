"""How the process of a core file ended, in lines: the signal, the address on the map, the threads."""

from collections.abc import Iterator

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.capture.core import Core, CoreThread
from mmexplorer.model.process.fault import judge, pointers_of
from mmexplorer.model.process.signals import code_name, signal_name
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.region.address import region_phrase
from mmexplorer.present.region.fault import verdict_text
from mmexplorer.present.text.format import address as written
from mmexplorer.present.text.format import size


def core_lines(core: Core, space: AddressSpace) -> Iterator[str]:
    """Describe how the process ended. Not cleaned."""
    yield f"{core.elf_class}-bit {core.machine}, {core.byte_order} endian{_missing(core)}"
    yield signal_text(core, space)
    for thread in core.threads:
        yield _thread(thread, space)


def _missing(core: Core) -> str:
    return f"; cut off: {size(core.missing)} of its memory is missing" if core.missing else ""


def signal_text(core: Core, space: AddressSpace) -> str:
    """Name the signal that ended the process, and what was wrong with the address. Not cleaned."""
    signal = core.signal
    if isinstance(signal, Unavailable):
        return str(signal)
    code = "" if isinstance(signal.code, Unavailable) else f" ({code_name(signal.number, signal.code)})"
    name = f"{signal_name(signal.number)}{code}"
    if signal.sender is not None:
        return f"{name}: sent by process {signal.sender}"
    verdict = judge(signal, space.regions, pointers_of((thread.ip, thread.sp) for thread in core.threads))
    return f"{name}: {verdict_text(verdict, space)}"


def _thread(thread: CoreThread, space: AddressSpace) -> str:
    return f"thread {thread.tid}: ip {_where(thread.ip, space)}; sp {_where(thread.sp, space)}"


def _where(address: int | Unavailable, space: AddressSpace) -> str:
    if isinstance(address, Unavailable):
        return f"- ({address})"
    place = locate(space.regions, address)
    found = region_phrase(place.region, space) if isinstance(place, Inside) else "no region"
    return f"{written(address)} in {found}"
