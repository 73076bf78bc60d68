"""What is known of the thing under the cursor, what changed, what it adds up to, what the lab process was told."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from mmexplorer.present.calls import CALL_COLUMNS, NO_CALLS, CallRow
from mmexplorer.present.changes import CHANGE_COLUMNS, NO_CHANGES, ChangeRow
from mmexplorer.present.kind_totals import KIND_COLUMNS, NO_TOTALS, KindRow
from mmexplorer.present.panes import tab_line
from mmexplorer.present.spans import Line, Tone, line, span
from mmexplorer.ui.paint import contents
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.table import Table

TABS = (("region", "Region"), ("changes", "Changes"), ("totals", "Totals"), ("calls", "Calls"))

_LEAST_WIDTH = 20
_BESIDE_TEXT = 4
"""Cells of the pane that are not the text's: padding and scrollbar."""


class Details(Pane):
    """The pane at the bottom of Explore."""

    DEFAULT_CSS = """
    Details ContentSwitcher { height: 1fr; }
    Details VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size: 0 1; }
    Details #region-text { width: 100%; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._compose_text: Callable[[int], Sequence[Line]] = lambda _width: ()
        self._text = Content()

    def compose(self) -> ComposeResult:
        """Lay out the tabs; one of them is seen."""
        with ContentSwitcher(initial="region"):
            with VerticalScroll(id="region", can_focus=True):
                yield Static(id="region-text", markup=False)
            yield Table(CHANGE_COLUMNS, key=lambda row: row.key, empty=NO_CHANGES, id="changes")
            yield Table(KIND_COLUMNS, key=lambda row: row.kind, empty=NO_TOTALS, id="totals")
            yield Table(CALL_COLUMNS, key=lambda row: row.number, empty=NO_CALLS, id="calls")

    def on_mount(self) -> None:
        """Name the tabs in the border."""
        self._name_tabs()

    @property
    def tab(self) -> str:
        """The tab that is seen."""
        return self.query_one(ContentSwitcher).current or "region"

    def focus_tab(self) -> None:
        """Give the focus to what is in the tab."""
        self.screen.set_focus(self.query_one(f"#{self.tab}"))

    def show_tab(self, tab: str) -> None:
        """Bring a tab to the front."""
        self.query_one(ContentSwitcher).current = tab
        self._name_tabs()

    def next_tab(self) -> None:
        """Bring the next tab to the front, the first after the last."""
        keys = [key for key, _ in TABS]
        self.show_tab(keys[(keys.index(self.tab) + 1) % len(keys)])

    def show_text(self, compose_text: Callable[[int], Sequence[Line]]) -> None:
        """Show what is known of the thing under the cursor, composed for the cells that a line may have."""
        self._compose_text = compose_text
        self._write_text()

    def on_resize(self) -> None:
        """Compose the text for another width."""
        self._write_text()

    def _write_text(self) -> None:
        """Writing it lays out the whole screen, even if it reads as before."""
        text = contents(self, self._compose_text(max(_LEAST_WIDTH, self.size.width - _BESIDE_TEXT)))
        if not text.is_same(self._text):
            self._text = text
            self.query_one("#region-text", Static).update(text)

    def show_changes(self, rows: Sequence[ChangeRow]) -> None:
        """Show the history of the map."""
        self.query_one("#changes", Table).set_rows(rows)

    def show_totals(self, rows: Sequence[KindRow]) -> None:
        """Show what each kind of region adds up to."""
        self.query_one("#totals", Table).set_rows(rows)

    def show_calls(self, rows: Sequence[CallRow]) -> None:
        """Show the calls of the lab process, the newest first."""
        self.query_one("#calls", Table).set_rows(rows, anew=True)

    def _name_tabs(self) -> None:
        self.entitle(tab_line(TABS, self.tab))
        self.hint(line(span("d ", Tone.ACCENT), span("next tab", Tone.DIM)))
