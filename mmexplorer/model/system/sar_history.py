"""What the charts and the table of sar keep of each second: rows, not whole snapshots, so that an hour stays small."""

from dataclasses import dataclass

from mmexplorer.model.system.pressure import Stall, stalled_percent
from mmexplorer.model.system.sar import MemoryRow, PagingRow, SwapRow, memory_row, paging_row, swap_row
from mmexplorer.model.system.series import Series
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.unavailable import Unavailable


@dataclass(frozen=True, slots=True)
class SarSample:
    """The rows of one moment."""

    taken_at: float
    """Seconds since the epoch."""
    memory: MemoryRow
    swap: SwapRow
    paging: PagingRow | None
    """None for the first reading, which has none before it to count from."""
    stalled: float | None
    """Per cent of the time since the reading before that some task waited for memory; None if that isn't known."""


History = Series[SarSample]


def sar_sample(before: SystemSnapshot | None, after: SystemSnapshot) -> SarSample | Unavailable:
    """Compute the rows of `after`; rates and waiting time count from `before`."""
    if isinstance(after.meminfo, Unavailable):
        return after.meminfo
    return SarSample(
        taken_at=after.taken_at,
        memory=memory_row(after.meminfo, after.sar_formula),
        swap=swap_row(after.meminfo),
        paging=None if before is None else _paging(before, after),
        stalled=None if before is None else _stalled(before, after),
    )


def _paging(before: SystemSnapshot, after: SystemSnapshot) -> PagingRow | None:
    if isinstance(before.vmstat, Unavailable) or isinstance(after.vmstat, Unavailable):
        return None
    return paging_row(before.vmstat, after.vmstat, after.clock - before.clock)


def _stalled(before: SystemSnapshot, after: SystemSnapshot) -> float | None:
    first, last = _some(before), _some(after)
    return stalled_percent(first, last, after.clock - before.clock) if first and last else None


def _some(snapshot: SystemSnapshot) -> Stall | None:
    return None if isinstance(snapshot.pressure, Unavailable) else snapshot.pressure.some
