"""A column as data: one declaration serves the screen, printed tables, sorting and help; and tables as text."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from mmexplorer.model.typed import Any, Generic, Literal, TypeVar
from mmexplorer.model.value import frozen
from mmexplorer.present.text.line import Line, Span, Tone, cell_count, line, plain, span

Row = TypeVar("Row")


@frozen
class Column(Generic[Row]):
    """How one property of a row is named, shown, aligned and sorted."""

    key: str
    """Its name in the code and in queries."""
    title: str
    """The column header; at most `width` characters."""
    width: int
    """Cells; for the flexible column, the minimum width that is worth showing."""
    text: Callable[[Row], Line]
    """The text of a cell; cut at the width with an ellipsis, so that it never pushes its neighbour."""
    sort: Callable[[Row], Any] | None = None
    """The sort key: values of one comparable type, None (unknown) last. None if the column isn't sortable."""
    align: Literal["left", "right"] = "left"
    descending: bool = False
    """Whether the first click sorts in descending order, as is useful for sizes."""
    flexible: bool = False
    """Whether it takes the remaining width; one column per table."""
    wide: int = 0
    """Cells that it uses if there is room: more than `width`, enough for its longest texts."""
    frozen: bool = False
    """Whether it stays visible while the others scroll; for columns that identify the row."""
    priority: int = 0
    """Columns with the largest number leave first if there is no room; 0 never leaves."""
    help: str = ""
    """One sentence: what it is, with unit and source."""
    short: Callable[[Row], Line] | None = None
    """A shorter text for when `text` doesn't fit."""

    def cell(self, row: Row, cells: int) -> Line:
        """Return the text of `row` for that many cells; it may still have to be cut."""
        text = self.text(row)
        return text if self.short is None or cell_count(text) <= cells else self.short(row)


def table_lines(
    columns: Sequence[Column[Row]], rows: Iterable[Row], *, sums: Sequence[Line] = (), as_declared: bool = False
) -> Iterator[Line]:
    """Yield a line of titles and a line per row; columns are as wide as their longest cell, and nothing is cut.

    `sums`: a cell per column, below the rows. `as_declared`: no column is narrower than declared, so that a table that
    changes doesn't shift.
    """
    table = [tuple(line(span(column.title, Tone.DIM)) for column in columns)]
    table += (tuple(column.text(row) for column in columns) for row in rows)
    table += [tuple(sums)] if sums else []
    counts = [[cell_count(cell) for cell in cells] for cells in table]
    widths = [max(column) for column in zip(*counts, strict=True)]
    if as_declared:
        widths = [max(width, column.width) for width, column in zip(widths, columns, strict=True)]
    for cells, taken in zip(table, counts, strict=True):
        row: list[Span] = []
        for cell, count, width, column in zip(cells, taken, widths, columns, strict=True):
            blanks = Span(" " * (width - count))
            row += (blanks, *cell, _GAP) if column.align == "right" else (*cell, blanks, _GAP)
        yield tuple(row[:-1])


def plain_table(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> Iterator[str]:
    """Yield the same as plain text, without trailing blanks."""
    return (plain(row).rstrip(" ") for row in table_lines(columns, rows))


_GAP = Span(" ")
