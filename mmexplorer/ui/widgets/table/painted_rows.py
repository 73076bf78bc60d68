"""The rows on the screen: composed and painted once; a line is painted again only when it would look different."""

from collections.abc import Callable
from typing import Generic, TypeVar

from textual.strip import Strip

from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.line import Tone
from mmexplorer.ui.widgets.table.painter import Face, Painter

Row = TypeVar("Row")

_KEPT = 256
"""Rows whose painted strips are cached: several screens, so that scrolling paints only the new row."""


class Look(NamedTuple):
    """How the cursor, the mouse and the other panes mark a row."""

    component: str
    """The component class of its colours; "" for none."""
    bar: bool
    """Whether there is a bar at its left."""


class _Kept(NamedTuple):
    """A cached row, composed for the visible columns."""

    row: object
    face: Face
    strips: dict[Look, Strip]


class _Shown(NamedTuple):
    """What a line of the screen shows."""

    row: object
    look: Look
    face: Face


class PaintedRows(Generic[Row]):
    """Paints rows, and remembers which row each line shows. Lines are counted from the top of the table's content."""

    def __init__(
        self, painter: Painter[Row], tone: Callable[[Row], Tone | None] | None, mark: Callable[[Row], str] | None
    ) -> None:
        self._painter = painter
        self._tone = tone
        self._mark = mark
        self._shown: dict[int, _Shown] = {}
        self._kept: dict[int, _Kept] = {}
        """Cached rows, by the identity of the row."""

    def forget(self) -> None:
        """Compose and paint every row again, because the columns or colours changed."""
        self._kept.clear()

    def mark(self, row: Row) -> str:
        """Return the cell before a row, such as `+`; "" for none."""
        return self._mark(row) if self._mark else ""

    def is_empty(self, y: int) -> bool:
        """Return whether a line shows no row."""
        return y not in self._shown

    def is_current(self, y: int, row: Row, look: Look) -> bool:
        """Return whether a line shows the current state of a row."""
        shown = self._shown.get(y)
        if shown is None or shown.look != look:
            return False
        if row is shown.row:
            return True
        if self._keep(row).face != shown.face:
            return False
        self._shown[y] = shown._replace(row=row)
        return True

    def paint(self, y: int, row: Row, look: Look) -> Strip:
        """Return a row as it is shown on a line from now on."""
        kept = self._keep(row)
        self._shown[y] = _Shown(row, look, kept.face)
        strip = kept.strips.get(look)
        if strip is None:
            strip = kept.strips[look] = self._painter.row(kept.face, look.component, bar=look.bar)
        return strip

    def leave_empty(self, y: int) -> None:
        """Note that a line shows no row from now on."""
        self._shown.pop(y, None)

    def _keep(self, row: Row) -> _Kept:
        kept = self._kept.get(id(row))
        if kept is None or kept.row is not row:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            kept = self._kept[id(row)] = _Kept(row, self._compose(row), {})
        return kept

    def _compose(self, row: Row) -> Face:
        tone = self._tone(row) if self._tone else None
        return Face(tone, self.mark(row), self._painter.cells(row, tone))
