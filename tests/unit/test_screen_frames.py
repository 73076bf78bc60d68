"""When a screen is painted: at once, but not too often."""

from collections.abc import Callable

import pytest
from textual.screen import UPDATE_PERIOD

from mmexplorer.ui.terminal import frames
from mmexplorer.ui.terminal.frames import Frames


class Loop:
    """An event loop whose clock is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.soon: list[Callable[[], None]] = []
        self.later: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_soon(self, call: Callable[[], None]) -> None:
        self.soon.append(call)

    def call_at(self, when: float, call: Callable[[], None]) -> None:
        self.later.append((when, call))


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    made = Loop()
    monkeypatch.setattr(frames, "get_running_loop", lambda: made)
    return made


def test_the_first_frame_waits_for_what_belongs_to_it(loop: Loop) -> None:
    painted: list[float] = []
    screen = Frames(lambda: painted.append(loop.now))
    screen.resume()
    screen.resume()
    assert not painted
    [(when, paint)] = loop.later
    assert when == 100.0 + UPDATE_PERIOD
    loop.now = when
    paint()
    assert painted == [when]
    assert not loop.soon


def test_a_frame_comes_at_once_unless_the_last_one_is_too_recent(loop: Loop) -> None:
    painted: list[float] = []
    screen = Frames(lambda: painted.append(loop.now))
    screen.resume()
    loop.now, paint = loop.later.pop()
    paint()
    loop.now += UPDATE_PERIOD / 4
    screen.resume()
    screen.pause()
    assert not loop.soon
    [(when, paint)] = loop.later
    assert when == painted[0] + UPDATE_PERIOD
    loop.now = when
    paint()
    loop.now += 1
    screen.resume()
    screen.resume()
    loop.now += 0.001
    loop.soon.pop()()
    assert painted == [when - UPDATE_PERIOD, when, when + 1.001]
    assert not loop.soon
    assert len(loop.later) == 1, "the one that has been called"


def test_a_frame_can_wait_for_what_is_about_to_come(loop: Loop) -> None:
    painted: list[float] = []
    screen = Frames(lambda: painted.append(loop.now))
    screen.wait(1.0)
    screen.resume()
    loop.now, paint = loop.later.pop()
    assert loop.now == 100.0 + UPDATE_PERIOD, "the first waits no longer"
    paint()
    loop.now += 10
    screen.wait(0.5)
    screen.resume()
    loop.now += 0.001
    screen.wait(1.0)
    screen.resume()
    assert not loop.soon
    [(when, paint)] = loop.later
    assert when == painted[0] + 10.5, "what is about to be painted isn't delayed further"
    loop.now = when
    paint()
    assert painted[1:] == [when]
