"""Labs driven key by key, on a fake stage or the real one; every wait is for a condition."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mmexplorer.labs.interfaces import LabStage
from mmexplorer.present.text.line import plain
from mmexplorer.ui.app import MmexplorerApp
from mmexplorer.ui.labs.screen import LabsScreen
from mmexplorer.ui.modes import LabsStart, Start
from mmexplorer.ui.widgets.lines import Lines, ScrolledLines
from mmexplorer.ui.widgets.table.table import Table
from tests.support.fakes.services import fake_services
from tests.support.fakes.source import FakeSource
from tests.support.pilots.app import NEVER, WIDE, TerminalApp, started


class Learner(TerminalApp):
    """The app as a learner sees it."""

    @property
    def screen(self) -> LabsScreen:
        """The screen, even under another one."""
        found = next(screen for screen in self.app.screen_stack if isinstance(screen, LabsScreen))
        assert isinstance(found, LabsScreen)
        return found

    @property
    def step(self) -> str:
        """The complete text of the step, including what is scrolled out of view; line breaks are replaced by blanks."""
        return " ".join(self.screen.query_one("#step-text", ScrolledLines).text.split())

    @property
    def lesson(self) -> str:
        """The line at the top with the progress of the lesson."""
        return self.screen.query_one("#lesson-line", Lines).text

    @property
    def calls(self) -> str:
        """The complete log, as in a wide terminal."""
        log = self.screen.query_one("#call-log", ScrolledLines)
        return "\n".join(plain(line) for line in log._lines_for(200))

    @property
    def hint(self) -> str:
        """The text in the step's bottom border."""
        written = self.screen.query_one("#step")._border_subtitle
        return "" if written is None else written.plain

    def prompt_is_open(self) -> bool:
        """Return whether a number is being typed."""
        return self.screen._step_pane.prompt.is_open

    @property
    def marks(self) -> dict[str, str]:
        """The mark before each lab in the list."""
        table = self.screen.query_one("#lab-table", Table)
        rows = [table._rows[index] for index in range(len(table._rows))]
        return {row.lab.name: table._painted.mark(row) for row in rows}

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until whatever they started is done."""
        for key in keys:
            await super().press(key)
            await self.idle()

    async def type(self, text: str) -> None:
        """Type a text and Enter."""
        await self.press(*text, "enter")

    async def idle(self) -> None:
        """Wait until nothing is in progress and everything is painted."""
        await self.until(lambda: not self.screen.worker.busy and all(each.group != "lab" for each in self.app.workers))


@asynccontextmanager
async def labs(stage: LabStage, size: tuple[int, int] = WIDE, start: LabsStart | None = None) -> AsyncIterator[Learner]:
    """Start the app with the Labs screen, and wait until it knows which labs can be played."""
    source = FakeSource()
    app = MmexplorerApp(fake_services(source, stage=stage), Start("labs", interval=NEVER, labs=start or LabsStart()))
    async with started(app, size) as pilot:
        learner = Learner(app, pilot)
        await learner.until(lambda: len(learner.screen.worker.lacks) == len(learner.screen.labs))
        await learner.idle()
        yield learner
