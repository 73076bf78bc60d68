"""Explore on a fake machine, driven key by key; every wait is for a look that was shown, never for time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from textual.events import Paste
from textual.pilot import Pilot

from mmexplorer.kernel.process.inspector import LiveInspector
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.source import MemorySource
from mmexplorer.present.text.line import plain
from mmexplorer.ui.app import MmexplorerApp
from mmexplorer.ui.explore.screen import ExploreScreen
from mmexplorer.ui.modes import Services, Start
from mmexplorer.ui.widgets.prompt import Prompt
from mmexplorer.ui.widgets.table.table import Table
from tests.support.fakes.services import fake_services
from tests.support.fakes.source import FakeLab, FakeSource
from tests.support.live import key_of, live_source
from tests.support.pilots.app import NEVER, PATIENCE, WIDE, TerminalApp, started


class Explorer(TerminalApp):
    """The app with what it looks at."""

    def __init__(self, app: MmexplorerApp, pilot: Pilot[int], source: FakeSource, lab: FakeLab) -> None:
        super().__init__(app, pilot)
        self.source = source
        self.lab = lab

    @property
    def screen(self) -> ExploreScreen:
        """The screen, also while help lies over it."""
        found = self.app.screen_stack[0]
        assert isinstance(found, ExploreScreen)
        return found

    @property
    def footer(self) -> str:
        """The last line."""
        return self.lines[-1]

    @property
    def note(self) -> str:
        """What stands beside the line in which one types."""
        return str(self.screen.query_one(".prompt--note").render())

    def prompt_is_open(self) -> bool:
        """Whether something is being typed."""
        return self.screen.query_one(Prompt).is_open

    def table(self, name: str) -> Table[object]:
        """A table by its id."""
        return self.screen.query_one(f"#{name}", Table)

    def rows(self, name: str) -> list[str]:
        """Each row of a table, as the mark and the texts of all its columns."""
        table = self.table(name)
        return [
            " ".join(
                [table._mark(row) if table._mark else "", *(plain(column.text(row)) for column in table._columns)]
            ).strip()
            for row in (table._rows[index] for index in range(len(table._rows)))
        ]

    def linked(self, name: str) -> frozenset[object]:
        """The keys of the rows that are marked for another pane's cursor."""
        return frozenset(self.table(name)._linked)

    def cursor(self, name: str) -> object:
        """The key of the row under the cursor."""
        return self.table(name)._cursor_key

    async def type(self, text: str) -> None:
        """Put a text where one types, all at once, as a terminal does with a paste."""
        self.app.post_message(Paste(text))
        await self.drain()
        await self.settle()

    async def settle(self) -> None:
        """Wait for the workers of the lab, then for a look that began after now to be shown, and painted."""
        for worker in [each for each in self.app.workers if each.group == "lab"]:
            await worker.wait()
        await self.drain()
        async with asyncio.timeout(PATIENCE):
            await self.screen._loop.fresh()
        await self.drain()
        self.app.screen._on_timer_update()
        await self.drain()

    async def sees(self, *texts: str) -> bool:
        """Wait until all these stand on the terminal; False if they don't come within the deadline."""
        return await self.comes(lambda: all(text in self.text for text in texts))

    async def go_to(self, text: str) -> None:
        """Type an address and Enter."""
        await self.type_ahead(f":{text}\r")

    async def filter(self, text: str) -> None:
        """Type a filter and Enter."""
        await self.type_ahead(f"/{text}\r")


@asynccontextmanager
async def explore(
    size: tuple[int, int] = WIDE, source: FakeSource | None = None, lab: FakeLab | None = None
) -> AsyncIterator[Explorer]:
    """Start the app in a terminal of `size`, with everything read that it reads by itself."""
    source = source or FakeSource()
    lab = lab or FakeLab(source)
    async with _explorer(fake_services(source, lab), Start(interval=NEVER), size, source, lab) as explorer:
        yield explorer


@asynccontextmanager
async def explore_live(
    pid: int, size: tuple[int, int] = WIDE, inspector: Inspector | None = None
) -> AsyncIterator[Explorer]:
    """Start the app on a process that lives, whose memory below the regions is read too; the lab is a fake."""
    unused = FakeSource()
    lab = FakeLab(unused)
    memory: MemorySource = live_source()
    services = replace(fake_services(unused, lab), memory=memory, inspector=inspector or LiveInspector(LiveProcfs()))
    async with _explorer(services, Start(target=key_of(pid), interval=NEVER), size, unused, lab) as explorer:
        yield explorer


@asynccontextmanager
async def _explorer(
    services: Services, start: Start, size: tuple[int, int], source: FakeSource, lab: FakeLab
) -> AsyncIterator[Explorer]:
    app = MmexplorerApp(services, start)
    async with started(app, size) as pilot:
        explorer = Explorer(app, pilot, source, lab)
        await explorer.settle()
        await explorer.settle()
        yield explorer
