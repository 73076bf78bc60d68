"""A pane with one table that can be filtered and sorted."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from mmexplorer.model.query import Query, QueryError, Vocabulary, parse_query
from mmexplorer.present.text.column import Column
from mmexplorer.ui.widgets.pane import Pane, framed
from mmexplorer.ui.widgets.table.layout import Needs
from mmexplorer.ui.widgets.table.table import Table


class ListPane(Pane):
    """Keeps what the person asked of the list; whoever makes the rows is told by `Asked`."""

    class Asked(Message):
        """Another filter, or another order."""

    def __init__(
        self, table: Table[Any], columns: tuple[Column[Any], ...], vocabulary: Vocabulary, sort: str, *, id: str
    ) -> None:
        super().__init__(id=id)
        self.table = table
        self.query_text = ""
        """What was typed last, right or wrong."""
        self.filter = Query()
        """The last right one, and how it was typed."""
        self.filter_text = ""
        self.sort_key = sort
        self.descending = next(column.descending for column in columns if column.key == sort)
        self.sortable = tuple(column for column in columns if column.sort is not None)
        self._vocabulary = vocabulary

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        yield self.table

    @property
    def needs(self) -> Needs:
        """The cells that the columns need, and the border."""
        return framed(self.table.needs)

    def on_mount(self) -> None:
        """Show the order in the header."""
        self.table.set_sort(self.sort_key, descending=self.descending)

    def understands(self, text: str) -> bool:
        """Whether this list can be filtered by `text`."""
        return not isinstance(parse_query(text, self._vocabulary), QueryError)

    def ask(self, text: str) -> QueryError | None:
        """Filter by `text`; a wrong one is kept as typed and leaves the list as it is."""
        self.query_text = text
        query = parse_query(text, self._vocabulary)
        if isinstance(query, QueryError):
            return query
        self.filter_text = text
        if query != self.filter:
            self.filter = query
            self.post_message(self.Asked())
        return None

    def set_columns(self, columns: tuple[Column[Any], ...]) -> None:
        """Show other columns of the same rows."""
        self.sortable = tuple(column for column in columns if column.sort is not None)
        self.table.set_columns(columns)

    def sort_by_next(self, step: int) -> None:
        """Sort by the column after the one that the rows are sorted by, or before it, of those that are seen."""
        seen = [column for column in self.table.columns_shown if column in self.sortable]
        keys = [column.key for column in seen]
        place = keys.index(self.sort_key) + step if self.sort_key in keys else 0
        self.sort_by(seen[place % len(seen)])

    def reverse(self) -> None:
        """Turn the order round."""
        self._sort(self.sort_key, descending=not self.descending)

    @on(Table.HeaderClicked)
    def sort_by_click(self, event: Table.HeaderClicked) -> None:
        """Sort by the column that was clicked; the other way round if it is that already."""
        event.stop()
        if event.column.key == self.sort_key:
            self.reverse()
        elif event.column in self.sortable:
            self.sort_by(event.column)

    def sort_by(self, column: Column[Any]) -> None:
        """Sort by a column, the largest first where one wants to see these."""
        self._sort(column.key, descending=column.descending)

    def _sort(self, key: str, *, descending: bool) -> None:
        self.sort_key, self.descending = key, descending
        self.table.set_sort(key, descending=descending)
        self.table.show_first()
        self.post_message(self.Asked())
