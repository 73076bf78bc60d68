"""The System screen on a fake machine, driven key by key; it looks only when the test says so."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from mmexplorer.model.source_system import SystemSource
from mmexplorer.ui.app import MmexplorerApp, Services
from mmexplorer.ui.screens.system import SystemScreen
from mmexplorer.ui.system_watch import SystemWatch
from mmexplorer.ui.widgets.charts import Charts
from mmexplorer.ui.widgets.table import Table
from tests.support.fake_source import FakeLab, FakeSource
from tests.support.fake_stage import FakeStage
from tests.support.fake_system import FakeSystem

WIDE = (160, 48)
MEDIUM = (120, 40)
LOW = (160, 30)
SMALL = (80, 24)

_NEVER = 3600.0
_PATIENCE = 10.0
_DEPTH = 2
"""Hops of a message from a widget to what the screen then tells another."""


class Watcher:
    """The app with the machine that it looks at."""

    def __init__(self, app: MmexplorerApp, pilot: Pilot[int], memory: FakeSource) -> None:
        self.app = app
        self.pilot = pilot
        self.memory = memory

    @property
    def screen(self) -> SystemScreen:
        """The screen, also while something lies over it."""
        found = self.app.get_screen_stack("system")[0]
        assert isinstance(found, SystemScreen)
        return found

    @property
    def lines(self) -> list[str]:
        """What is on the terminal, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """What is on the terminal."""
        return "\n".join(self.lines)

    def pane(self, name: str) -> str:
        """What a pane shows, borders and all, line by line."""
        at = self.screen.query_one(f"#{name}").region
        return "\n".join(line.ljust(at.right)[at.x : at.right] for line in self.lines[at.y : at.bottom])

    def words(self, name: str) -> str:
        """The words of a pane with one blank between two, as if nothing had been wrapped."""
        return " ".join(self.pane(name).replace("│", " ").split())

    @property
    def table(self) -> Table[object]:
        """The rows of sar."""
        return self.screen.query_one("#sar-table", Table)

    @property
    def ranking(self) -> Table[object]:
        """The OOM killer's candidates."""
        return self.screen.query_one("#oom-table", Table)

    @property
    def charts(self) -> Charts:
        """The charts."""
        return self.screen.query_one(Charts)

    @property
    def toasts(self) -> list[str]:
        """The messages that were popped up and are still there."""
        return [notification.message for notification in self.app._notifications]

    @property
    def focused(self) -> str | None:
        """The id of the widget that has the focus."""
        return self.screen.focused.id if self.screen.focused is not None else None

    async def look(self, times: int = 1) -> None:
        """Let it look, and wait until what it saw is painted."""
        for _ in range(times):
            await self.app.memory_watch.loop.fresh()
        await self.settle()

    async def press(self, *keys: str) -> None:
        """Type, and wait until what it led to is painted."""
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Let every message arrive."""
        for _ in range(_DEPTH):
            await self.pilot.pause()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what is bound to come."""
        end = time.monotonic() + _PATIENCE
        while not holds():
            assert time.monotonic() < end, self.text
            await self.pilot.pause(0.02)
        await self.settle()

    async def focus(self, name: str) -> None:
        """Walk to a widget by Tab."""
        for _ in range(6):
            if self.focused == name:
                return
            await self.press("tab")
        raise AssertionError(f"Tab never comes to {name}")


@asynccontextmanager
async def watch(
    size: tuple[int, int] = WIDE, system: SystemSource | None = None, *, mode: str = "system"
) -> AsyncIterator[Watcher]:
    """Start the app in a terminal of `size`, with System or Explore; the source has been asked at least once."""
    memory, source = FakeSource(), system or FakeSystem()
    app = MmexplorerApp(Services(memory, FakeLab(memory), lambda: source, FakeStage), interval=_NEVER)
    # A second is what the history counts in; but it looks only when it is told to.
    app.memory_watch = SystemWatch(source, 1.0, app._announce)
    app.memory_watch.loop.interval = _NEVER
    app._system_wanted.set()
    if mode == "system":
        # Without the first picture of Explore, which would be painted for nothing.
        app._current_mode = "system"
        app._screen_stacks = {"system": []}
    async with app.run_test(size=size, notifications=True) as pilot:
        watcher = Watcher(app, pilot, memory)
        await app.memory_watch.loop.first()
        await watcher.settle()
        yield watcher
