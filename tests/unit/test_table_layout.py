"""Column widths depend only on the declarations."""

import pytest

from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import EMPTY
from mmexplorer.ui.widgets.table.layout import arrange, needs

COLUMNS: tuple[Column[object], ...] = (
    Column("address", "START", 12, lambda _: EMPTY, frozen=True),
    Column("end", "END", 12, lambda _: EMPTY, priority=3),
    Column("size", "SIZE", 5, lambda _: EMPTY, align="right"),
    Column("pss", "PSS", 5, lambda _: EMPTY, align="right", priority=2),
    Column("swap", "SWAP", 5, lambda _: EMPTY, align="right", priority=2),
    Column("what", "WHAT", 10, lambda _: EMPTY, flexible=True, frozen=True),
)


def shown(width: int) -> list[tuple[str, int, int]]:
    return [(place.column.key, place.x, place.width) for place in arrange(COLUMNS, width).places]


def test_the_flexible_column_takes_what_is_left() -> None:
    assert shown(100) == [
        ("address", 0, 12),
        ("end", 13, 12),
        ("size", 26, 5),
        ("pss", 32, 5),
        ("swap", 38, 5),
        ("what", 44, 56),
    ]
    assert arrange(COLUMNS, 100).pages == 1


@pytest.mark.parametrize(
    ("width", "keys"),
    [
        (54, "address end size pss swap what"),
        (53, "address size pss swap what"),
        (42, "address size pss swap what"),
        (41, "address size pss what"),
        (35, "address size what"),
        (30, "address size what"),
    ],
)
def test_the_least_important_leaves_first_and_the_rightmost_among_equals(width: int, keys: str) -> None:
    assert " ".join(key for key, _, _ in shown(width)) == keys


def keys(width: int, page: int) -> str:
    return " ".join(place.column.key for place in arrange(COLUMNS, width, page).places)


def test_those_that_left_come_on_further_pages_beside_the_frozen_ones() -> None:
    assert [keys(35, page) for page in range(3)] == ["address size what", "address end pss", "address swap what"]
    assert [keys(35, page) for page in (-1, 3)] == [keys(35, 0), keys(35, 2)]
    assert [arrange(COLUMNS, 35, page).pages for page in range(3)] == [3, 3, 3]


def test_what_never_leaves_is_on_further_pages_too_where_there_is_no_room() -> None:
    assert [keys(10, page) for page in range(arrange(COLUMNS, 10).pages)] == [
        "address",
        "end",
        "size",
        "pss",
        "swap",
        "what",
    ]
    assert arrange(COLUMNS, 10).width == 12


def test_spare_room_goes_to_those_that_are_glad_of_it() -> None:
    columns: tuple[Column[object], ...] = (
        Column("start", "START", 12, lambda _: EMPTY, align="right", wide=16),
        Column("kind", "KIND", 8, lambda _: EMPTY, wide=13),
        Column("what", "WHAT", 10, lambda _: EMPTY, flexible=True, wide=20),
    )
    widths = {width: [place.width for place in arrange(columns, width).places] for width in (32, 39, 44, 50, 60)}
    assert widths == {32: [12, 8, 10], 39: [12, 8, 17], 44: [12, 10, 20], 50: [15, 13, 20], 60: [16, 13, 29]}
    # Most digits of an address are always visible; words are shown in full.
    assert needs(columns) == (32, 47)
    assert needs(COLUMNS) == (30, 54)


def test_no_columns() -> None:
    none: tuple[Column[object], ...] = ()
    layout = arrange(none, 10)
    assert (layout.places, layout.width, layout.column_at(0)) == ((), 0, None)
