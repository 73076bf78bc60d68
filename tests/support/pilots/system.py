"""The System screen on a fake machine, driven key by key; it polls only when the test asks for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest import mock

from textual.pilot import Pilot

from mmexplorer.model.system.source import SystemSource
from mmexplorer.ui.app import MmexplorerApp
from mmexplorer.ui.modes import Start
from mmexplorer.ui.system import screen
from mmexplorer.ui.system.charts import Charts
from mmexplorer.ui.system.poller import SystemPoller
from mmexplorer.ui.system.screen import SystemScreen
from mmexplorer.ui.widgets.table.table import Table
from tests.support.fakes.services import fake_services
from tests.support.fakes.source import FakeSource
from tests.support.fakes.system import FakeSystem
from tests.support.pilots.app import NEVER, WIDE, TerminalApp, started


class Watcher(TerminalApp):
    """The app, and the machine it shows."""

    def __init__(self, app: MmexplorerApp, pilot: Pilot[int], memory: FakeSource) -> None:
        super().__init__(app, pilot)
        self.memory = memory

    @property
    def screen(self) -> SystemScreen:
        """The screen, even under another one."""
        found = self.app.get_screen_stack("system")[0]
        assert isinstance(found, SystemScreen)
        return found

    def pane(self, name: str) -> str:
        """Return what a pane shows including its borders, line by line."""
        at = self.screen.query_one(f"#{name}").region
        return "\n".join(line.ljust(at.right)[at.x : at.right] for line in self.lines[at.y : at.bottom])

    def words(self, name: str) -> str:
        """Return the words of a pane separated by single blanks, as if nothing had been wrapped."""
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

    async def look(self, times: int = 1) -> None:
        """Poll, and wait until the result is painted."""
        for _ in range(times):
            await self.app.system_poller.loop.fresh()
        await self.settle()

    async def focus(self, name: str) -> None:
        """Move to a widget with Tab."""
        for _ in range(6):
            if self.focused == name:
                return
            await self.press("tab")
        raise AssertionError(f"Tab never comes to {name}")


@asynccontextmanager
async def watch(
    size: tuple[int, int] = WIDE, system: SystemSource | None = None, *, mode: str = "system"
) -> AsyncIterator[Watcher]:
    """Start the app in a terminal of `size`, with System or Explore; the source has been polled at least once."""
    memory, source = FakeSource(), system or FakeSystem()
    app = MmexplorerApp(fake_services(memory, system=source), Start(mode, interval=NEVER))
    # The history counts in seconds, but the poller runs only on request.
    app.system_poller = SystemPoller(source, 1.0, app._announce, app.moment)
    app.system_poller.loop.interval = NEVER
    app._poller_wanted.set()
    # Starting with System, the screen is mounted before the poller runs: it would wait in vain.
    with mock.patch.object(screen, "_PATIENCE", 0.0):
        async with started(app, size) as pilot:
            watcher = Watcher(app, pilot, memory)
            await app.system_poller.loop.first()
            await watcher.settle()
            yield watcher
