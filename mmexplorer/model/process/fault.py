"""What was wrong with a signal's address: where it lies, and why the kernel refused the access."""

from collections.abc import Iterable, Sequence
from enum import Enum
from signal import Signals

from mmexplorer.model.address import Between, Inside, locate
from mmexplorer.model.capture.core import CoreSignal
from mmexplorer.model.process.signals import SI_KERNEL
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple

_MAPERR, _ACCERR = 1, 2
_ADRERR = 2
LOWEST = 1 << 16
"""Normally nothing is mapped below this address (`vm.mmap_min_addr`)."""
_FRAME = 1 << 20
"""Bytes: an address this close to the stack pointer counts as a stack access, since one frame may be large."""
_KERNEL_HALF = 1 << 63


class FaultKind(Enum):
    """Why the access was refused."""

    NULL = "null"
    """Nothing is mapped there: a NULL pointer, or a member of what it points to."""
    UNMAPPED = "unmapped"
    """Nothing is mapped there."""
    STACK_OVERFLOW = "stack overflow"
    """Nothing is mapped there: the stack, growing down to it, was not allowed to grow."""
    GUARD = "guard"
    """The region there allows no access, or its pages there are guards."""
    STACK_GUARD = "stack guard"
    """The same, directly below the thread's stack."""
    NOT_ALLOWED = "not allowed"
    """The region there doesn't allow this kind of access."""
    PAST_FILE_END = "past the end of the file"
    """The region there allows the access, but its file is shorter."""
    KERNEL = "kernel address"
    """In the upper half of the address space, which belongs to the kernel."""
    NON_CANONICAL = "non-canonical"
    """Not a valid address: its upper bits are neither all 0 nor all 1. The processor doesn't report which address it
    was."""
    NO_ADDRESS = "no address"
    """The signal doesn't concern an address."""
    OTHER = "other"
    """A reason unrelated to regions: alignment, hardware, an instruction."""


class Verdict(NamedTuple):
    """What can be said about the address."""

    kind: FaultKind
    address: int | None = None
    place: Inside | Between | None = None
    jump: bool = False
    """Whether the instruction pointer went there."""


class Pointers(NamedTuple):
    """The pointers of the thread that received the signal, where known."""

    ip: int | None
    sp: int | None


def judge(signal: CoreSignal, regions: Sequence[Region], pointers: Pointers) -> Verdict:
    """Return what was wrong; `regions` are ascending."""
    code = signal.code
    if signal.number == Signals.SIGSEGV and code == SI_KERNEL:
        return Verdict(FaultKind.NON_CANONICAL)
    if isinstance(signal.address, Unavailable) or isinstance(code, Unavailable):
        return Verdict(FaultKind.NO_ADDRESS)
    address = signal.address
    place = locate(regions, address)
    kind = FaultKind.OTHER
    if signal.number == Signals.SIGSEGV and code in (_MAPERR, _ACCERR):
        kind = _inside(place, code, pointers) if isinstance(place, Inside) else _between(address, place, pointers)
    elif signal.number == Signals.SIGBUS and code == _ADRERR and isinstance(place, Inside):
        kind = FaultKind.PAST_FILE_END
    return Verdict(kind, address, place, jump=address == pointers.ip)


def pointers_of(threads: Iterable[tuple[int | Unavailable, int | Unavailable]]) -> Pointers:
    """Return the pointers of the first thread."""
    for ip, sp in threads:
        return Pointers(None if isinstance(ip, Unavailable) else ip, None if isinstance(sp, Unavailable) else sp)
    return Pointers(None, None)


def _inside(place: Inside, code: int, pointers: Pointers) -> FaultKind:
    region = place.region
    if region.perms.startswith("---") or code == _MAPERR:
        near = pointers.sp is not None and abs(region.end - pointers.sp) < _FRAME
        return FaultKind.STACK_GUARD if near and not region.perms.startswith("rw") else FaultKind.GUARD
    return FaultKind.NOT_ALLOWED


def _between(address: int, place: Between, pointers: Pointers) -> FaultKind:
    if address < LOWEST:
        return FaultKind.NULL
    if address >= _KERNEL_HALF:
        return FaultKind.KERNEL
    sp = pointers.sp
    grows = place.above is not None and "w" in place.above.perms and place.before_above < _FRAME
    if grows and sp is not None and abs(address - sp) < _FRAME and address != pointers.ip:
        return FaultKind.STACK_OVERFLOW
    return FaultKind.UNMAPPED
