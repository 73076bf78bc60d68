"""A breakdown of one process's memory over the System screen, read once, because reading smaps stalls the process."""

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.present.system.process_memory import memory_lines, without_tails
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.paint import content
from mmexplorer.ui.system.poller import SystemPoller
from mmexplorer.ui.terminal.current_size import CurrentSize
from mmexplorer.ui.widgets.lines import ScrolledLines

_FRAME = 2
"""Rows of the border."""


class ProcessMemoryScreen(CurrentSize, ModalScreen[None]):
    """Closed by Esc, q or the key that opened it; r reads again."""

    BINDINGS = bindings("process memory")
    DEFAULT_CSS = """
    ProcessMemoryScreen {
        align: center middle;
        #box {
            width: 140; max-width: 100%; height: 5; max-height: 100%;
            border: round $border; background: $surface;
        }
    }
    """

    def __init__(self, poller: SystemPoller, key: ProcessKey, name: str) -> None:
        super().__init__()
        self._poller = poller
        self._key = key
        self._comm = name

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with Vertical(id="box"):
            yield ScrolledLines(id="memory")

    def on_mount(self) -> None:
        """Start reading."""
        box = self.query_one("#box")
        box.border_title = content(self, line("Memory of ", span(self._comm, Tone.BRIGHT), f" ({self._key.pid})"))
        box.border_subtitle = content(
            self, line(span("r ", Tone.ACCENT), "reads smaps again  ", span("Esc ", Tone.ACCENT), "closes")
        )
        self.query_one(ScrolledLines).show(lambda _width: (line(span("Reading its smaps…", Tone.DIM)),))
        self.action_read_memory()

    @work(exclusive=True, group="process-memory")
    async def action_read_memory(self) -> None:
        """Read it again."""
        memory = memory_lines(await self._poller.process_memory(self._key))
        if self not in self.app.screen_stack:
            return  # closed meanwhile: Textual removes the text just before it cancels the worker
        text = self.query_one(ScrolledLines)
        text.show(lambda width: without_tails(memory, width))
        self.query_one("#box").styles.height = text.rows + _FRAME
