"""Past moments of the machine's memory that can be shown again: those of a capture, or the last minutes."""

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping
from typing import Protocol

from mmexplorer.model.capture.moments import Clocks
from mmexplorer.model.capture.timeline import Event, Tick, Timeline
from mmexplorer.model.system.history import SarHistory
from mmexplorer.model.system.memory import free
from mmexplorer.model.system.snapshot import NOT_READ, SystemSnapshot, killed_between
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace

_NOT_SHOWN = Unavailable(Cause.NOT_READ, "not read at that moment: this screen wasn't shown")


class SystemPast(Protocol):
    """Past moments. Called from the same thread as the source; never raises OSError."""

    def timeline(self) -> Timeline:
        """Return the moments; for a long capture, as many as can be read quickly. `rss` is the memory in use."""
        ...

    def sample_at(self, at: float, request: SystemRequest) -> SystemSnapshot:
        """Return the last moment that is not later than `at` (CLOCK_BOOTTIME)."""
        ...

    def history(self, until: float) -> SarHistory | None:
        """Return what sar would have printed up to a moment; None if the caller keeps that itself."""
        ...


class RecentSystem:
    """Remembers the last minutes as complete snapshots, so that looking back reads nothing."""

    def __init__(self, seconds_at_most: float = 600.0, closest: float = 0.5) -> None:
        """`closest`: the least number of seconds between two moments."""
        self._seconds_at_most = seconds_at_most
        self._closest = closest
        self._kept: deque[SystemSnapshot] = deque()
        self._ticks: deque[Tick] = deque()

    def add(self, snapshot: SystemSnapshot) -> None:
        """Remember a snapshot, and drop those that are too old."""
        last = self._kept[-1] if self._kept else None
        if last is not None and 0 <= snapshot.clock - last.clock < self._closest:
            return
        if last is not None and snapshot.clock < last.clock:
            self._kept.clear()
            self._ticks.clear()
            last = None
        self._kept.append(_sharing(snapshot, last))
        self._ticks.append(system_tick(snapshot, last))
        while snapshot.clock - self._kept[0].clock > self._seconds_at_most:
            self._kept.popleft()
            self._ticks.popleft()

    def timeline(self) -> Timeline:
        """Return the moments."""
        return Timeline(tuple(self._ticks))

    def sample_at(self, at: float, request: SystemRequest) -> SystemSnapshot:  # noqa: ARG002 - what was read was read
        """Return the last moment that is not later than `at`; there must be at least one."""
        index = bisect_right(self._ticks, at, key=lambda tick: tick.clocks.boottime) - 1
        return _as_it_was(self._kept[max(0, index)])

    def history(self, until: float) -> None:
        """Return None: the caller keeps the history."""


def system_tick(snapshot: SystemSnapshot, before: SystemSnapshot | None) -> Tick:
    """Return what the timeline shows of a moment: the memory in use, and any OOM kill since `before`."""
    clocks = Clocks(snapshot.taken_at, snapshot.clock, snapshot.clock)
    figures = snapshot.meminfo if isinstance(snapshot.meminfo, Unavailable) else free(snapshot.meminfo)
    used = None if isinstance(figures, Unavailable) or isinstance(figures.used, Unavailable) else figures.used
    killed = before is not None and killed_between(before, snapshot) is not None
    return Tick(clocks, used, None, frozenset({Event.OOM}) if killed else frozenset())


def _sharing(snapshot: SystemSnapshot, last: SystemSnapshot | None) -> SystemSnapshot:
    """Reuse the objects of unchanged values: most of a few hundred per second."""
    if last is None:
        return snapshot
    vmstat, before = snapshot.vmstat, last.vmstat
    if isinstance(vmstat, Unavailable) or isinstance(before, Unavailable):
        return snapshot
    return replace(snapshot, vmstat=_shared(vmstat, before))


def _shared(now: Mapping[str, int], before: Mapping[str, int]) -> Mapping[str, int]:
    if now.keys() != before.keys():
        return now
    return {name: old if old == now[name] else now[name] for name, old in before.items()}


def _as_it_was(snapshot: SystemSnapshot) -> SystemSnapshot:
    """Replace what wasn't read at the time by the reason."""
    if snapshot.pressure is not NOT_READ:
        return snapshot
    ranking = _NOT_SHOWN if snapshot.ranking is NOT_READ else snapshot.ranking
    return replace(
        snapshot, pressure=_NOT_SHOWN, swaps=_NOT_SHOWN, zones=_NOT_SHOWN, cgroup=_NOT_SHOWN, ranking=ranking
    )
