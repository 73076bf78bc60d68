"""When the changes of a screen are painted."""

from asyncio import get_running_loop
from collections.abc import Callable

from textual.screen import UPDATE_PERIOD


class Frames:
    """Stands in for the timer of a Textual screen, which wakes up once more after every frame.

    Frames come at once, but at least `UPDATE_PERIOD` seconds apart; the first one comes that long after it is due.
    """

    def __init__(self, paint: Callable[[], object]) -> None:
        """Keep `paint`, which paints what changed; it must not raise."""
        self._paint = paint
        self._next: float | None = None
        """The earliest time of the next frame, by the loop's clock; None before the first."""
        self._is_due = False

    def resume(self) -> None:
        """Paint soon, in the event loop's next round or when the last frame is old enough."""
        if self._is_due:
            return
        self._is_due = True
        loop = get_running_loop()
        now = loop.time()
        if self._next is None:
            self._next = now + UPDATE_PERIOD
        if self._next > now:
            loop.call_at(self._next, self._paint_now)
        else:
            loop.call_soon(self._paint_now)

    def wait(self, seconds: float) -> None:
        """Wait that long with the next frame, so that it includes what is about to come."""
        if self._next is not None:
            self._next = max(self._next, get_running_loop().time() + seconds)

    def pause(self) -> None:
        """Do nothing: a frame that is due comes nevertheless, and paints nothing if nothing is left to paint."""

    def _paint_now(self) -> None:
        self._is_due = False
        self._next = get_running_loop().time() + UPDATE_PERIOD
        self._paint()
