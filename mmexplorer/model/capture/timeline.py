"""What became of a process over the moments that are known of it: its size at each, and what happened."""

from bisect import bisect_left
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from mmexplorer.model.capture.moments import Clocks
from mmexplorer.model.value import frozen


class Event(Enum):
    """What happened to a process from one moment to the next."""

    CAME = "came"
    """A region."""
    WENT = "went"
    """A region."""
    GREW = "grew"
    """A region, or it shrank."""
    EXEC = "exec"
    """It runs another program."""
    END = "end"


class Tick(NamedTuple):
    """A process at one moment."""

    clocks: Clocks
    rss: int | None
    """Bytes; None where it wasn't there, or isn't known."""
    vsz: int | None
    events: frozenset[Event] = frozenset()


@frozen
class Timeline:
    """The moments in the order of time."""

    ticks: tuple[Tick, ...] = ()
    whole: bool = True
    """Whether all moments are in it; a long capture is gone through bit by bit."""

    def nearest(self, boottime: float) -> int:
        """Give the number of the moment closest to a time, by the clock that no suspend stops. There must be one."""
        after = bisect_left(self.ticks, boottime, key=lambda tick: tick.clocks.boottime)
        around = [at for at in (after - 1, after) if 0 <= at < len(self.ticks)]
        return min(around, key=lambda at: abs(self.ticks[at].clocks.boottime - boottime))

    def columns(self, count: int) -> tuple[int | None, ...]:
        """Share the time from the first to the last moment out to `count` columns: the moment that each shows.

        None where nothing was looked at for much longer than from moment to moment: a suspend, a pause.
        """
        if not self.ticks or count < 1:
            return (None,) * max(0, count)
        times = [tick.clocks.boottime for tick in self.ticks]
        span = times[-1] - times[0]
        longest = max(_MISSED * span / max(1, len(times) - 1), 2 * span / count)
        shown: list[int | None] = []
        for column in range(count):
            at = self.nearest(times[0] + span * column / max(1, count - 1))
            away = abs(times[at] - (times[0] + span * column / max(1, count - 1)))
            shown.append(at if away <= longest else None)
        return tuple(shown)

    def unbroken(self) -> tuple[range, ...]:
        """Give the stretches of moments, by their numbers, in which no two are much further apart than others are."""
        times = [tick.clocks.boottime for tick in self.ticks]
        steps = [after - before for before, after in pairwise(times)]
        longest = _MISSED * sorted(steps)[len(steps) // 2] if steps else 0.0
        starts = [0, *(at + 1 for at, step in enumerate(steps) if step > longest), len(times)]
        return tuple(range(start, end) for start, end in pairwise(starts) if end > start)


_MISSED = 2.5
"""Steps between two moments from which on there is a gap."""
EMPTY_TIMELINE = Timeline()
