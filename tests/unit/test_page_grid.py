"""The grid of pages: its layout, its signs, its legend."""

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.memory.pages import PageState, PageStates, Run, joined, within
from mmexplorer.model.region import Range
from mmexplorer.present.memory.page_grid import grid_lines, lay_out
from mmexplorer.present.text.line import Tone, plain
from tests.support.fakes.spaces import anonymous

PAGE = 4096
START = 0x7F3A_4580_0000


def states(*parts: tuple[int, PageState]) -> PageStates:
    """Return that many pages of each state, one after another."""
    runs, at = [], START
    for count, state in parts:
        runs.append(Run(at, at + count * PAGE, state))
        at += count * PAGE
    return PageStates(Range(START, at), PAGE, joined(runs))


def drawn(pages: PageStates, width: int = 60, rows: int = 10) -> list[str]:
    return [plain(line) for line in grid_lines(pages, width, rows)]


def test_each_state_has_a_sign_of_its_own_which_the_legend_explains_with_the_count() -> None:
    pages = states(*((1, state) for state in PageState))
    scale, row, *legend = drawn(pages)
    assert scale == "pages 14 · each sign is a page, 4K"
    signs = row.removeprefix("7f3a45800000 ")
    assert signs == "░█▓fFcChHz" + "s\N{BOX DRAWINGS LIGHT DIAGONAL CROSS}·?"
    assert len(set(signs)) == len(PageState)
    told = "   ".join(legend)
    for sign, state in zip(signs, PageState, strict=True):
        assert f"{sign} {state.value} 1" in told


def test_a_hole_is_told_from_a_page_that_is_not_there_yet() -> None:
    pages = states((4, PageState.ANONYMOUS), (12, PageState.ABSENT))
    parts = [Range(START, START + 6 * PAGE), Range(START + 9 * PAGE, START + 20 * PAGE)]
    regions = [anonymous(part.start, part.end) for part in parts]
    assert drawn(within(pages, regions))[1:] == ["7f3a45800000 ████░░···░░░░░░░", _COUNTS]
    assert within(pages, regions[:0]).runs[-1].state is PageState.NO_REGION
    assert within(pages, [anonymous(0, 1 << 47)]) == pages


_COUNTS = "░ not present 9   █ anonymous 4   · no region 3"


def test_a_cell_of_pages_that_differ_has_a_sign_that_the_legend_explains() -> None:
    lines = drawn(states((1000, PageState.ANONYMOUS), (24_600, PageState.ABSENT)))
    assert lines[0] == "pages 25,600 · each sign is 64 pages, 256K"
    assert lines[1] == "7f3a45800000 " + "█" * 15 + "▄" + "░" * 24
    assert lines[2] == "7f3a46200000 " + "░" * 40
    assert " ".join(lines[11:]) == "░ not present 24,600   █ anonymous 1,000 ▄ of several kinds"


def test_cells_with_a_page_that_changed_are_lit() -> None:
    pages = states((40, PageState.ABSENT), (40, PageState.ANONYMOUS))
    _scale, first, second, *_ = grid_lines(pages, 60, 10, [Range(START + 39 * PAGE, START + 42 * PAGE)])
    assert [(len(part.text), part.tone) for part in first[1:]] == [(39, Tone.DIM), (1, Tone.CHANGED)]
    assert [(len(part.text), part.tone) for part in second[1:]] == [(2, Tone.CHANGED), (38, Tone.ADDED)]


def test_without_room_the_addresses_leave_first() -> None:
    assert drawn(states((16, PageState.ZERO)), width=20)[1] == "z" * 16
    assert drawn(states((16, PageState.ZERO)), width=5)[1:5] == ["zzzzz", "zzzzz", "zzzzz", "z"]


@given(
    st.lists(st.tuples(st.integers(1, 5000), st.sampled_from(PageState)), min_size=1, max_size=12),
    st.integers(1, 120),
    st.integers(1, 12),
)
def test_every_page_is_in_one_cell_and_the_bounds_are_kept(
    parts: list[tuple[int, PageState]], width: int, rows: int
) -> None:
    pages = states(*parts)
    count = pages.range.size // PAGE
    grid = lay_out(pages, width, rows)
    assert grid.rows <= rows
    cells = -(-count // grid.pages)
    assert grid.across * (grid.rows - 1) < cells <= grid.across * grid.rows
    assert grid.pages == 1 or -(-count // (grid.pages // 2)) > grid.across * rows, "no finer grid would fit"
    body = grid_lines(pages, width, rows)[1 : 1 + grid.rows]
    assert all(len(plain(line)) <= width for line in body)
    assert sum(len(plain(line).split(" ")[-1]) for line in body) == cells
