"""Keys typed before the result of an earlier key is shown, such as `j` right after `>`: they wait for it, in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input

from mmexplorer.ui.looking_back import TimelineScreen
from mmexplorer.ui.workers import start_worker

_PATIENCE = 5.0
"""Longest time in seconds that keys wait for a reading, which may take as long as the kernel likes."""
_AT_ONCE = "ctrl+q"
"""The key that never waits."""
_ABOUT_ROWS = frozenset({"move", "page", "first", "last", "activate", "users", "go_to", "mark_a"})
"""The actions that depend on which rows are shown, or on which one has the cursor."""


class TypedAhead:
    """Holds back keys about rows, and all keys after them, until the rows are shown. Owned by the app."""

    def __init__(self, app: App[int], press: Callable[[Key], Awaitable[None]]) -> None:
        """Keep `press`, which handles a key."""
        self._app = app
        self._press = press
        self._keys: deque[Key] = deque()
        self._last = ""

    @property
    def is_empty(self) -> bool:
        """Whether every key was handled."""
        return not self._keys

    async def press(self, key: Key) -> None:
        """Handle a key, now or later."""
        if key.key == _AT_ONCE or (not self._keys and not self._waits(key.key)):
            await self._handle(key)
            return
        self._keys.append(key)
        if len(self._keys) == 1:
            self._wait()

    async def _handle(self, key: Key) -> None:
        self._last = key.key
        await self._press(key)

    def _waits(self, key: str, *, heard: bool = False) -> bool:
        """Return whether a key must wait; `heard`: the screen has handled all messages of earlier keys."""
        if not self._app.screen_stack or isinstance(self._app.focused, Input):
            return False
        screen = self._app.screen
        if not screen.is_mounted:
            return True  # just opened by an earlier key: it doesn't know its keys yet
        behind = isinstance(screen, TimelineScreen) and screen.is_behind
        if not behind and (heard or not screen.message_queue_size):
            return False
        action = _action(screen, key)
        # The screen may not know yet what the last key led to. A key that repeats a move is about the same rows.
        return action in _ABOUT_ROWS and (behind or key != self._last or action == "activate")

    def _wait(self) -> None:
        start_worker(self._app, self._catch_up, group="typed ahead")

    async def _catch_up(self) -> None:
        try:
            await asyncio.wait_for(self._caught_up(), _PATIENCE)
        except TimeoutError:
            if isinstance(self._app.screen, TimelineScreen):
                self._app.screen.give_up()
        finally:
            # Handle the keys in the app's own queue, where no other key can come between them.
            self._app.call_later(self._go_on)

    async def _caught_up(self) -> None:
        """Wait until the screen, or the one that its messages lead to, shows what was asked for."""
        screen = None
        while screen is not self._app.screen:
            screen = self._app.screen
            await _heard(screen)
            if isinstance(screen, TimelineScreen):
                await screen.caught_up()

    async def _go_on(self) -> None:
        heard = True
        try:
            while self._keys and not self._waits(self._keys[0].key, heard=heard):
                await self._handle(self._keys.popleft())
                heard = False
        finally:
            if self._keys:
                self._wait()


async def _heard(screen: Screen[Any]) -> None:
    """Wait until a screen has handled its messages."""
    heard = asyncio.Event()
    if screen.call_later(heard.set):
        await heard.wait()


def _action(screen: Screen[Any], key: str) -> str:
    active = screen.active_bindings.get(key)
    return active.binding.action.partition("(")[0] if active is not None else ""
