"""Column widths come from the declarations alone."""

import pytest

from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import EMPTY
from mmexplorer.ui.widgets.table.layout import arrange

COLUMNS: tuple[Column[object], ...] = (
    Column("address", "START", 12, lambda _: EMPTY),
    Column("end", "END", 12, lambda _: EMPTY, priority=3),
    Column("size", "SIZE", 5, lambda _: EMPTY, align="right"),
    Column("pss", "PSS", 5, lambda _: EMPTY, align="right", priority=2),
    Column("swap", "SWAP", 5, lambda _: EMPTY, align="right", priority=2),
    Column("what", "WHAT", 10, lambda _: EMPTY, flexible=True),
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
    assert not arrange(COLUMNS, 100).left_out


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


def test_what_never_leaves_is_wider_than_the_table() -> None:
    layout = arrange(COLUMNS, 10)
    assert layout.width == 29
    assert layout.left_out


def test_steps_go_from_edge_to_edge() -> None:
    layout = arrange(COLUMNS, 10)
    assert [layout.step(x, 1) for x in (0, 5, 13, 19)] == [13, 13, 19, 19]
    assert [layout.step(x, -1) for x in (0, 5, 13, 19)] == [0, 0, 0, 13]


def test_no_columns() -> None:
    none: tuple[Column[object], ...] = ()
    layout = arrange(none, 10)
    assert (layout.places, layout.width, layout.column_at(0)) == ((), 0, None)
