"""A column as data: one declaration serves the screen, the printed table, sorting and help; and tables in text."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, Literal, TypeVar

from mmexplorer.model.value import frozen
from mmexplorer.present.text.line import Line, Span, Tone, cell_count, line, plain, span

Row = TypeVar("Row")


@frozen
class Column(Generic[Row]):
    """How one property of a row is named, shown, aligned and sorted."""

    key: str
    """Its name in the code and in queries."""
    title: str
    """Over the column; at most `width` characters."""
    width: int
    """Cells. For the flexible column the least it is worth showing in."""
    text: Callable[[Row], Line]
    """What is shown; cut at the width with an ellipsis, so it never pushes its neighbour."""
    sort: Callable[[Row], Any] | None = None
    """What the rows are ordered by (values of one comparable type; None for unknown sorts last); None: not sortable."""
    align: Literal["left", "right"] = "left"
    descending: bool = False
    """Whether the first click sorts the largest to the top, as one wants of sizes."""
    flexible: bool = False
    """Whether it takes the width that is left over; one column a table."""
    wide: int = 0
    """Cells that it is glad to have where there is room: more than `width` for the longest of its texts."""
    frozen: bool = False
    """Whether it stays in view while the others are scrolled: what tells one row from the next."""
    priority: int = 0
    """Columns with the largest number leave first when there is no room; 0 never leaves."""
    help: str = ""
    """One sentence: what it is, with its unit and its source."""
    short: Callable[[Row], Line] | None = None
    """What is shown where `text` has no room: the same in fewer words."""

    def cell(self, row: Row, cells: int) -> Line:
        """Give what is shown of `row` in so many cells; it may still have to be cut."""
        text = self.text(row)
        return text if self.short is None or cell_count(text) <= cells else self.short(row)


def table_lines(
    columns: Sequence[Column[Row]], rows: Iterable[Row], *, sums: Sequence[Line] = (), as_declared: bool = False
) -> Iterator[Line]:
    """Give a line of titles and a line for each row: columns are as wide as their longest cells, nothing is cut.

    `sums`: a cell for each column, below the rows. `as_declared`: none is narrower than its column
    declares, so that a table that changes stands still.
    """
    table = [tuple(line(span(column.title, Tone.DIM)) for column in columns)]
    table += (tuple(column.text(row) for column in columns) for row in rows)
    table += [tuple(sums)] if sums else []
    widths = [max(cell_count(cell) for cell in cells) for cells in zip(*table, strict=True)]
    if as_declared:
        widths = [max(width, column.width) for width, column in zip(widths, columns, strict=True)]
    for cells in table:
        row: Line = ()
        for place, (cell, width, column) in enumerate(zip(cells, widths, columns, strict=True)):
            row = (*row, *(_GAP if place else ()), *_padded(cell, width, column.align))
        yield row


def plain_table(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> Iterator[str]:
    """Give the same as plain text; the last column has no blanks after it."""
    return (plain(row).rstrip(" ") for row in table_lines(columns, rows))


_GAP: Line = (Span(" "),)


def _padded(cell: Line, width: int, align: str) -> Line:
    blanks = Span(" " * (width - cell_count(cell)))
    return (blanks, *cell) if align == "right" else (*cell, blanks)
