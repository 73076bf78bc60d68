"""A column as data: one declaration serves the screen, the printed table, sorting and help."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from mmexplorer.present.text.line import Line

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
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
    priority: int = 0
    """Columns with the largest number leave first when there is no room; 0 never leaves."""
    help: str = ""
    """One sentence: what it is, with its unit and its source."""
