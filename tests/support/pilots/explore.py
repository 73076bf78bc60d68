"""Explore on a fake machine, driven key by key; waits are for views that were shown, never for time."""

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
from tests.support.patience import PATIENCE
from tests.support.pilots.app import NEVER, WIDE, TerminalApp, started
from tests.support.pilots.rest import at_rest


class Explorer(TerminalApp):
    """The app, and the fakes behind it."""

    def __init__(self, app: MmexplorerApp, pilot: Pilot[int], source: FakeSource, lab: FakeLab) -> None:
        super().__init__(app, pilot)
        self.source = source
        self.lab = lab

    @property
    def screen(self) -> ExploreScreen:
        """The screen, even under the help."""
        found = self.app.screen_stack[0]
        assert isinstance(found, ExploreScreen)
        return found

    @property
    def footer(self) -> str:
        """The last line."""
        return self.lines[-1]

    @property
    def note(self) -> str:
        """The note beside the prompt."""
        return str(self.screen.query_one(".prompt--note").render())

    def prompt_is_open(self) -> bool:
        """Return whether the prompt is open."""
        return self.screen.query_one(Prompt).is_open

    def table(self, name: str) -> Table[object]:
        """Return a table by its id."""
        return self.screen.query_one(f"#{name}", Table)

    def rows(self, name: str) -> list[str]:
        """Return each row of a table: the mark and the texts of all columns."""
        table = self.table(name)
        return [
            " ".join([table._painted.mark(row), *(plain(column.text(row)) for column in table._columns)]).strip()
            for row in (table._rows[index] for index in range(len(table._rows)))
        ]

    def linked(self, name: str) -> frozenset[object]:
        """Return the keys of the rows linked to another pane's cursor."""
        return frozenset(self.table(name)._linked)

    def cursor(self, name: str) -> object:
        """Return the key of the row under the cursor."""
        return self.table(name)._cursor_key

    async def type(self, text: str) -> None:
        """Paste a text into the prompt, as a terminal does."""
        self.app.post_message(Paste(text))
        await self.drain()
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is left to do, then for a new poll to be shown, and for what follows from it."""
        await at_rest(self.app)
        async with asyncio.timeout(PATIENCE):
            await self.screen._loop.fresh()
        await at_rest(self.app)

    async def sees(self, *texts: str) -> bool:
        """Wait until all these texts are on the terminal; return False at the deadline."""
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
    """Start the app in a terminal of `size`, and wait until its own first readings are shown."""
    source = source or FakeSource()
    lab = lab or FakeLab(source)
    async with _explorer(fake_services(source, lab), Start(interval=NEVER), size, source, lab) as explorer:
        yield explorer


@asynccontextmanager
async def explore_live(
    pid: int, size: tuple[int, int] = WIDE, inspector: Inspector | None = None
) -> AsyncIterator[Explorer]:
    """Start the app on a live process, including the memory behind its regions; the lab is a fake."""
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
