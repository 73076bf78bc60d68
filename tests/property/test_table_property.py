"""Properties of every table's columns, cells and rows."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import EMPTY, Line, Tone, plain, span
from mmexplorer.ui.paint import fit
from mmexplorer.ui.widgets.table.layout import GAP, arrange
from mmexplorer.ui.widgets.table.rows import Rows


@st.composite
def columns(draw: st.DrawFn) -> tuple[Column[object], ...]:
    """Draw columns of any widths and priorities; at most one is flexible."""
    sizes = draw(
        st.lists(
            st.tuples(st.integers(min_value=1, max_value=30), st.integers(min_value=0, max_value=4), st.booleans()),
            max_size=12,
        )
    )
    flexible = draw(st.integers(min_value=-1, max_value=11))
    return tuple(
        Column(
            str(index),
            "",
            width,
            lambda _: EMPTY,
            flexible=index == flexible,
            frozen=frozen and not priority,
            priority=priority,
        )
        for index, (width, priority, frozen) in enumerate(sizes)
    )


@given(columns(), st.integers(min_value=0, max_value=200), st.integers(min_value=0, max_value=12))
def test_columns_of_a_page_stand_in_order_and_fit(declared: tuple[Column[object], ...], width: int, page: int) -> None:
    layout = arrange(declared, width, page)
    shown = [place.column for place in layout.places]
    assert shown == [column for column in declared if column in shown]
    assert layout.width <= width or len(shown) == 1
    assert all(place.width >= place.column.width for place in layout.places)
    for before, after in zip(layout.places, layout.places[1:], strict=False):
        assert after.x == before.x + before.width + GAP


@given(columns(), st.integers(min_value=0, max_value=200))
def test_the_first_page_has_the_most_important_columns(declared: tuple[Column[object], ...], width: int) -> None:
    shown = [place.column for place in arrange(declared, width).places]
    gone = [column.priority for column in declared if column not in shown]
    assert min(gone, default=0) >= max((column.priority for column in shown), default=0) or not gone


@given(columns(), st.integers(min_value=0, max_value=200))
def test_every_column_is_on_some_page_and_no_page_is_superfluous(
    declared: tuple[Column[object], ...], width: int
) -> None:
    pages = arrange(declared, width).pages
    found = [{place.column.key for place in arrange(declared, width, page).places} for page in range(pages)]
    assert set().union(*found) == {column.key for column in declared}
    for page in range(pages):
        assert pages == 1 or not found[page] <= set().union(*found[:page])


@given(columns(), st.integers(min_value=0, max_value=200))
def test_more_room_never_takes_a_column_away(declared: tuple[Column[object], ...], width: int) -> None:
    narrow, wide = ({place.column.key for place in arrange(declared, at).places} for at in (width, width + 1))
    assert narrow <= wide


@given(columns(), st.integers(min_value=20, max_value=200))
def test_a_flexible_column_leaves_nothing_over(declared: tuple[Column[object], ...], width: int) -> None:
    layout = arrange(declared, width)
    if any(place.column.flexible for place in layout.places):
        assert layout.width >= width - (layout.pages > 1)


TEXTS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aZ日本\u0301é🙂")), max_size=20)
LINES = st.lists(st.builds(span, TEXTS, st.sampled_from(Tone)), max_size=4).map(tuple)


@given(LINES, st.integers(min_value=0, max_value=40), st.sampled_from(("left", "right")))
def test_a_cell_is_exactly_as_wide_as_its_column(line: Line, width: int, align: str) -> None:
    fitted = fit(line, width, "right" if align == "right" else "left")
    assert sum(cell_len(text) for text, _ in fitted) == width
    length = sum(cell_len(text) for text, _ in line)
    if length <= width:
        assert plain(fitted).strip(" ") == plain(line).strip(" ")
    elif width:
        assert plain(fitted).endswith("…") if align == "left" else "…" in plain(fitted)


@given(
    st.lists(st.integers(min_value=0, max_value=30), min_size=1, unique=True),
    st.lists(st.integers(min_value=0, max_value=30), min_size=1, unique=True),
    st.data(),
)
def test_a_row_is_followed_wherever_it_goes(before: list[int], after: list[int], data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=len(before) - 1))
    now = Rows(after, int).follow(Rows(before, int), index)
    assert 0 <= now < len(after)
    if before[index] in after:
        assert after[now] == before[index]
    elif set(before) & set(after):
        distance = min(abs(before.index(key) - index) for key in set(before) & set(after))
        assert abs(before.index(after[now]) - index) == distance
