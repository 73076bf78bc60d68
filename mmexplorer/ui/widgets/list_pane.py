"""A pane with one table that can be filtered and sorted."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult

from mmexplorer.model.query import Query, QueryError, Vocabulary, parse_query
from mmexplorer.present.text.column import Column
from mmexplorer.ui.widgets.pane import Pane, framed
from mmexplorer.ui.widgets.table.layout import Needs
from mmexplorer.ui.widgets.table.table import Table


class ListPane(Pane):
    """Keeps the filter and sort order of the list."""

    def __init__(
        self,
        table: Table[Any],
        columns: tuple[Column[Any], ...],
        vocabulary: Vocabulary,
        sort: str,
        *,
        changed: Callable[[], None],
        id: str,
    ) -> None:
        """Keep `changed`, called when the filter or the order changes, for whoever builds the rows.

        A message would be handled only after the next key, which may be about the new rows.
        """
        super().__init__(id=id)
        self.table = table
        self._changed = changed
        self.query_text = ""
        """The last text typed, valid or not."""
        self.filter = Query()
        """The last valid filter, followed by its text."""
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
        """The cells that the columns and the border need."""
        return framed(self.table.needs)

    def on_mount(self) -> None:
        """Show the sort order in the header."""
        self.table.set_sort(self.sort_key, descending=self.descending)

    def understands(self, text: str) -> bool:
        """Return whether `text` is a valid filter of this list."""
        return not isinstance(parse_query(text, self._vocabulary), QueryError)

    def ask(self, text: str) -> QueryError | None:
        """Filter by `text`. If it is invalid, keep the text but leave the list unchanged."""
        self.query_text = text
        query = parse_query(text, self._vocabulary)
        if isinstance(query, QueryError):
            return query
        self.filter_text = text
        if query != self.filter:
            self.filter = query
            self._changed()
        return None

    def set_columns(self, columns: tuple[Column[Any], ...]) -> None:
        """Show other columns of the same rows."""
        self.sortable = tuple(column for column in columns if column.sort is not None)
        self.table.set_columns(columns)

    def sort_by_next(self, step: int) -> None:
        """Sort by the visible column after the current one, or before it; by any, if the list isn't laid out yet."""
        seen = [column for column in self.table.columns_shown if column in self.sortable] or self.sortable
        keys = [column.key for column in seen]
        place = keys.index(self.sort_key) + step if self.sort_key in keys else 0
        self.sort_by(seen[place % len(seen)])

    def reverse(self) -> None:
        """Reverse the order."""
        self._sort(self.sort_key, descending=not self.descending)

    @on(Table.HeaderClicked)
    def sort_by_click(self, event: Table.HeaderClicked) -> None:
        """Sort by the clicked column; reverse the order if the list is already sorted by it."""
        event.stop()
        if event.column.key == self.sort_key:
            self.reverse()
        elif event.column in self.sortable:
            self.sort_by(event.column)

    def sort_by(self, column: Column[Any]) -> None:
        """Sort by a column, in its default direction."""
        self._sort(column.key, descending=column.descending)

    def _sort(self, key: str, *, descending: bool) -> None:
        self.sort_key, self.descending = key, descending
        self.table.set_sort(key, descending=descending)
        self.table.show_first()
        self._changed()
