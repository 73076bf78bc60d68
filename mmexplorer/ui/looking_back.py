"""The moment shown, the newest or an earlier one; Explore and System share it."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from textual import on

from mmexplorer.model.capture.timeline import Tick, Timeline
from mmexplorer.present.capture.timeline import Shown, beginning_text, moment_text, reading_text
from mmexplorer.ui.paned_screen import PanedScreen
from mmexplorer.ui.refresh import Expected
from mmexplorer.ui.widgets.timeline_bar import TimelineBar

OF_THE_PAST = frozenset({"moment", "first_moment", "now"})
"""The actions that need more than one moment."""
_UNTIL_SAID = 0.1
"""Seconds after which the header says that a moment is being read, if it isn't shown yet: most are by then."""


class ShownMoment:
    """The moment shown. Owned by the app and set in the event loop; each poll reads it once."""

    def __init__(self, at: float | None = None) -> None:
        self.at = at
        """CLOCK_BOOTTIME; None: the newest."""


class Placed(Protocol):
    """A view, and its position in the timeline."""

    @property
    def timeline(self) -> Timeline:
        """The moments that can be shown."""
        ...

    @property
    def shown(self) -> Shown | None:
        """The moment shown; None if there are none yet."""
        ...


class LookingBack:
    """Moves through the timeline. Owned by a screen, whose poller then builds the view of the chosen moment."""

    def __init__(self, moment: ShownMoment, wake: Callable[[], None], view_now: Callable[[], Placed | None]) -> None:
        """Keep `view_now`, which returns the current view, and `wake`, which makes the poller run."""
        self._moment = moment
        self._wake = wake
        self._view_now = view_now

    @property
    def has_past(self) -> bool:
        """Whether there is an earlier moment to show."""
        view = self._view_now()
        return view is not None and len(view.timeline.ticks) > 1

    def is_back(self, view: Placed) -> bool:
        """Return whether `view` shows an earlier moment than the newest."""
        return view.shown is not None and self._moment.at is not None and not view.shown.is_newest

    def awaited(self, view: Placed) -> Tick | None:
        """Return the earlier moment that was chosen, if `view` doesn't show it yet."""
        at = self._moment.at
        if at is None or not view.timeline.ticks:
            return None
        index = view.timeline.nearest(at)
        return None if view.shown is not None and view.shown.number == index else view.timeline.ticks[index]

    @property
    def is_awaited(self) -> bool:
        """Whether the earlier moment that was chosen isn't shown yet."""
        view = self._view_now()
        return view is not None and self.awaited(view) is not None

    def text(self, view: Placed, *, live: bool) -> str:
        """Return which earlier moment `view` shows, or which is being read for the next; "" if it shows the newest."""
        awaited = self.awaited(view)
        if awaited is not None:
            return reading_text(awaited)
        return moment_text(view.shown, live=live) if view.shown is not None and self.is_back(view) else ""

    @property
    def oldest(self) -> Timeline | None:
        """The timeline, if its oldest moment is shown; else None."""
        view, at = self._view_now(), self._moment.at
        if view is None or at is None or not view.timeline.ticks or view.timeline.nearest(at):
            return None
        return view.timeline

    def step(self, count: int) -> None:
        """Move by `count` moments; negative is earlier."""
        view = self._view_now()
        if view is not None and view.timeline.ticks:
            at = self._moment.at
            here = len(view.timeline.ticks) - 1 if at is None else view.timeline.nearest(at)
            self.show(here + count)

    def show(self, index: int) -> None:
        """Show the moment at `index` in the timeline, clamped to its ends."""
        view = self._view_now()
        ticks = view.timeline.ticks if view is not None else ()
        index = max(0, index)
        if index >= len(ticks) - 1:
            self.show_newest()
            return
        self._moment.at = ticks[index].clocks.boottime
        self._wake()

    def show_newest(self) -> None:
        """Return to the newest moment."""
        self._moment.at = None
        self._wake()


class TimelineScreen(PanedScreen):
    """A screen with a `TimelineBar`, whose keys and clicks choose the moment.

    A subclass owns the `LookingBack`, and what it `_expects` of its loop: the moment shown and the order of the rows.
    """

    _past: LookingBack
    _expects: Expected

    @property
    def is_behind(self) -> bool:
        """Whether the focused list doesn't show yet what a key asked for."""
        return self._expects.is_pending

    async def caught_up(self) -> None:
        """Wait until every list shows what was asked for."""
        await self._expects.shown()

    def give_up(self) -> None:
        """Take what the lists show for what was asked for."""
        self._expects.give_up()

    def _turn_to_moment(self) -> None:
        """Read the chosen moment, and say so if it takes long."""
        self._expects.ask()
        asyncio.get_running_loop().call_later(_UNTIL_SAID, self._say_what_is_read)

    def _say_what_is_read(self) -> None:
        if self.has_widgets and self._past.is_awaited:
            self._show_status()

    @abstractmethod
    def _show_status(self) -> None:
        """Show in the header which moment is shown, or being read; nothing before the first view."""

    @on(TimelineBar.Picked)
    def pick_moment(self, event: TimelineBar.Picked) -> None:
        """Show the moment that was clicked."""
        self._past.show(event.index)

    @on(TimelineBar.Left)
    def leave_timeline(self) -> None:
        """Return the focus to the pane that had it."""
        self._focus_pane(self._current_pane)

    def action_moment(self, step: int) -> None:
        """Move by `step` moments; negative is earlier."""
        if step < 0:
            self._say_where_it_begins()
        self._past.step(step)

    def action_first_moment(self) -> None:
        """Show the oldest moment, and say why there are no older ones."""
        self._past.show(0)
        self._say_where_it_begins()

    def _say_where_it_begins(self) -> None:
        oldest = self._past.oldest
        if oldest is not None:
            self.app.clear_notifications()
            self.notify(beginning_text(oldest))

    def action_now(self) -> None:
        """Return to the newest moment."""
        self._past.show_newest()
