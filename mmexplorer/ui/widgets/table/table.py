"""The table used by every pane: a Line API widget that paints only what is visible and tracks rows by key.

Not a `DataTable`, which measures every cell of 65,000 rows and repaints everything for one change.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import EMPTY, Line, Tone
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.paint import line_regions
from mmexplorer.ui.widgets.scroll_bar import HasLineScrollBar
from mmexplorer.ui.widgets.table.direct_message import DirectMessage
from mmexplorer.ui.widgets.table.layout import Needs, needs
from mmexplorer.ui.widgets.table.painted_rows import Look, PaintedRows
from mmexplorer.ui.widgets.table.painter import Painter, Sort
from mmexplorer.ui.widgets.table.rows import Rows

Row = TypeVar("Row")

_SCROLLBAR = 1
_HEADER = 1
"""Lines at the top that don't scroll."""

_UNMARKED, _LINKED = Look("", bar=False), Look("table--linked", bar=True)
_FOCUSED, _BLURRED = Look("table--cursor", bar=True), Look("table--cursor-blurred", bar=True)


class Table(HasLineScrollBar, ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows below a header. Columns declare its contents; `set_rows` supplies the rows, sorted and filtered.

    Rows are compared by identity first: a row whose content changed must be a new object.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {
        "table--header",
        "table--cursor",
        "table--cursor-blurred",
        "table--hover",
        "table--linked",
    }
    DEFAULT_CSS = """
    Table {
        width: 1fr;
        height: 1fr;
        overflow-y: scroll;
        overflow-x: hidden;
        scrollbar-size: 0 1;
        .table--header { color: $text-muted; text-style: bold; }
        .table--cursor { background: $primary 35%; }
        .table--cursor-blurred { background: $primary 15%; }
        .table--hover { background: $foreground 5%; }
        .table--linked { background: $accent 8%; }
        &:nocolor {
            .table--cursor { text-style: reverse; }
            .table--cursor-blurred { text-style: bold; }
        }
        &:ansi {
            .table--cursor { background: ansi_default; text-style: reverse; }
            .table--cursor-blurred { background: ansi_default; text-style: bold; }
            .table--hover { background: ansi_default; }
            .table--linked { background: ansi_default; }
        }
    }
    """
    BINDINGS = bindings("tables")

    class RowMessage(DirectMessage):
        """A message about a row."""

        def __init__(self, table: "Table[Any]", row: Any) -> None:
            super().__init__()
            self.table = table
            self.row = row
            """None if the table has become empty."""

        @property
        def control(self) -> "Table[Any]":
            """The table, for `on(Table.Highlighted, "#regions")`."""
            return self.table

    class Highlighted(RowMessage):
        """The cursor is on another row than before, or on none."""

        def __init__(self, table: "Table[Any]", row: Any, *, by_user: bool) -> None:
            super().__init__(table, row)
            self.by_user = by_user
            """False if the rows changed under the cursor, or the screen moved it."""

    class Activated(RowMessage):
        """Enter or a double click."""

    class HeaderClicked(Message):
        """A title was clicked; the screen decides what to sort by."""

        def __init__(self, column: Column[Any]) -> None:
            super().__init__()
            self.column = column

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        key: Callable[[Row], Hashable],
        tone: Callable[[Row], Tone | None] | None = None,
        mark: Callable[[Row], str] | None = None,
        empty: Line = EMPTY,
        follows: bool = False,
        one_click: bool = False,
        id: str | None = None,
    ) -> None:
        """Create a table; `tone` colours whole rows, `mark` returns one cell for the left of a row, such as `+`.

        `key` must be unique per row; `empty` is the sentence shown when there are no rows. With `follows`, a cursor on
        the first row stays on the first row when others are inserted. With `one_click`, a single click opens a row; for
        tables in which moving the cursor alone has no effect.
        """
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._one_click = one_click
        self._key = key
        self._empty = empty
        self._follows = follows
        self._rows: Rows[Row] = Rows((), key)
        self._cursor = 0
        self._linked: frozenset[Hashable] = frozenset()
        self._sort = Sort()
        self._hover: int | None = None
        self._page_of_columns = 0
        self._first_next = False
        self._painter: Painter[Row] = Painter(self, gutter=3 if mark else 1)
        self._painted = PaintedRows(self._painter, tone, mark)

    # For the screen

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor; None if there are no rows."""
        return self._rows[self._cursor] if len(self._rows) else None

    @property
    def first_row(self) -> Row | None:
        """The first row; None if there are no rows."""
        return self._rows[0] if len(self._rows) else None

    def set_rows(self, rows: Sequence[Row], *, reset: bool = False) -> None:
        """Replace the rows: the cursor stays on its row, and that row on its screen line.

        If the row is gone, the cursor moves to its nearest remaining neighbour. If the cursor is scrolled out of view,
        the first visible row keeps its place instead. `reset`: the rows are about something else; start at the first
        one.
        """
        if self._rows.are(rows) and not reset and not self._first_next:
            return
        before, key_before = self._rows, self._cursor_key
        top = self._top
        anchor = self._cursor if top <= self._cursor < top + self._page else min(top, max(0, len(before) - 1))
        self._rows = Rows(rows, self._key)
        at_first = self._follows and not self._cursor and not top
        if reset or at_first or not len(before) or not len(self._rows):
            self._cursor = top = 0
        else:
            stays = self._rows.follow(before, anchor)
            self._cursor = stays if anchor == self._cursor else self._rows.follow(before, self._cursor)
            top = 0 if self._first_next else top + stays - anchor
        self._first_next = False
        self._set_virtual_size()
        self.jump_to(top)
        self._refresh_changed()
        if bool(len(before)) != bool(len(self._rows)):
            self.refresh()
        if reset or self._cursor_key != key_before:
            self.Highlighted(self, self.cursor_row, by_user=False).send(self)

    def show_first(self) -> None:
        """Scroll to the top at the next `set_rows`, because the order changes. The cursor stays on its row."""
        self._first_next = True

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Show other columns of the same rows."""
        self._columns = tuple(columns)
        self._place_columns()

    @property
    def columns_shown(self) -> tuple[Column[Row], ...]:
        """The visible columns."""
        return tuple(place.column for place in self._painter.layout.places)

    @property
    def needs(self) -> Needs:
        """The cells that the table needs, including gutter and scrollbar."""
        return Needs(*(cells + self._painter.gutter + _SCROLLBAR for cells in needs(self._columns)))

    def set_sort(self, column_key: str | None, *, descending: bool = False) -> None:
        """Show in the header how the rows are sorted; the caller sorts them."""
        self._sort = Sort(column_key, descending)
        self._refresh_lines([0])

    def set_linked(self, keys: frozenset[Hashable]) -> None:
        """Mark the rows that another pane's cursor refers to."""
        if keys != self._linked:
            self._linked = keys
            self._refresh_changed()

    def set_empty(self, line: Line) -> None:
        """Set the sentence shown when there are no rows."""
        changed = line != self._empty
        self._empty = line
        if changed and not len(self._rows):
            self.refresh()

    def move_to(self, key: Hashable) -> bool:
        """Move the cursor to the row with `key` and scroll to it; return False if there is no such row."""
        index = self._rows.find(key, hint=self._cursor)
        if index is not None:
            self._move_cursor(index, by_user=False)
        return index is not None

    # Keys and mouse

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._move_cursor(self._cursor + rows)

    def action_page(self, pages: float) -> None:
        """Move cursor and view together, so that the cursor stays on its screen line."""
        rows = round(pages * self._page)
        self.jump_to(self._top + rows)
        self._move_cursor(self._cursor + rows)

    def action_first(self) -> None:
        """Go to the first row."""
        self._move_cursor(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self._move_cursor(len(self._rows) - 1)

    def action_columns(self, by: int) -> None:
        """Show the next or previous page of columns; the frozen ones stay. The page persists as long as the table."""
        self._page_of_columns = max(0, min(self._painter.layout.page + by, self._painter.layout.pages - 1))
        self._place_columns()

    def action_activate(self) -> None:
        """Open the row under the cursor (Enter)."""
        if len(self._rows):
            self.Activated(self, self.cursor_row).send(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Leave the keys for scrolling columns to the screen if all columns are visible."""
        return action != "columns" or self._painter.layout.pages > 1

    def on_click(self, event: events.Click) -> None:
        """Select a row, or open it on a double click; post a click on a title to the screen."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < _HEADER:
            column = self._painter.column_at(offset.x)
            if self._painter.is_sign(offset.x):
                self.action_columns(1)
            elif column is not None:
                self.post_message(self.HeaderClicked(column))
            return
        index = self._index_at(offset.y)
        if index is not None:
            self._move_cursor(index)
            if event.chain == (1 if self._one_click else 2):
                self.action_activate()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show further columns with Shift."""
        self._scroll_columns(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Show previous columns with Shift."""
        self._scroll_columns(event, -1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Show further columns; some terminals report Shift+wheel this way."""
        event.prevent_default()
        self.action_columns(1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Show previous columns."""
        event.prevent_default()
        self.action_columns(-1)

    def _scroll_columns(self, event: events.MouseEvent, by: int) -> None:
        if event.shift:
            event.prevent_default()
            event.stop()
            self.action_columns(by)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight the row under the mouse."""
        offset = event.get_content_offset(self)
        self._set_hover(None if offset is None else offset.y)

    def on_leave(self) -> None:
        """Remove the highlight."""
        self._set_hover(None)

    def _set_hover(self, y: int | None) -> None:
        if y != self._hover:
            self._hover = y
            self._refresh_changed()

    # Cursor and view

    @property
    def _top(self) -> int:
        """The index of the first visible row."""
        return round(self.scroll_y)

    @property
    def _page(self) -> int:
        """The number of visible rows."""
        return max(1, self.size.height - _HEADER)

    @property
    def _cursor_key(self) -> Hashable | None:
        return self._rows.key_at(self._cursor) if len(self._rows) else None

    def _index_at(self, y: int) -> int | None:
        index = self._top + y - _HEADER
        return index if y >= _HEADER and index < len(self._rows) else None

    def _move_cursor(self, index: int, *, by_user: bool = True) -> None:
        if not len(self._rows):
            return
        before = self._cursor
        self._cursor = max(0, min(index, len(self._rows) - 1))
        top = self._top
        self._scroll_to_cursor()
        if self._cursor == before:
            return
        if self._top == top:  # otherwise scrolling has already checked the lines
            self._refresh_changed()
        self.Highlighted(self, self.cursor_row, by_user=by_user).send(self)

    def _scroll_to_cursor(self) -> None:
        if self.size:
            lowest, highest = self._cursor - self._page + 1, self._cursor
            top = max(lowest, min(self._top, highest))
            if top != self.scroll_y or top != self.scroll_target_y:
                self.jump_to(top)

    # Layout

    def on_resize(self) -> None:
        """Place the columns for the new width; keep the cursor in view."""
        self._place_columns()
        self._scroll_to_cursor()

    def _place_columns(self) -> None:
        self._painted.forget()
        self._painter.arrange(self._columns, self.scrollable_content_region.width, self._page_of_columns)
        self._set_virtual_size()
        self.refresh()

    def _set_virtual_size(self) -> None:
        self.set_virtual_size(Size(self.size.width, _HEADER + len(self._rows)))

    # Painting

    def notify_style_update(self) -> None:
        """Reload the colours after a theme change."""
        super().notify_style_update()
        self._painter.forget()
        self._painted.forget()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Paint the rows, all of which have moved; a `ScrollView` would paint the header, too."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self._refresh_lines(range(_HEADER, self.size.height))

    def _refresh_changed(self) -> None:
        top, count = self._top - _HEADER, len(self._rows)
        lines = range(_HEADER, self.size.height)
        changed = [y for y in lines if not self._is_current(y, top + y if top + y < count else None)]
        if changed:
            self._refresh_lines(changed)

    def _refresh_lines(self, lines: Sequence[int]) -> None:
        # Exclude the scrollbar, which would be repainted too.
        self.refresh(*line_regions(lines, self._painter.width))

    def _is_current(self, y: int, index: int | None) -> bool:
        """Return whether line `y` of the screen shows the current state of the row at `index`."""
        if index is None:
            return self._painted.is_empty(y)
        return self._painted.is_current(y, self._rows[index], self._look(index, y))

    def _look(self, index: int, y: int) -> Look:
        """Return how the row at `index` is marked on line `y`."""
        if index == self._cursor:
            return _FOCUSED if self.has_focus else _BLURRED
        linked = bool(self._linked) and self._rows.key_at(index) in self._linked
        if y == self._hover:
            return Look("table--hover", bar=linked)
        return _LINKED if linked else _UNMARKED

    def draw_lines(self, lines: Iterable[int]) -> list[Strip]:
        """Paint some lines of the content area."""
        top, count = self._top - _HEADER, len(self._rows)
        return [
            self._painted.paint(y, self._rows[top + y], self._look(top + y, y))
            if _HEADER <= y < count - top
            else self._draw_other(y)
            for y in lines
        ]

    def _draw_other(self, y: int) -> Strip:
        """Paint a line that isn't a row's."""
        if y < _HEADER:
            return self._painter.header(self._sort)
        self._painted.leave_empty(y)
        return self._painter.blank() if len(self._rows) else self._painter.sentence(self._empty, y - _HEADER)

    def render_line(self, y: int) -> Strip:
        """Paint one line of the content area."""
        return self.draw_lines((y,))[0]
