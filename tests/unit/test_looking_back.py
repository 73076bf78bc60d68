"""The moment shown while stepping through the timeline."""

from collections.abc import Callable

import pytest

from mmexplorer.model.capture.timeline import EMPTY_TIMELINE, Tick, Timeline
from mmexplorer.model.value import frozen
from mmexplorer.present.capture.timeline import Shown
from mmexplorer.present.text.format import time_of_day
from mmexplorer.ui.looking_back import LookingBack, ShownMoment
from tests.support.captures import clocks

_TIMELINE = Timeline(tuple(Tick(clocks(second), second, second) for second in range(5)))


@frozen
class _View:
    timeline: Timeline
    shown: Shown | None


class _Screen:
    """A screen that shows the result of its poller at once."""

    def __init__(self, timeline: Timeline = _TIMELINE) -> None:
        self.timeline = timeline
        self.moment = ShownMoment()
        self.woken = 0
        self.past = LookingBack(self.moment, self._wake, lambda: self.view)

    def _wake(self) -> None:
        self.woken += 1

    @property
    def number(self) -> int:
        at, last = self.moment.at, len(self.timeline.ticks) - 1
        return last if at is None else self.timeline.nearest(at)

    @property
    def view(self) -> _View:
        ticks = self.timeline.ticks
        shown = Shown(ticks[self.number], self.number, ticks[-1]) if ticks else None
        return _View(self.timeline, shown)


@pytest.mark.parametrize(
    ("steps", "number"),
    [([-1], 3), ([-1, -1, 1], 3), ([-10], 0), ([-10, 1], 1), ([-1, 1], 4), ([-2, 10], 4), ([1], 4)],
)
def test_steps_stay_within_the_moments_there_are(steps: list[int], number: int) -> None:
    screen = _Screen()
    for step in steps:
        screen.past.step(step)
    assert screen.number == number
    assert screen.past.is_back(screen.view) is (number < 4)
    assert (screen.moment.at is None) is (number == 4)
    assert screen.woken == len(steps)


@pytest.mark.parametrize(("index", "number"), [(0, 0), (2, 2), (-3, 0), (4, 4), (5, 4), (99, 4)])
def test_a_click_shows_the_moment_or_the_newest(index: int, number: int) -> None:
    screen = _Screen()
    screen.past.show(index)
    assert screen.number == number


def test_only_at_the_oldest_moment_there_is_nothing_before() -> None:
    screen = _Screen()
    assert screen.past.oldest is None
    screen.past.show(1)
    assert screen.past.oldest is None
    screen.past.step(-1)
    assert screen.past.oldest is screen.timeline


def test_now_is_the_newest_whatever_comes() -> None:
    screen = _Screen()
    screen.past.show(1)
    screen.past.show_newest()
    screen.timeline = Timeline((*_TIMELINE.ticks, Tick(clocks(9), 9, 9)))
    assert screen.number == 5
    assert not screen.past.is_back(screen.view)


def test_a_moment_stays_that_moment_when_older_ones_are_forgotten() -> None:
    screen = _Screen()
    screen.past.show(2)
    screen.timeline = Timeline(_TIMELINE.ticks[1:])
    assert screen.number == 1
    assert screen.view.shown is not None
    assert screen.view.shown.tick is _TIMELINE.ticks[2]
    screen.timeline = Timeline(_TIMELINE.ticks[3:])
    assert screen.number == 0  # the moment is forgotten, so the oldest remaining one is shown


@pytest.mark.parametrize("timeline", [EMPTY_TIMELINE, Timeline(_TIMELINE.ticks[:1])], ids=["none", "one"])
def test_without_a_past_there_is_nowhere_to_go(timeline: Timeline) -> None:
    screen = _Screen(timeline)
    assert not screen.past.has_past
    does: list[Callable[[], None]] = [lambda: screen.past.step(-1), lambda: screen.past.show(0)]
    for do in does:
        do()
        assert screen.moment.at is None


def test_before_the_first_look_nothing_happens() -> None:
    moment = ShownMoment()
    past = LookingBack(moment, lambda: None, lambda: None)
    past.step(-1)
    past.show(0)
    assert moment.at is None
    assert not past.has_past


def test_two_screens_show_one_moment() -> None:
    explore, system = _Screen(), _Screen()
    system.moment = explore.moment
    explore.past.show(1)
    assert system.number == 1


def test_a_chosen_moment_is_awaited_until_it_is_shown() -> None:
    screen = _Screen()
    newest = screen.view
    assert screen.past.text(newest, live=True) == ""
    screen.past.step(-2)
    assert screen.past.text(newest, live=True) == f"reading {time_of_day(clocks(2).realtime)}…"
    assert screen.past.text(screen.view, live=True) == f"{time_of_day(clocks(2).realtime)}, 2 s ago"
