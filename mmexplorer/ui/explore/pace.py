"""The pace of Explore: seconds between refreshes, pausing, and what refreshing costs."""

from collections import deque

from mmexplorer.model.snapshot import Counters
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.text.header import RefreshStatus
from mmexplorer.ui.explore.poller import FOR_HISTORY, ExplorePoller
from mmexplorer.ui.refresh import SHARE_OF, RefreshLoop, Share

INTERVALS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds between refreshes that `+` and `-` choose from."""


class Pace:
    """Sets the pace of the loop and the poller. Owned by the screen."""

    def __init__(self, poller: ExplorePoller, loop: RefreshLoop[ExploreView]) -> None:
        self._poller = poller
        self._loop = loop
        self._share = Share()
        self._longest: deque[float] = deque(maxlen=SHARE_OF)
        self._before: float | None = None
        """The interval to return to, while another screen is shown."""
        loop.paused = poller.paused
        poller.interval = loop.interval

    def add(self, view: ExploreView) -> None:
        """Add the cost of this view."""
        self._share.add(view.snapshot.clock, view.snapshot.cost.target)
        self._longest.append(view.snapshot.cost.longest)

    def status(self, view: ExploreView, *, file: str, moment: str, recording: str) -> RefreshStatus:
        """Return the status for the header, including where the view comes from and what is being recorded."""
        counters = view.snapshot.target.counters if view.snapshot.target is not None else None
        return RefreshStatus(
            self._loop.interval,
            paused=self._poller.paused,
            share=self._share.value,
            longest=max(self._longest, default=0.0),
            age=view.snapshot.clock - counters.taken_at if isinstance(counters, Counters) else None,
            file=file,
            moment=moment,
            recording=recording,
        )

    def suspend(self) -> None:
        """Refresh only as often as the history needs while another screen is shown."""
        self._before = self._loop.interval
        self._set_interval(max(self._before, FOR_HISTORY))
        self._poller.threads = False

    def resume(self) -> None:
        """Return to the chosen interval; at the first call a refresh is already under way."""
        if self._before is not None:
            self._set_interval(self._before)
            self._before = None
            self._loop.now()

    def pause(self) -> None:
        """Pause refreshing, or continue."""
        self._poller.paused = self._loop.paused = not self._poller.paused
        self._loop.now()

    def read_now(self) -> None:
        """Read everything once, even when paused."""
        self._poller.counters_now = True
        self._loop.now()

    def change_interval(self, step: int) -> None:
        """Refresh more or less often."""
        nearest = min(range(len(INTERVALS)), key=lambda index: abs(INTERVALS[index] - self._loop.interval))
        self._set_interval(INTERVALS[max(0, min(nearest + step, len(INTERVALS) - 1))])
        self._loop.now()

    def _set_interval(self, seconds: float) -> None:
        self._loop.interval = self._poller.interval = seconds
