"""What a table tells its screen; known as `Table.Highlighted` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from mmexplorer.present.text.column import Column
    from mmexplorer.ui.widgets.table.table import Table


class _TableMessage(Message):
    """A message of a table."""

    def __init__(self, table: Table[Any]) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> Table[Any]:
        """The table, for `on(Table.Highlighted, "#regions")`."""
        return self.table


class Highlighted(_TableMessage, namespace="table"):
    """The cursor is on another row than before, or on none."""

    def __init__(self, table: Table[Any], row: Any, *, by_user: bool) -> None:
        super().__init__(table)
        self.row = row
        """None when the table has become empty."""
        self.by_user = by_user
        """False when the rows changed under the cursor, or the screen moved it."""


class Activated(_TableMessage, namespace="table"):
    """Enter, or a double click."""

    def __init__(self, table: Table[Any], row: Any) -> None:
        super().__init__(table)
        self.row = row


class HeaderClicked(_TableMessage, namespace="table"):
    """A click on a title: the screen decides what it sorts by."""

    def __init__(self, table: Table[Any], column: Column[Any]) -> None:
        super().__init__(table)
        self.column = column
