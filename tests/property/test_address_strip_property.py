"""Properties of every strip."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.region import Range, RegionKind
from mmexplorer.present.region.address_strip import LARGE_HOLE, Extent, scale

PAGE = 4096
PAGES = st.integers(min_value=1, max_value=1 << 24)
GAPS = st.one_of(st.just(0), st.integers(min_value=0, max_value=1 << 12), st.integers(min_value=1, max_value=1 << 33))


@st.composite
def maps(draw: st.DrawFn, most: int = 40) -> tuple[Extent, ...]:
    """Draw ascending regions with small and large holes between them."""
    extents: list[Extent] = []
    at = 0
    for hole, pages, kind, label in draw(
        st.lists(
            st.tuples(GAPS, PAGES, st.sampled_from(RegionKind), st.sampled_from(("", "libc", "a long name"))),
            min_size=1,
            max_size=most,
        )
    ):
        start = at + hole * PAGE
        at = start + pages * PAGE
        extents.append(Extent(Range(start, at), kind, label))
    return tuple(extents)


@given(maps(), st.integers(min_value=1, max_value=200))
def test_the_width_is_exact_and_cells_ascend(extents: tuple[Extent, ...], width: int) -> None:
    cells = scale(extents, width)
    assert len(cells) == width
    assert all(len(cell.char) == 1 for cell in cells)
    assert all(cell.range.start < cell.range.end for cell in cells)
    for before, after in pairwise(cells):
        assert before.range.end <= after.range.start or (before.range == after.range and before.kind is None)


@given(maps(), st.integers(min_value=1, max_value=200))
def test_every_address_of_a_region_has_a_cell(extents: tuple[Extent, ...], width: int) -> None:
    cells = [cell for cell in scale(extents, width) if cell.kind is not None]
    for extent in extents:
        covering = [
            cell for cell in cells if cell.range.start < extent.range.end and extent.range.start < cell.range.end
        ]
        assert covering[0].range.start <= extent.range.start
        assert covering[-1].range.end >= extent.range.end
        for before, after in pairwise(covering):
            assert before.range.end == after.range.start


@given(maps(most=12), st.integers(min_value=130, max_value=200))
def test_every_region_of_a_small_map_has_a_cell_of_its_own(extents: tuple[Extent, ...], width: int) -> None:
    cells = scale(extents, width)
    for extent in extents:
        assert any(
            cell.kind is extent.kind and extent.range.start <= cell.range.start and cell.range.end <= extent.range.end
            for cell in cells
        )


@given(maps(most=12), st.integers(min_value=130, max_value=200))
def test_a_large_hole_is_shown_and_a_small_one_is_not(extents: tuple[Extent, ...], width: int) -> None:
    shown = {cell.range for cell in scale(extents, width) if cell.kind is None}
    pairs = pairwise(extents)
    holes = {Range(before.range.end, after.range.start) for before, after in pairs}
    assert shown == {hole for hole in holes if hole.size >= LARGE_HOLE}


@given(maps(), st.integers(min_value=1, max_value=200), st.data())
def test_a_region_can_be_selected(extents: tuple[Extent, ...], width: int, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(extents)).range
    cells = scale(extents, width, chosen)
    assert [cell.char for cell in cells].count("◆") == 1
    unmarked = scale(extents, width)
    for cell, before in zip(cells, unmarked, strict=True):
        touches = cell.range.start < chosen.end and chosen.start < cell.range.end
        assert cell.selected == (touches and cell.kind is not None)
        assert cell.char in {before.char, "◆"}
        assert cell._replace(char=before.char, selected=False) == before
