"""What a core file adds to the document of a process: threads and signal."""

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.capture.core import Core, CoreSignal, CoreThread
from mmexplorer.model.process.fault import judge, pointers_of
from mmexplorer.model.process.signals import code_name, signal_name
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.document import record
from mmexplorer.present.region.fault import verdict_text
from mmexplorer.present.text.format import hexadecimal

_NAMELESS = Unavailable(Cause.UNSUPPORTED, "a core file doesn't name its threads")
_NO_STACK = Unavailable(Cause.UNSUPPORTED, "the stack pointer lies in no region")


def core_fields(core: Core, space: AddressSpace) -> dict[str, object]:
    """Return the threads and the signal of a core."""
    return {
        "threads": [_thread(thread, space) for thread in core.threads],
        "signal": core.signal if isinstance(core.signal, Unavailable) else _signal(core.signal, core, space),
    }


def _thread(thread: CoreThread, space: AddressSpace) -> dict[str, object]:
    return record(
        {
            "tid": thread.tid,
            "name": _NAMELESS,
            "ip": _hexadecimal(thread.ip),
            "sp": _hexadecimal(thread.sp),
            "stack": _region_at(thread.sp, space),
        }
    )


def _signal(signal: CoreSignal, core: Core, space: AddressSpace) -> dict[str, object]:
    verdict = judge(signal, space.regions, pointers_of((thread.ip, thread.sp) for thread in core.threads))
    code = signal.code
    return record(
        {
            "number": signal.number,
            "name": signal_name(signal.number),
            "code": code if isinstance(code, Unavailable) else code_name(signal.number, code),
            "address": _hexadecimal(signal.address),
            "verdict": verdict_text(verdict, space),
        }
    )


def _region_at(address: int | Unavailable, space: AddressSpace) -> object:
    if isinstance(address, Unavailable):
        return address
    place = locate(space.regions, address)
    if not isinstance(place, Inside):
        return _NO_STACK
    return {"start": hexadecimal(place.region.start), "end": hexadecimal(place.region.end)}


def _hexadecimal(value: int | Unavailable) -> str | Unavailable:
    return value if isinstance(value, Unavailable) else hexadecimal(value)
