"""The figures kept per second for the charts and sar's table: rows, not full snapshots, so that an hour stays small.

The history keeps gaps between readings: a suspended machine leaves one, not a line across it.
"""

from mmexplorer.model.system.pressure import Stall, stalled_percent
from mmexplorer.model.system.sar import MemoryRow, PagingRow, SwapRow, memory_row, paging_row, swap_row
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.typed import TypeVar
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, frozen, names, replace


@frozen
class SarSample:
    """The rows of one moment."""

    taken_at: float
    """Seconds since the epoch."""
    memory: MemoryRow
    swap: SwapRow
    paging: PagingRow | None
    """None for the first reading: rates need a previous one."""
    stalled: float | None
    """Per cent of the time since the previous reading that some task waited for memory; None if unknown."""


class Point(NamedTuple):
    """One reading."""

    at: float
    """Seconds on the clock that keeps running during suspend (CLOCK_BOOTTIME)."""
    sample: SarSample


@frozen
class SarHistory:
    """The newest readings, oldest first."""

    interval: float
    """The intended number of seconds between readings."""
    limit: int = 3600
    """How many readings are kept."""
    points: tuple[Point, ...] = ()

    def add(self, at: float, sample: SarSample) -> "SarHistory":
        """Append a reading. If it isn't later than the last, the clock was set back: start a new history."""
        kept = self.points if not self.points or at > self.points[-1].at else ()
        if kept:
            sample = _sharing(sample, kept[-1].sample)
        return SarHistory(self.interval, self.limit, (*kept, Point(at, sample))[-self.limit :])

    def until(self, at: float) -> "SarHistory":
        """Return the readings up to a moment."""
        return SarHistory(self.interval, self.limit, tuple(point for point in self.points if point.at <= at))

    def is_gap(self, index: int) -> bool:
        """Return whether the machine was suspended, or the display paused, just before that reading."""
        missed = 2.5
        return index > 0 and self.points[index].at - self.points[index - 1].at > missed * self.interval

    def columns(self, count: int) -> tuple[SarSample | None, ...]:
        """Lay out the newest readings in `count` steps of the interval, ending with the last; None where missing."""
        slots: list[SarSample | None] = [None] * count
        earlier = count
        for index in range(max(0, len(self.points) - count), len(self.points)):
            back = round((self.points[-1].at - self.points[index].at) / self.interval)
            # A late reading leaves one step empty, which isn't a gap yet.
            first = back if self.is_gap(index) or earlier >= count else max(back, earlier - 1)
            for step in range(back, min(first, count - 1) + 1):
                slots[count - 1 - step] = self.points[index].sample
            earlier = back
        return tuple(slots)


Row = TypeVar("Row", MemoryRow, SwapRow, PagingRow)


def _sharing(sample: SarSample, before: SarSample) -> SarSample:
    """Reuse the objects of unchanged figures, which are most of them as long as nothing is read, written or swapped."""
    paging = sample.paging
    if paging is not None and before.paging is not None:
        paging = _shared(paging, before.paging)
    memory, swap = _shared(sample.memory, before.memory), _shared(sample.swap, before.swap)
    return replace(sample, memory=memory, swap=swap, paging=paging)


def _shared(row: Row, before: Row) -> Row:
    if row == before:
        return before
    pairs = ((name, getattr(row, name), getattr(before, name)) for name in names(type(row)))
    return replace(row, **{name: old for name, new, old in pairs if new == old})


def sar_sample(before: SystemSnapshot | None, after: SystemSnapshot) -> SarSample | Unavailable:
    """Compute the rows of `after`; rates and waiting time are relative to `before`."""
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
