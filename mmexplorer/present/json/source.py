"""Where a document comes from, and what a core file adds to it."""

from collections.abc import Mapping, Sequence

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.capture.core import Core, CoreSignal, CoreThread
from mmexplorer.model.fault import judge, pointers_of
from mmexplorer.model.signals import code_name, signal_name
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.document import record
from mmexplorer.present.region.fault import verdict_text
from mmexplorer.present.text.format import hexadecimal

_NAMELESS = Unavailable(Cause.UNSUPPORTED, "a core file doesn't name its threads")
_NO_STACK = Unavailable(Cause.UNSUPPORTED, "the stack pointer lies in no region")
_NOT_TOLD = {
    "core": Unavailable(Cause.UNSUPPORTED, "a core file doesn't have it"),
    "text": Unavailable(Cause.UNSUPPORTED, "the text doesn't have it"),
}
_LACKING = {
    "core": ("start_time", "min_flt", "maj_flt"),
    "text": ("start_time", "ppid", "state", "threads", "min_flt", "maj_flt"),
}
_LACKING_REGION: Mapping[str, Sequence[str]] = {"core": ("dev", "inode"), "text": ()}


def source_fields(kind: str, taken_at: float | Unavailable) -> dict[str, object]:
    """Say what was looked at, and when, in seconds since the epoch."""
    return {"source": kind, "taken_at": taken_at if isinstance(taken_at, Unavailable) else round(taken_at, 3)}


def no_start_time(kind: str) -> Mapping[str, Unavailable]:
    """Give the reason for null where such a source can't tell when a process started."""
    return {name: reason for name, reason in lacking(kind).items() if name == "start_time"}


def lacking(kind: str) -> Mapping[str, Unavailable]:
    """Give the fields of a process that such a source can't tell: null with this reason."""
    return _not_told(kind, _LACKING)


def lacking_of_region(kind: str) -> Mapping[str, Unavailable]:
    """Give the fields of a region that such a source can't tell."""
    return _not_told(kind, _LACKING_REGION)


def _not_told(kind: str, fields: Mapping[str, Sequence[str]]) -> Mapping[str, Unavailable]:
    return dict.fromkeys(fields[kind], _NOT_TOLD[kind]) if kind in _NOT_TOLD else {}


def core_fields(core: Core, space: AddressSpace) -> dict[str, object]:
    """Describe the threads of a core and its signal."""
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
