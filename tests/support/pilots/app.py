"""What tests of any screen need: the app in a terminal, what is painted, and waits for conditions."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from mmexplorer.ui.app import MmexplorerApp
from tests.support.patience import PATIENCE
from tests.support.pilots.rest import at_rest, drained

WIDE = (160, 48)
MEDIUM = (120, 40)
LOW = (160, 30)
SMALL = (80, 24)

NEVER = 3600.0
"""An interval so long that only the test's own requests read anything."""

_POLL = 0.005
"""Seconds between two checks of a condition."""
_NAMES = {"\r": "enter", "\t": "tab", "\x7f": "backspace", "\x1b": "escape"}


@asynccontextmanager
async def started(app: MmexplorerApp, size: tuple[int, int] = SMALL) -> AsyncIterator[Pilot[int]]:
    """Run the app in a terminal of `size`, and exit it at the end, so that it knows why its widgets are gone.

    Notifications stay: how long they would be seen depends on the speed of the machine.
    """
    app.notify = partial(_notify_for_good, app.notify)  # type: ignore[method-assign] # of this one
    async with app.run_test(size=size, notifications=True) as pilot:
        try:
            yield pilot
        finally:
            app.exit()


def _notify_for_good(notify: Callable[..., None], *arguments: Any, **options: Any) -> None:
    notify(*arguments, **(options | {"timeout": NEVER}))


class TerminalApp(ABC):
    """The app with one of its screens."""

    def __init__(self, app: MmexplorerApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    @abstractmethod
    def screen(self) -> Screen[None]:
        """The screen, even under another one."""

    @property
    def lines(self) -> list[str]:
        """The lines on the terminal."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """The text on the terminal."""
        return "\n".join(self.lines)

    @property
    def toasts(self) -> list[str]:
        """The toasts currently shown."""
        return [notification.message for notification in self.app._notifications]

    @property
    def focused(self) -> str | None:
        """The id of the focused widget."""
        return self.screen.focused.id if self.screen.focused is not None else None

    def visible(self, panes: Iterable[str]) -> list[str]:
        """Return which of the panes are visible."""
        return [name for name in panes if self.screen.query_one(f"#{name}").region.area]

    async def press(self, *keys: str) -> None:
        """Type letters or Textual's key names, and wait until what each did is painted."""
        await self.begin(*keys)
        await self.settle()

    async def begin(self, *keys: str) -> None:
        """Type keys, and wait only until they are handled: what they started may go on in a thread."""
        for key in keys:
            self._type(key)
            await self.drain()

    async def type_ahead(self, keys: str) -> None:
        """Type keys faster than they are processed, with tabs, carriage returns and deletions; wait for the effects."""
        for key in keys:
            self._type(key)
        await self.drain()
        assert await self.comes(lambda: self.app.typed_ahead.is_empty)
        await self.settle()

    def _type(self, key: str) -> None:
        named = len(key) > 1 or not key.isprintable()
        self.app.post_message(Key(_NAMES.get(key, key), None) if named else Key(_character_to_key(key), key))

    async def drain(self) -> None:
        """Wait until no widget has a message left; threads may still be running."""
        await drained()

    async def settle(self) -> None:
        """Wait until nothing is left to do, and paint the result."""
        await at_rest(self.app)

    async def shrink_and_grow(self, size: tuple[int, int]) -> None:
        """Go through sizes too small for any content, with the panes in turn, and back to `size`."""
        for columns, lines in ((20, 5), (1, 1), (80, 5), (20, 48)):
            await self.pilot.resize_terminal(columns, lines)
            await self.settle()
            assert max(map(len, self.lines)) <= columns
            await self.press("tab", "shift+tab")
        await self.pilot.resize_terminal(*size)
        await self.settle()

    async def comes(self, holds: Callable[[], bool]) -> bool:
        """Wait for a condition; return False if it isn't true within the deadline."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(_POLL)
            await self.drain()
            self.app.screen._on_timer_update()
        return True

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition that is bound to become true; fail if it doesn't."""
        assert await self.comes(holds), self.text
        await self.settle()
