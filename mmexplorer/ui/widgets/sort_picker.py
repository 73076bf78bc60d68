"""A dialog of all columns that a list can be sorted by, including those without room on the screen."""

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen

from mmexplorer.present.text.border import hint
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.terminal.current_size import CurrentSize
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.table.table import Table

_FRAME = 3
"""Rows of border and header."""
_CHOICES: tuple[Column[Column[Any]], ...] = (
    Column("title", "COLUMN", 8, lambda column: line(span(column.title, Tone.BRIGHT)), frozen=True),
    Column("help", "WHAT IT IS", 20, lambda column: line(column.help), flexible=True),
)


class SortPicker(CurrentSize, ModalScreen[Column[Any]]):
    """Returns the chosen column; None if closed by Esc, q or the key that opened it."""

    BINDINGS = [Binding("escape,q,s", "dismiss", "Close", show=False)]
    DEFAULT_CSS = """
    SortPicker { align: center middle; }
    SortPicker Pane { width: 90; max-width: 100%; max-height: 100%; background: $surface; }
    """

    def __init__(self, columns: Sequence[Column[Any]], current: str) -> None:
        super().__init__()
        self._columns = columns
        self._current = current

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        pane = Pane(Table(_CHOICES, key=lambda column: column.key))
        pane.styles.height = len(self._columns) + _FRAME
        yield pane

    def on_mount(self) -> None:
        """Put the cursor on the current sort column."""
        pane, table = self.query_one(Pane), self.query_one(Table)
        pane.set_title(line("Sort by"))
        pane.hint(hint((("Enter", "sort"), ("Esc", "leave it"))))
        table.set_rows(self._columns)
        table.move_to(self._current)
        table.focus()

    def on_table_activated(self, event: Table.Activated) -> None:
        """Choose the row (Enter)."""
        event.stop()
        if self.is_current:  # a second Enter typed ahead may find the dialog closed
            self.dismiss(event.row)

    def on_table_highlighted(self, event: Table.Highlighted) -> None:
        """Hide the cursor's moves from the screen below."""
        event.stop()
