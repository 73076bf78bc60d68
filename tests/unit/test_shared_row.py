"""Panes side by side get the width that their columns need."""

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.ui.widgets.shared_row import share
from mmexplorer.ui.widgets.table.layout import Needs

PROCESSES, REGIONS, ELF = Needs(28, 90), Needs(40, 130), Needs(30, 110)
PANES = (PROCESSES, REGIONS, ELF)


def test_the_focused_pane_gets_its_columns_before_the_others() -> None:
    assert share(160, PANES, 1) == [28, 102, 30]
    assert share(160, PANES, 0) == [90, 40, 30]
    assert share(160, PANES, 2) == [28, 40, 92]


def test_what_it_doesnt_need_goes_to_the_others_and_then_to_all() -> None:
    assert share(220, PANES, 1) == [44, 130, 46]
    assert share(360, PANES, 1) == [100, 140, 120]


def test_the_main_pane_comes_before_those_that_nobody_looks_at() -> None:
    assert share(220, PANES, 2, 1) == [28, 82, 110]
    assert share(220, PANES, 0, 1) == [90, 100, 30]
    assert share(160, PANES, 2, 1) == share(160, PANES, 2)
    assert share(220, PANES, 1, 1) == share(220, PANES, 1)


def test_where_there_isnt_enough_each_gets_less() -> None:
    assert share(49, PANES, 1) == [14, 20, 15]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 100)), min_size=1, max_size=4),
    st.integers(0, 400),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_all_of_the_width_is_given_away(sizes: list[tuple[int, int]], width: int, first: int, main: int) -> None:
    needs = [Needs(least, least + more) for least, more in sizes]
    widths = share(width, needs, min(first, len(needs) - 1), min(main, len(needs) - 1))
    assert sum(widths) == width or not any(least for least, _ in sizes)
    assert min(widths) >= 0
