"""What a test of any screen needs: the app in a terminal, what is painted there, and waits for what comes true."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.pilot import Pilot
from textual.screen import Screen

from mmexplorer.ui.app import MmexplorerApp

WIDE = (160, 48)
MEDIUM = (120, 40)
LOW = (160, 30)
SMALL = (80, 24)

PATIENCE = 30.0
"""Seconds for what is bound to come."""

NEVER = 3600.0
"""An interval so long that only what a test asks for is read."""


class TerminalApp(ABC):
    """The app with one of its screens."""

    hops: ClassVar[int] = 1
    """Hops of a message: from a widget to its pane, to the screen, and to what the screen then tells."""

    def __init__(self, app: MmexplorerApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    @abstractmethod
    def screen(self) -> Screen[None]:
        """The screen, also while another lies over it."""

    @property
    def lines(self) -> list[str]:
        """What is on the terminal, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """What is on the terminal."""
        return "\n".join(self.lines)

    @property
    def toasts(self) -> list[str]:
        """The messages that were popped up and are still there."""
        return [notification.message for notification in self.app._notifications]

    @property
    def focused(self) -> str | None:
        """The id of the widget that has the focus."""
        return self.screen.focused.id if self.screen.focused is not None else None

    def visible(self, panes: Iterable[str]) -> list[str]:
        """Those of the panes that are on the screen."""
        return [name for name in panes if self.screen.query_one(f"#{name}").region.area]

    async def settle(self) -> None:
        """Let every message arrive, and what it leads to be painted."""
        for _ in range(self.hops):
            await self.pilot.pause()

    async def comes(self, holds: Callable[[], bool]) -> bool:
        """Wait until it is true; False if it is not within the deadline."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                return False
            await self.pilot.pause()
        return True

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what is bound to come; it is an error if it doesn't."""
        assert await self.comes(holds), self.text
        await self.settle()
