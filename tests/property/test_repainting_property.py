"""Which parts of a widget are repainted."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from textual.scrollbar import ScrollBarRender

from mmexplorer.ui.paint import line_regions
from mmexplorer.ui.widgets.scroll_bar import thumb

_PARTS = len(ScrollBarRender.VERTICAL_BARS)


@given(st.sets(st.integers(0, 60)))
def test_neighbouring_lines_are_one_part_and_no_line_is_left_out(lines: set[int]) -> None:
    regions = line_regions(sorted(lines), 7)
    assert {y for region in regions for y in region.line_range} == lines
    assert all(one.bottom < other.y for one, other in pairwise(regions))
    assert all((region.x, region.width) == (0, 7) for region in regions)


@given(st.integers(1, 60), st.integers(1, 5_000), st.integers(1, 60), st.data())
def test_a_thumb_in_the_same_place_is_drawn_alike(height: int, hidden: int, window: int, data: st.DataObject) -> None:
    lines = hidden + window
    drawn: dict[tuple[int, int], object] = {}
    for position in data.draw(st.lists(st.integers(0, hidden), max_size=20)):
        segments = ScrollBarRender.render_bar(height, lines, window, position).segments
        assert drawn.setdefault(thumb(height, lines, window, position, _PARTS), segments) == segments
