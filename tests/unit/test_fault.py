import pytest

from mmexplorer.model.capture.core import CoreSignal
from mmexplorer.model.process.fault import FaultKind, Pointers, judge
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.regions import region_of

_SEGV, _BUS, _ABRT = 11, 7, 6
_NONE = Unavailable(Cause.UNSUPPORTED, "sent")


def _region(start: int, end: int, perms: str, inode: int = 0) -> Region:
    return region_of(start, end, perms, 0, "00:00", inode, "/x" if inode else "")


_REGIONS = (
    _region(0x400000, 0x401000, "r-xp", 5),
    _region(0x500000, 0x510000, "rw-p"),
    _region(0x6FF000, 0x700000, "---p"),
    _region(0x700000, 0x800000, "rw-p"),
    _region(0x7FF000000000, 0x7FF000100000, "rw-p"),
)


@pytest.mark.parametrize(
    ("signal", "code", "address", "ip", "sp", "kind"),
    [
        (_SEGV, 1, 0x0, 0x400500, 0x7FF000080000, FaultKind.NULL),
        (_SEGV, 1, 0x18, 0x400500, 0x7FF000080000, FaultKind.NULL),
        (_SEGV, 1, 0x600000, 0x400500, 0x7FF000080000, FaultKind.UNMAPPED),
        (_SEGV, 1, 0x7FEFFFFFFFF8, 0x400500, 0x7FF000000000, FaultKind.STACK_OVERFLOW),
        (_SEGV, 1, 0x7FEFFFFFFFF8, 0x400500, 0x7FF0000FFF00, FaultKind.STACK_OVERFLOW),
        (_SEGV, 1, 0x7FEFFFFFFFF8, 0x400500, 0x780000, FaultKind.UNMAPPED),
        (_SEGV, 1, 0xFFFF800000000000, 0x400500, 0x7FF000080000, FaultKind.KERNEL),
        (_SEGV, 1, 0x505000, 0x400500, 0x7FF000080000, FaultKind.GUARD),
        (_SEGV, 2, 0x6FFFF8, 0x400500, 0x7FF000080000, FaultKind.GUARD),
        (_SEGV, 2, 0x6FFFF8, 0x400500, 0x700010, FaultKind.STACK_GUARD),
        (_SEGV, 2, 0x400800, 0x400500, 0x7FF000080000, FaultKind.NOT_ALLOWED),
        (_SEGV, 0x80, 0, 0x400500, 0x7FF000080000, FaultKind.NON_CANONICAL),
        (_BUS, 2, 0x400800, 0x400500, 0x7FF000080000, FaultKind.PAST_FILE_END),
        (_BUS, 1, 0x400800, 0x400500, 0x7FF000080000, FaultKind.OTHER),
        (_ABRT, -6, _NONE, 0x400500, 0x7FF000080000, FaultKind.NO_ADDRESS),
        (_SEGV, _NONE, _NONE, 0x400500, 0x7FF000080000, FaultKind.NO_ADDRESS),
    ],
)
def test_what_was_wrong(
    *, signal: int, code: int | Unavailable, address: int | Unavailable, ip: int, sp: int, kind: FaultKind
) -> None:
    assert judge(CoreSignal(signal, code, address, None), _REGIONS, Pointers(ip, sp)).kind is kind


def test_a_jump_is_told_from_an_access() -> None:
    signal = CoreSignal(_SEGV, 2, 0x505000, None)
    assert judge(signal, _REGIONS, Pointers(0x505000, None)).jump
    assert not judge(signal, _REGIONS, Pointers(0x400500, None)).jump
