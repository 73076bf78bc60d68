"""Where each column of a table goes: depends only on the column declarations and the width, never on the data."""

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from mmexplorer.model.value import frozen
from mmexplorer.present.text.column import Column

Row = TypeVar("Row")

GAP = 1
"""Blank cells between columns."""

_SIGN = 1
"""Cells reserved at the right for the sign for further columns."""


class Place(NamedTuple, Generic[Row]):
    """A visible column."""

    column: Column[Row]
    x: int
    """Cells from the left edge of the first column."""
    width: int


@frozen
class TableLayout(Generic[Row]):
    """The columns visible at some width. Those that don't fit go on further pages."""

    places: tuple[Place[Row], ...] = ()
    page: int = 0
    pages: int = 1
    flexible: int | None = None
    """The index of the place of the flexible column; None if it isn't on this page."""

    @property
    def width(self) -> int:
        """Cells from the left of the first column to the end of the last; may exceed the width of the table."""
        return self.places[-1].x + self.places[-1].width if self.places else 0

    def column_at(self, x: int) -> Column[Row] | None:
        """Return the column that covers cell `x`, including the gap to its right."""
        return next((place.column for place in self.places if place.x <= x < place.x + place.width + GAP), None)


def arrange(columns: Sequence[Column[Row]], width: int, page: int = 0) -> TableLayout[Row]:
    """Place `columns` in `width` cells; `page` is clamped to the existing pages.

    Columns leave the first page in order of priority, the largest first and the rightmost first among equals, until the
    rest fits. They go on further pages, beside the frozen columns and as many others as fit. Columns that can use more
    cells get them: the flexible one first, then other columns of text. The flexible one takes any remainder.
    """
    pages = _pages(columns, width)
    page = max(0, min(page, len(pages) - 1))
    room = width if len(pages) == 1 else width - _SIGN
    shown = [columns[index] for index in pages[page]]
    flexible = next((place for place, column in enumerate(shown) if column.flexible), None)
    return TableLayout(_placed(shown, room), page, len(pages), flexible)


class Needs(NamedTuple):
    """How many cells the columns of a table need."""

    least: int
    """For the columns that never leave."""
    whole: int
    """For all columns, with those of text at their full width."""


def needs(columns: Sequence[Column[Any]]) -> Needs:
    """Return how much room `columns` need."""
    least = _needed([column for column in columns if column.priority == 0])
    wide = sum(max(0, column.wide - column.width) for column in columns if column.align == "left")
    return Needs(least + (_SIGN if any(column.priority for column in columns) else 0), _needed(columns) + wide)


def _pages(columns: Sequence[Column[Any]], width: int) -> list[list[int]]:
    """Divide the column indices into pages; every page after the first has a column that no other has."""
    every = list(range(len(columns)))
    if _needed(columns) <= width or not columns:
        return [every]
    room = width - _SIGN
    first = every.copy()
    while _needed(_at(columns, first)) > room and len(first) > 1:
        first.remove(max(first, key=lambda index: _leaves(columns, index)))
    pages, waiting = [first], [index for index in every if index not in first]
    while waiting:
        pages.append(_further(columns, first, waiting, room))
        waiting = [index for index in waiting if index not in pages[-1]]
    return pages


def _leaves(columns: Sequence[Column[Any]], index: int) -> tuple[bool, int, int]:
    """Return the sort key by which columns leave the first page, largest first."""
    return not columns[index].frozen or bool(columns[index].priority), columns[index].priority, index


def _further(columns: Sequence[Column[Any]], first: Sequence[int], waiting: Sequence[int], room: int) -> list[int]:
    """Return a page with those of `waiting` that fit beside the frozen columns; if all do, others from the first."""
    others = sorted(first, key=lambda index: (columns[index].priority, index))
    frozen = [index for index in others if columns[index].frozen]
    page = _filled(columns, waiting[:1], (*frozen, *waiting[1:]), room)
    return sorted(_filled(columns, page, others, room) if {*waiting} <= {*page} else page)


def _filled(columns: Sequence[Column[Any]], page: Sequence[int], more: Sequence[int], room: int) -> list[int]:
    """Add as many of `more` as fit."""
    filled = list(page)
    for index in more:
        if index not in filled and _needed(_at(columns, [*filled, index])) <= room:
            filled.append(index)
    return filled


def _at(columns: Sequence[Column[Any]], indices: Sequence[int]) -> list[Column[Any]]:
    return [columns[index] for index in indices]


def _needed(columns: Sequence[Column[Any]]) -> int:
    return sum(column.width for column in columns) + GAP * max(0, len(columns) - 1)


def _placed(columns: Sequence[Column[Row]], room: int) -> tuple[Place[Row], ...]:
    widths = _widths(columns, max(0, room - _needed(columns)))
    places: list[Place[Row]] = []
    x = 0
    for column, width in zip(columns, widths, strict=True):
        places.append(Place(column, x, width))
        x += width + GAP
    return tuple(places)


def _wants(column: Column[Any]) -> tuple[bool, bool, int]:
    """Return the sort key by which columns get extra cells: text before figures and addresses."""
    return not column.flexible, column.align == "right", column.priority


def _widths(columns: Sequence[Column[Any]], spare: int) -> list[int]:
    widths = [column.width for column in columns]
    for index in sorted(range(len(columns)), key=lambda index: _wants(columns[index])):
        more = min(spare, max(0, columns[index].wide - widths[index]))
        widths[index] += more
        spare -= more
    flexible = next((index for index, column in enumerate(columns) if column.flexible), None)
    if flexible is not None:
        widths[flexible] += spare
    return widths
