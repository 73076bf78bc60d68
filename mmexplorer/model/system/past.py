"""Past moments of the machine's memory that can be shown again: those of a capture, or the last minutes."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping

from mmexplorer.model.capture.moments import Clocks
from mmexplorer.model.capture.timeline import KEPT_SECONDS, NO_EVENTS, Beginning, Event, Tick, Timeline
from mmexplorer.model.system.history import SarHistory
from mmexplorer.model.system.memory import free
from mmexplorer.model.system.oom import Candidate
from mmexplorer.model.system.snapshot import NOT_READ, SystemSnapshot, is_kill_counted
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.typed import Protocol
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

    def __init__(self, seconds_at_most: float = KEPT_SECONDS, closest: float = 0.5) -> None:
        """`closest`: the least number of seconds between two moments."""
        self._seconds_at_most = seconds_at_most
        self._closest = closest
        self._kept: deque[SystemSnapshot] = deque()
        self._ticks: deque[Tick] = deque()
        self._begins = Beginning.OPENED

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
            self._begins = Beginning.AGE

    def timeline(self) -> Timeline:
        """Return the moments."""
        return Timeline(tuple(self._ticks), begins=self._begins)

    def sample_at(self, at: float, request: SystemRequest) -> SystemSnapshot:  # noqa: ARG002 - nothing more can be read
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
    killed = before is not None and is_kill_counted(before, snapshot)
    return Tick(clocks, used, None, frozenset({Event.OOM}) if killed else NO_EVENTS)


class _Figures(Mapping[str, int]):
    """Figures by name. Every snapshot has the same names, so they are stored once rather than in a dict for each."""

    __slots__ = ("figures", "places")

    def __init__(self, places: Mapping[str, int], figures: tuple[int, ...]) -> None:
        self.places = places
        self.figures = figures

    def __getitem__(self, name: str) -> int:
        return self.figures[self.places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def _sharing(snapshot: SystemSnapshot, last: SystemSnapshot | None) -> SystemSnapshot:
    """Reuse the objects of unchanged values: most of a few hundred per second, and most of the processes ranked."""
    before = snapshot if last is None else last
    return replace(
        snapshot,
        meminfo=_shared(snapshot.meminfo, before.meminfo),
        vmstat=_shared(snapshot.vmstat, before.vmstat),
        ranking=_shared_ranking(snapshot.ranking, before.ranking),
    )


def _shared(
    now: Mapping[str, int] | Unavailable, before: Mapping[str, int] | Unavailable
) -> Mapping[str, int] | Unavailable:
    if isinstance(now, Unavailable):
        return now
    if not isinstance(before, _Figures) or now.keys() != before.places.keys():
        return _Figures({name: place for place, name in enumerate(now)}, tuple(now.values()))
    known = zip(before.places, before.figures, strict=True)
    return _Figures(before.places, tuple(old if old == now[name] else now[name] for name, old in known))


def _shared_ranking(
    now: tuple[Candidate, ...] | Unavailable, before: tuple[Candidate, ...] | Unavailable
) -> tuple[Candidate, ...] | Unavailable:
    if isinstance(now, Unavailable) or isinstance(before, Unavailable) or now is before:
        return now
    known = {candidate.key: candidate for candidate in before}
    shared = tuple(old if (old := known.get(candidate.key)) == candidate else candidate for candidate in now)
    return before if shared == before else shared


def _as_it_was(snapshot: SystemSnapshot) -> SystemSnapshot:
    """Replace what wasn't read at the time by the reason."""
    if snapshot.pressure is not NOT_READ:
        return snapshot
    ranking = _NOT_SHOWN if snapshot.ranking is NOT_READ else snapshot.ranking
    return replace(
        snapshot, pressure=_NOT_SHOWN, swaps=_NOT_SHOWN, zones=_NOT_SHOWN, settings=_NOT_SHOWN, cgroup=_NOT_SHOWN,
        ranking=ranking,
    )  # fmt: skip
