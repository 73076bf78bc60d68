"""A process over the recorded moments: its size at each, and what happened."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from enum import Enum
from itertools import pairwise
from operator import attrgetter, sub

from mmexplorer.model.capture.moments import Clocks
from mmexplorer.model.value import NamedTuple, frozen


class Event(Enum):
    """What happened to a process, or on its machine, from one moment to the next."""

    CAME = "came"
    """A region appeared."""
    WENT = "went"
    """A region disappeared."""
    GREW = "grew"
    """A region grew or shrank."""
    EXEC = "exec"
    """The process executed another program."""
    END = "end"
    OOM = "oom"
    """The OOM killer killed some process."""


NO_EVENTS = frozenset[Event]()
"""Of almost all moments: one object, since an empty set takes 216 bytes."""


class Tick(NamedTuple):
    """A process at one moment."""

    clocks: Clocks
    rss: int | None
    """Bytes; None if it didn't exist or isn't known."""
    vsz: int | None
    events: frozenset[Event] = NO_EVENTS
    mapped: bool = False
    """Whether its regions were known."""


class Beginning(Enum):
    """Why there are no earlier moments."""

    FILE = "file"
    """The file has none."""
    OPENED = "opened"
    """The program was started then."""
    AGE = "age"
    """Older ones were dropped after KEPT_SECONDS."""
    SIZE = "size"
    """They were dropped since all together may take no more than KEPT_BYTES."""


KEPT_SECONDS = 600.0
"""How long a moment of the live machine is remembered."""
KEPT_BYTES = 1 << 24
"""How much memory all of them may take."""


@frozen
class Timeline:
    """The moments in order of time."""

    ticks: tuple[Tick, ...] = ()
    whole: bool = True
    """Whether it includes all moments; a long capture is loaded bit by bit."""
    begins: Beginning = Beginning.FILE

    def nearest(self, boottime: float) -> int:
        """Return the index of the moment closest to a CLOCK_BOOTTIME time. There must be at least one."""
        after = bisect_left(self.ticks, boottime, key=lambda tick: tick.clocks.boottime)
        around = [at for at in (after - 1, after) if 0 <= at < len(self.ticks)]
        return min(around, key=lambda at: abs(self.ticks[at].clocks.boottime - boottime))

    def columns(self, count: int) -> tuple[int | None, ...]:
        """Divide the time from first to last moment into `count` columns; return the index of the moment each shows.

        None where the gap is much longer than usual: a suspend or a pause.
        """
        if not self.ticks or count < 1:
            return (None,) * max(0, count)
        times = list(map(_BOOTTIME, self.ticks))
        span, longest = times[-1] - times[0], _longest(times, count)
        shown: list[int | None] = []
        at, last, start, steps = 0, len(times) - 1, times[0], max(1, count - 1)
        for column in range(count):
            time = start + span * column / steps
            while at < last and times[at + 1] < time:
                at += 1
            nearest, away = at, time - times[at]
            if at < last and times[at + 1] - time < away:
                nearest, away = at + 1, times[at + 1] - time
            shown.append(nearest if away <= longest else None)
        return tuple(shown)

    def may_have_gaps(self, count: int) -> bool:
        """Return whether any of `count` columns may be None; this takes a fraction of finding the columns."""
        times = list(map(_BOOTTIME, self.ticks))
        steps = map(sub, times[1:], times)
        return count < 1 or max(steps, default=0.0) >= 2 * _longest(times, count)

    def unbroken(self) -> tuple[range, ...]:
        """Split the moments into runs, as ranges of indices, wherever two are much further apart than usual."""
        times = list(map(_BOOTTIME, self.ticks))
        steps = [after - before for before, after in pairwise(times)]
        longest = _MISSED * sorted(steps)[len(steps) // 2] if steps else 0.0
        starts = [0, *(at + 1 for at, step in enumerate(steps) if step > longest), len(times)]
        return tuple(range(start, end) for start, end in pairwise(starts) if end > start)


def _longest(times: Sequence[float], count: int) -> float:
    """Return how many seconds away from a column the moment may be that it shows."""
    span = times[-1] - times[0] if times else 0.0
    return max(_MISSED * span / max(1, len(times) - 1), 2 * span / count)


_BOOTTIME: Callable[[Tick], float] = attrgetter("clocks.boottime")
_MISSED = 2.5
"""A distance of more than this many steps between two moments is a gap."""
EMPTY_TIMELINE = Timeline()
