"""The pane of sar's reports, one at a time: follows the newest row and describes a gap before a row."""

from textual import on
from textual.app import ComposeResult

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.system.sar import REPORTS, Entry, SarRows, columns, gap_before, gap_mark, sar_rows, sar_title
from mmexplorer.present.system.view import SystemView
from mmexplorer.present.text.border import hint
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.table.table import Table

_NO_ROWS = line(span("The first row comes with the second look: it counts from the first.", Tone.DIM))


class SarPane(Pane):
    """Keeps the report shown, and its rows between refreshes."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._letter, self._kind = next(iter(REPORTS.items()))
        self._view: SystemView | None = None
        self._rows: SarRows | None = None

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        yield Table(columns(self._kind), key=lambda row: row.at, mark=gap_mark, empty=_NO_ROWS, id="sar-table")

    @property
    def _table(self) -> Table[Entry]:
        return self.query_one("#sar-table", Table)

    def show(self, view: SystemView) -> None:
        """Show a view."""
        self._view = view
        self._show_rows(view, reset=False)

    def next_report(self) -> None:
        """Show the next report; the first one follows the last."""
        reports = list(REPORTS.items())
        self._letter, self._kind = reports[(reports.index((self._letter, self._kind)) + 1) % len(reports)]
        self._table.set_columns(columns(self._kind))
        if self._view is not None:
            self._show_rows(self._view, reset=True)

    def _show_rows(self, view: SystemView, *, reset: bool) -> None:
        table = self._table
        points = view.history.points
        earlier = self._rows is not None and bool(points) and points[-1].at < self._rows.upto
        follows = reset or earlier or table.cursor_row is None or self._follows(table)
        self._rows = sar_rows(self._rows, view.history, self._kind)
        entries, meminfo = self._rows.entries, view.snapshot.meminfo
        table.set_empty(line(span(f"— {meminfo}", Tone.DIM)) if isinstance(meminfo, Unavailable) else _NO_ROWS)
        table.set_rows(entries, reset=reset)
        if follows and entries:
            table.move_to(entries[-1].at)
        self.set_title(*sar_title(self._kind, self._letter, view.snapshot))
        self._hint()

    def _follows(self, table: Table[Entry]) -> bool:
        """Return whether the newest row is under the cursor and visible."""
        newest = self._rows.entries[-1] if self._rows is not None and self._rows.entries else None
        return table.cursor_row is newest and table.is_vertical_scroll_end

    @on(Table.Highlighted)
    def _hint(self) -> None:
        """Describe the gap before the row under the cursor; the row in the message may be from the previous report."""
        gap = gap_before(self._rows, self._table.cursor_row) if self._rows is not None else ()
        self.hint(gap or hint((("s", "-r memory, -S swap, -B paging"), ("End", "follow the newest"))))
