"""What is different between two moments, or two processes, over the Explore screen."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from mmexplorer.present.capture.compared import DIFFERENCE_COLUMNS, Comparison
from mmexplorer.present.text.format import signed_size
from mmexplorer.present.text.line import Line, Tone, line, span
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.paint import content
from mmexplorer.ui.widgets.table.table import Table


class DifferenceScreen(ModalScreen[None]):
    """What changed most stands first; closed by Esc."""

    BINDINGS = bindings("difference")
    DEFAULT_CSS = """
    DifferenceScreen {
        align: center middle;
        #box { width: 100%; height: 80%; border: round $border; background: $surface; }
    }
    """

    def __init__(self, comparison: Comparison, a: str, b: str) -> None:
        """`a` and `b` name the two sides."""
        super().__init__()
        self._comparison = comparison
        self._sides = a, b

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        with Vertical(id="box"):
            yield Table(
                DIFFERENCE_COLUMNS, key=lambda row: row.range, empty=line("Nothing is different."), id="difference"
            )

    def on_mount(self) -> None:
        """Show the rows that differ."""
        box, change = self.query_one("#box"), self._comparison.change
        a, b = self._sides
        box.border_title = content(self, line(span("A ", Tone.DIM), a, span(" → B ", Tone.DIM), b))
        sums: Line = (
            span("size "),
            span(signed_size(change.size), Tone.CHANGED),
            *(() if change.rss is None else (span("  RSS "), span(signed_size(change.rss), Tone.CHANGED))),
            span("  Esc ", Tone.ACCENT),
            span("closes"),
        )
        box.border_subtitle = content(self, sums)
        self.query_one(Table).set_rows(tuple(row for row in self._comparison.rows if any(row.change)))
