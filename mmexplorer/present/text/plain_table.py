"""A table as plain text, from the columns that the screen has: as wide as its longest cells, nothing cut."""

from collections.abc import Iterable, Iterator, Sequence

from mmexplorer.present.text.column import Column, Row
from mmexplorer.present.text.line import plain


def plain_table(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> Iterator[str]:
    """Give a line of titles and a line for each row; cells are cleaned, the last column has no blanks after it."""
    table = [[column.title for column in columns]]
    table += ([plain(column.text(row)) for column in columns] for row in rows)
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    for cells in table:
        padded = (_pad(cell, width, column.align) for cell, width, column in zip(cells, widths, columns, strict=True))
        yield " ".join(padded).rstrip(" ")


def _pad(cell: str, width: int, align: str) -> str:
    return cell.rjust(width) if align == "right" else cell.ljust(width)
