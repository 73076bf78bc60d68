"""The machine's memory at the moments of a capture: implements `SystemSource` and `SystemPast`."""

import os
import time
from bisect import bisect_right

from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.model.capture.moments import Moments
from mmexplorer.model.capture.timeline import Tick, Timeline
from mmexplorer.model.system.history import Point, SarHistory, sar_sample
from mmexplorer.model.system.past import system_tick
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace

_NO_LOG = Unavailable(
    Cause.UNSUPPORTED,
    "a file has no kernel log, which would name the processes that were killed",
)
_NO_RANKING = Unavailable(Cause.NOT_READ, "the capture has no scores of the OOM killer")
_POINTS = 3600
"""The most readings that sar and the charts get."""
_AT_ONCE = 0.1
"""For how many seconds one call reads moments."""


class MomentSystem:
    """Has its own readers, separate from those of `source`, since another thread calls it. A core has one moment."""

    def __init__(self, source: MomentSource, moments: Moments | None) -> None:
        procfs = source.source.procfs
        self._moments = moments
        self._last = 0 if moments is None else len(moments) - 1
        self._procfs = procfs if moments is None else ReplayProcfs(moments, self._last)
        self._system = LiveSystem(self._procfs, kmsg=os.devnull)
        self._ticks: list[Tick] = []
        self._numbers: list[int] = []
        """The number of each tick's moment."""
        self._points: list[Point] = []
        self._next = 0
        self._before: SystemSnapshot | None = None

    def sample(self, request: SystemRequest) -> SystemSnapshot:
        """Return the last moment."""
        return self._sample(self._last, request)

    def sample_at(self, at: float, request: SystemRequest) -> SystemSnapshot:
        """Return the last moment that is not later than `at` (CLOCK_BOOTTIME)."""
        index = bisect_right(self._ticks, at, key=lambda tick: tick.clocks.boottime) - 1
        return self._sample(self._numbers[max(0, index)] if self._ticks else self._last, request)

    def timeline(self) -> Timeline:
        """Return the moments; for a long capture, as many as can be read quickly."""
        stop = time.monotonic() + _AT_ONCE
        while self._moments is not None and self._next <= self._last and time.monotonic() < stop:
            self._add(self._next)
            self._next += 1
        return Timeline(tuple(self._ticks), whole=self._moments is None or self._next > self._last)

    def history(self, until: float) -> SarHistory | None:
        """Return what sar would have printed up to a moment; None if there are no moments."""
        if self._moments is None:
            return None
        points = self._points[: bisect_right(self._points, until, key=lambda point: point.at)]
        return SarHistory(self._interval, points=tuple(points[-_POINTS:]))

    @property
    def _interval(self) -> float:
        span = self._points[-1].at - self._points[0].at if len(self._points) > 1 else 0.0
        return span / (len(self._points) - 1) if span > 0 else 1.0

    def _sample(self, index: int, request: SystemRequest) -> SystemSnapshot:
        if isinstance(self._procfs, ReplayProcfs):
            self._procfs.index = index
        # Use each moment's own ranking, which costs nothing.
        snapshot = self._system.sample(replace(request, kernel_log=False, ranking=True))
        snapshot = replace(self._dated(snapshot), ranking=snapshot.ranking or _NO_RANKING, kills=_NO_LOG)
        if isinstance(self._procfs, ReplayProcfs):
            return snapshot
        # A core file and a text have nothing of the machine, and give the reason for each of its files.
        reason = self._procfs.read("pressure/memory")
        return replace(snapshot, pressure=reason, ranking=reason) if isinstance(reason, Unavailable) else snapshot

    def _dated(self, snapshot: SystemSnapshot) -> SystemSnapshot:
        clocks = self._procfs.clocks() if isinstance(self._procfs, ReplayProcfs) else None
        if clocks is None or isinstance(clocks, Unavailable):
            return replace(snapshot, clock=0.0, taken_at=0.0)
        return replace(snapshot, clock=clocks.boottime, taken_at=clocks.realtime)

    def _add(self, index: int) -> None:
        """Add a moment's figures for the timeline and sar."""
        if not isinstance(self._procfs, ReplayProcfs):
            return
        self._procfs.index = index
        clocks = self._procfs.clocks()
        if isinstance(clocks, Unavailable):
            return
        snapshot = self._dated(self._system.figures())
        self._ticks.append(system_tick(snapshot, self._before))
        self._numbers.append(index)
        sample = sar_sample(self._before, snapshot)
        if not isinstance(sample, Unavailable):
            self._points.append(Point(clocks.boottime, sample))
        self._before = snapshot
