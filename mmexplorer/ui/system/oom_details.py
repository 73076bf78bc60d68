"""What decides when memory runs out, in tabs: settings, score, kills so far, pressure and limits."""

from textual.app import ComposeResult

from mmexplorer.present.system.oom import OomRow, kills_text, score_text, why_lines
from mmexplorer.present.system.settings import limits_text, settings_text
from mmexplorer.present.system.view import SystemView
from mmexplorer.present.text.border import tab_line
from mmexplorer.present.text.line import Line, Tone, line, span
from mmexplorer.ui.widgets.lines import ScrolledLines
from mmexplorer.ui.widgets.pane import Pane

TABS = (("settings", "Settings"), ("score", "Score"), ("kills", "Kills"), ("limits", "Pressure, limits"))


class OomDetails(Pane):
    """The pane beside the ranking."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tab = "settings"
        """The visible tab."""
        self._view: SystemView | None = None
        self._row: OomRow | None = None

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield ScrolledLines(id="oom-details-text")

    def on_mount(self) -> None:
        """Name the tabs."""
        self._name_tabs()

    def show(self, view: SystemView, row: OomRow | None) -> None:
        """Show a view; `row` is the process under the ranking's cursor."""
        self._view, self._row = view, row
        self._show_text(reset=False)

    def next_tab(self) -> None:
        """Bring the next tab to the front; the first one follows the last."""
        keys = [key for key, _ in TABS]
        self.tab = keys[(keys.index(self.tab) + 1) % len(keys)]
        self._name_tabs()
        self._show_text(reset=True)

    def _show_text(self, *, reset: bool) -> None:
        text = self._text()
        self.query_one(ScrolledLines).show(lambda _width: text, reset=reset)

    def _text(self) -> tuple[Line, ...]:
        if self._view is None:
            return ()
        snapshot = self._view.snapshot
        if self.tab == "score":
            return score_text(self._row, snapshot.page_size)
        text = {"settings": settings_text, "kills": kills_text, "limits": limits_text}[self.tab](snapshot)
        return text if self._row is None else (*why_lines(self._row), *text)

    def _name_tabs(self) -> None:
        self.set_title(tab_line(TABS, self.tab))
        shown = "shown, never written" if self.tab == "settings" else ""
        self.hint(line(span("d ", Tone.ACCENT), span(f"next tab  {shown}".rstrip(), Tone.DIM)))
