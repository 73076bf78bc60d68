"""Which moment is shown: the newest, or one of those before it. Explore and System show the same one."""

from collections.abc import Callable
from typing import Protocol

from textual import on

from mmexplorer.model.capture.timeline import Timeline
from mmexplorer.present.capture.timeline import Shown
from mmexplorer.ui.paned_screen import PanedScreen
from mmexplorer.ui.widgets.timeline_bar import TimelineBar

OF_THE_PAST = frozenset({"moment", "first_moment", "now"})
"""The actions that make sense where there is more than one moment."""


class ShownMoment:
    """Owned by the app. Set by the event loop; a look asks for it once."""

    def __init__(self, at: float | None = None) -> None:
        self.at = at
        """CLOCK_BOOTTIME; None: the newest."""


class Placed(Protocol):
    """What is on a screen, and where in its timeline it stands."""

    @property
    def timeline(self) -> Timeline:
        """The moments there are."""
        ...

    @property
    def shown(self) -> Shown | None:
        """Which of them is shown; None while there is none."""
        ...


class LookingBack:
    """Owned by a screen; its poller finds what was seen at the moment that is chosen here."""

    def __init__(self, moment: ShownMoment, wake: Callable[[], None], view_now: Callable[[], Placed | None]) -> None:
        """`view_now` gives what is on the screen, `wake` has the poller look."""
        self._moment = moment
        self._wake = wake
        self._view_now = view_now

    @property
    def has_past(self) -> bool:
        """Whether there is another moment to be shown."""
        view = self._view_now()
        return view is not None and len(view.timeline.ticks) > 1

    def is_back(self, view: Placed) -> bool:
        """Whether `view` is of a moment that isn't the newest."""
        return view.shown is not None and self._moment.at is not None and not view.shown.is_newest

    def step(self, count: int) -> None:
        """Show the moment that many steps later, or earlier."""
        view = self._view_now()
        if view is not None and view.timeline.ticks:
            at = self._moment.at
            here = len(view.timeline.ticks) - 1 if at is None else view.timeline.nearest(at)
            self.show(here + count)

    def show(self, index: int) -> None:
        """Show the moment with this number in the timeline, or the nearest that there is."""
        view = self._view_now()
        ticks = view.timeline.ticks if view is not None else ()
        index = max(0, index)
        if index >= len(ticks) - 1:
            self.show_newest()
            return
        self._moment.at = ticks[index].clocks.boottime
        self._wake()

    def show_newest(self) -> None:
        """Show the newest moment again."""
        self._moment.at = None
        self._wake()


class TimelineScreen(PanedScreen):
    """A screen with a `TimelineBar`, whose keys and clicks choose the moment. A subclass owns the `LookingBack`."""

    _past: LookingBack

    @on(TimelineBar.Picked)
    def pick_moment(self, event: TimelineBar.Picked) -> None:
        """Show the moment that was clicked."""
        self._past.show(event.index)

    @on(TimelineBar.Stepped)
    def step_moment(self, event: TimelineBar.Stepped) -> None:
        """Show the moment that many steps later, or earlier."""
        self._past.step(event.count)

    @on(TimelineBar.Left)
    def leave_timeline(self) -> None:
        """Give the focus back to the pane that had it."""
        self._focus_pane(self._current_pane)

    def action_moment(self, step: int) -> None:
        """Show the moment that many steps later, or earlier."""
        self._past.step(step)

    def action_first_moment(self) -> None:
        """Show the oldest moment there is."""
        self._past.show(0)

    def action_now(self) -> None:
        """Show the newest moment again."""
        self._past.show_newest()
