"""Draws the lines of a table: header, rows, and the sentence shown when there are none."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import EMPTY, Line, Span, Tone, span
from mmexplorer.present.text.wrap import held_together
from mmexplorer.ui.paint import Brush, broken, content, crop_extend, fit, merged
from mmexplorer.ui.widgets.table.layout import GAP, Place, TableLayout, arrange

Row = TypeVar("Row")

_BAR = "▌"
"""Marks the cursor's row and linked rows at the left, so that neither depends on colour."""

_MORE_LEFT, _MORE_RIGHT = (
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
    "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
)

_MARGIN = 1
"""Cells on both sides of the sentence."""

_BETWEEN = Span(" " * GAP)


class Sort(NamedTuple):
    """The column that the rows are sorted by, and the direction."""

    column_key: str | None = None
    descending: bool = False


class Face(NamedTuple):
    """The content of a row."""

    tone: Tone | None
    """Replaces every tone of the cells, apart from what is older."""
    mark: str
    line: Line
    """The cells side by side."""


class Painter(Generic[Row]):
    """Knows the visible columns and their places; the gutter at the left always stays."""

    def __init__(self, widget: Widget, gutter: int) -> None:
        self._widget = widget
        self._brush = Brush(widget)
        self.width = 0
        """Cells per line."""
        self.gutter = gutter
        """Cells at the left: 1 for the bar, 3 for bar, mark and blank."""
        self.layout: TableLayout[Row] = TableLayout()

    def arrange(self, columns: Sequence[Column[Row]], width: int, page: int) -> None:
        """Place the columns of a page in a table of `width` cells."""
        self.width = width
        self.layout = arrange(columns, self._room, page)

    def forget(self) -> None:
        """Reload the colours after a theme change."""
        self._brush.forget()

    @property
    def _room(self) -> int:
        """Cells for the columns."""
        return max(0, self.width - self.gutter)

    def column_at(self, x: int) -> Column[Row] | None:
        """Return the column at cell `x` of the widget."""
        return self.layout.column_at(x - self.gutter)

    def is_sign(self, x: int) -> bool:
        """Return whether cell `x` of the header has the sign for further columns."""
        return x == self.width - 1 and self.layout.page < self.layout.pages - 1

    def header(self, sort: Sort) -> Strip:
        """Return the titles, with signs at the edges if there are more columns."""
        gutter = fit((span(_MORE_LEFT if self.layout.page else " ", Tone.ACCENT),), self.gutter)
        titles = [_title(place, sort) for place in self.layout.places]
        strip = self._line(gutter, self.side_by_side(titles), "table--header")
        if self.layout.page == self.layout.pages - 1:
            return strip
        sign = Strip(self._brush.segments((span(_MORE_RIGHT, Tone.ACCENT),), "table--header"))
        return Strip.join([strip.crop(0, self.width - 1), sign])

    def row(self, face: Face, component: str, *, bar: bool) -> Strip:
        """Return a row in the style of `component`."""
        gutter: Line = (span(_BAR if bar else " ", Tone.ACCENT),)
        if self.gutter > 1:
            mark = fit((span(face.mark, face.tone or Tone.ACCENT),), 1)
            gutter = (*gutter, *mark, span(" "))
        return self._line(gutter, face.line, component)

    def blank(self) -> Strip:
        """Return a line below the last row."""
        return Strip.blank(self.width, self._brush.style())

    def sentence(self, line: Line, y: int) -> Strip:
        """Return line `y` of the sentence, wrapped at words."""
        text = content(self._widget, held_together(line))
        rows = broken(text, max(1, self.width - 2 * _MARGIN), self._widget.visual_style)
        if y >= len(rows):
            return self.blank()
        return Strip.join([Strip.blank(_MARGIN, self._brush.style()), rows[y]]).adjust_cell_length(
            self.width, self._brush.style()
        )

    def cells(self, row: Row, tone: Tone | None) -> Line:
        """Return the cells of a row in their places.

        A text that would be cut in the flexible column uses the cell to its right, if that is empty.
        """
        places = self.layout.places
        cells = [place.column.cell(row, place.width) for place in places]
        at = self.layout.flexible
        if at is None or at + 1 >= len(places) or cells[at + 1]:
            return self.side_by_side(cells, tone)
        both = places[at].width + GAP + places[at + 1].width
        cells[at : at + 2] = [places[at].column.cell(row, both)]
        return self.side_by_side(cells, tone, (*places[:at], places[at]._replace(width=both), *places[at + 2 :]))

    def side_by_side(
        self, cells: Iterable[Line], tone: Tone | None = None, places: Sequence[Place[Row]] | None = None
    ) -> Line:
        """Return the cells of a row in their places, with few spans, as each has a cost in every look of the row.

        `tone`, if given, replaces the tones of the cells, apart from what is older; `places`, those of the layout.
        """
        line: list[Span] = []
        for place, cell in zip(self.layout.places if places is None else places, cells, strict=True):
            if line:
                line.append(_BETWEEN)
            fitted = fit(cell, place.width, place.column.align)
            line += fitted if tone is None else [Span(text, own if own is Tone.OLDER else tone) for text, own in fitted]
        line.append(Span(" " * (self._room - self.layout.width)))
        return merged(line)

    def _line(self, gutter: Line, line: Line, component: str) -> Strip:
        segments = self._brush.segments(line, component)
        if self.layout.width > self._room:
            segments = [*crop_extend(Strip(segments), 0, self._room, self._brush.style(component))]
        return Strip([*self._brush.segments(gutter, component), *segments], self.gutter + self._room)


def _title(place: Place[Row], sort: Sort) -> Line:
    title = place.column.title
    if place.column.key != sort.column_key:
        return (span(title),) if title else EMPTY
    return (span(title[: place.width - 1] + ("▼" if sort.descending else "▲"), Tone.ACCENT),)
