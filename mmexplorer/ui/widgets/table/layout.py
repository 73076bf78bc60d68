"""Where each column of a table stands: from the columns' declarations and the width alone, never from the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from mmexplorer.present.text.column import Column

Row = TypeVar("Row")

GAP = 1
"""Blank cells between two columns."""

_SIGN = 1
"""Cells kept free at the right for the sign that says that columns were left out."""


class Place(NamedTuple, Generic[Row]):
    """One column that is shown."""

    column: Column[Row]
    x: int
    """Cells from the left of the first column."""
    width: int


@dataclass(frozen=True, slots=True)
class TableLayout(Generic[Row]):
    """The columns that are shown at some width."""

    places: tuple[Place[Row], ...] = ()
    left_out: bool = False

    @property
    def width(self) -> int:
        """Cells from the left of the first column to the end of the last.

        More than there is room for if even the columns that never leave don't fit.
        """
        return self.places[-1].x + self.places[-1].width if self.places else 0

    def column_at(self, x: int) -> Column[Row] | None:
        """The column that covers `x` or whose gap, at its right, does."""
        return next((place.column for place in self.places if place.x <= x < place.x + place.width + GAP), None)

    def step(self, x: int, by: int) -> int:
        """The left edge of the next column (`by` > 0) or of the one before, seen from `x`; `x` if there is none."""
        edges = [place.x for place in self.places]
        if by > 0:
            return min((edge for edge in edges if edge > x), default=x)
        return max((edge for edge in edges if edge < x), default=x)


def arrange(columns: Sequence[Column[Row]], width: int) -> TableLayout[Row]:
    """Place `columns` in `width` cells.

    They leave by priority, the largest first and the rightmost first among equals, until the rest fits; those of
    priority 0 never leave. The flexible column takes what is left over.
    """
    shown = list(columns)
    room = width
    while _needed(shown) > room and (leaver := _first_to_leave(shown)) is not None:
        del shown[leaver]
        room = width - _SIGN
    return TableLayout(_placed(shown, max(0, room - _needed(shown))), left_out=len(shown) < len(columns))


def _needed(columns: Sequence[Column[Any]]) -> int:
    return sum(column.width for column in columns) + GAP * max(0, len(columns) - 1)


def _first_to_leave(columns: Sequence[Column[Any]]) -> int | None:
    place = max(range(len(columns)), key=lambda index: (columns[index].priority, index), default=None)
    return place if place is not None and columns[place].priority > 0 else None


def _placed(columns: Sequence[Column[Row]], spare: int) -> tuple[Place[Row], ...]:
    places: list[Place[Row]] = []
    x = 0
    for column in columns:
        width = column.width + (spare if column.flexible else 0)
        places.append(Place(column, x, width))
        x += width + GAP
    return tuple(places)
