"""Which moment is shown: the newest, or one of those before it."""

from collections.abc import Callable

from mmexplorer.present.explore.view import ExploreView
from mmexplorer.ui.explore.poller import ExplorePoller


class LookingBack:
    """Owned by the screen; the poller finds what was seen at the moment that is chosen here."""

    def __init__(
        self, poller: ExplorePoller, wake: Callable[[], None], view_now: Callable[[], ExploreView | None]
    ) -> None:
        """`view_now` gives what is on the screen, `wake` has the poller look."""
        self._poller = poller
        self._wake = wake
        self._view_now = view_now

    @property
    def has_past(self) -> bool:
        """Whether there is another moment to be shown."""
        view = self._view_now()
        return view is not None and len(view.timeline.ticks) > 1

    def is_back(self, view: ExploreView) -> bool:
        """Whether `view` is of a moment that isn't the newest."""
        return view.shown is not None and self._poller.at is not None and not view.shown.is_newest

    def step(self, count: int) -> None:
        """Show the moment that many steps later, or earlier."""
        view = self._view_now()
        if view is not None and view.timeline.ticks:
            at = self._poller.at
            here = len(view.timeline.ticks) - 1 if at is None else view.timeline.nearest(at)
            self.show(here + count)

    def show(self, index: int) -> None:
        """Show the moment with this number in the timeline, or the nearest that there is."""
        view = self._view_now()
        ticks = view.timeline.ticks if view is not None else ()
        if index >= len(ticks) - 1:
            self.show_newest()
            return
        self._poller.at = ticks[max(0, index)].clocks.boottime
        self._wake()

    def show_newest(self) -> None:
        """Show the newest moment again."""
        self._poller.at = None
        self._wake()
