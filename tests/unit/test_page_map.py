"""The window on the pages of a region: moving, zooming, and what is highlighted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.memory.pages import PageState, PageStates, Run, changed_ranges
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.memory.page_map import (
    Counted,
    PageWindow,
    cursor_line,
    foot_lines,
    head_line,
    map_rows,
    page_window,
    runs_of,
)
from mmexplorer.present.text.line import plain
from tests.support.regions import region_of

PAGE = 4096
START = 0x7F3A_4580_0000
WHOLE = Range(START, START + 25_600 * PAGE)


def states(whole: Range, *present: Range) -> PageStates:
    """Return anonymous pages in `present`, absent ones elsewhere."""
    runs, at = [], whole.start
    for part in present:
        runs += [Run(at, part.start, PageState.ABSENT), Run(part.start, part.end, PageState.ANONYMOUS)]
        at = part.end
    runs.append(Run(at, whole.end, PageState.ABSENT))
    return PageStates(whole, PAGE, tuple(run for run in runs if run.start < run.end))


def pages(first: int, count: int) -> Range:
    return Range(START + first * PAGE, START + (first + count) * PAGE)


def test_it_begins_with_the_whole_region_at_the_finest_scale_that_fits() -> None:
    window = page_window(WHOLE, PAGE, 157, 8)
    assert window.across == 144
    assert window.pages == 32
    assert window.seen == WHOLE


def test_zooming_keeps_the_cursor_on_its_page_and_in_sight() -> None:
    window = page_window(WHOLE, PAGE, 157, 8).at(START + 20_000 * PAGE)
    for _ in range(8):
        window = window.zoomed_by(1)
    assert window.pages == 1
    assert window.seen.start <= window.cursor < window.seen.end
    assert window.seen.size == 144 * 8 * PAGE
    for _ in range(8):
        window = window.zoomed_by(-1)
    assert window.seen == WHOLE


@given(
    st.integers(1, 1 << 20),
    st.integers(1, 200),
    st.integers(1, 40),
    st.lists(st.tuples(st.sampled_from(["moved", "zoomed_by"]), st.integers(-300, 300)), max_size=12),
)
def test_the_cursor_is_always_on_a_page_of_the_region_and_in_sight(
    count: int, width: int, rows: int, moves: list[tuple[str, int]]
) -> None:
    whole = Range(START, START + count * PAGE)
    window = page_window(whole, PAGE, width, rows)
    for move, by in moves:
        window = window.moved(by) if move == "moved" else window.zoomed_by(max(-3, min(3, by)))
        assert whole.start <= window.seen.start <= window.cursor < window.seen.end <= whole.end
        assert window.seen.size <= window.cell * window.across * window.rows
        row, cell = window.place
        assert 0 <= row < window.rows
        assert 0 <= cell < window.across


def test_pages_in_another_state_than_before_are_lit() -> None:
    window = page_window(Range(START, START + 64 * PAGE), PAGE, 80, 4)
    before, after = states(window.whole, pages(0, 4)), states(window.whole, pages(0, 7))
    changed = changed_ranges(before, after)
    assert changed == (pages(4, 3),)
    [row] = map_rows(window, after, changed)
    assert [cell.lit for cell in row[:8]] == [False] * 4 + [True] * 3 + [False]
    assert [signs for signs, *_ in runs_of(row, cursor=0)] == ["█", "███", "███", "░" * 57]
    assert "3 changed since the last look" in plain(head_line(window, after, changed))
    assert plain(head_line(window, after, (), 2)).endswith(" · lit: 2 faulted on in the trace")


def test_another_part_is_not_compared() -> None:
    assert changed_ranges(states(pages(0, 4)), states(pages(4, 4), pages(4, 1))) == ()


def test_the_read_out_names_the_page_and_its_place_in_region_and_file() -> None:
    region = region_of(START, START + 64 * PAGE, "r-xp", 0x26000, "08:01", 77, "/usr/lib/libc.so.6")
    window = page_window(region.range, PAGE, 80, 4).moved(2)
    text = plain(cursor_line(window, states(region.range, pages(0, 4)), region, "libc.so.6: malloc+0x1a"))
    assert text == (
        "▸ 7f3a45802000 · 0x2000 into the region · file offset 0x28000 · anonymous · libc.so.6: malloc+0x1a"
    )


@pytest.mark.parametrize(
    ("across", "flags", "said"),
    [
        (64, {"dirty": PAGE, "referenced": PAGE, "writeback": 0}, "anonymous, dirty, referenced"),
        (32, {"dirty": PAGE, "referenced": 0, "writeback": 0}, "2 anonymous, 1 dirty"),
        (64, Unavailable(Cause.DENIED, "hidden"), "anonymous"),
    ],
)
def test_the_read_out_has_the_flags_of_the_frames(across: int, flags: dict[str, int] | Unavailable, said: str) -> None:
    region = region_of(START, START + 64 * PAGE, "rw-p", 0, "00:00", 0, "")
    window = PageWindow(region.range, PAGE, across, 1, START, START)
    told = plain(cursor_line(window, states(region.range, pages(0, 4)), region, "", flags))
    assert told.endswith(f"into the region · {said}")


def test_the_sum_is_held_against_rss_where_all_of_the_region_is_seen() -> None:
    window = page_window(WHOLE, PAGE, 157, 8)
    found = states(WHOLE, pages(0, 1000))
    told = "\n".join(map(plain, foot_lines(window, found, map_rows(window, found, ()), Counted(1000 * PAGE), 120)))
    assert "in memory, without the zero page: 4,000 kB, as Rss of smaps" in told
    part = window.zoomed_by(1)
    seen = states(part.seen, pages(0, 1000))
    unknown = Unavailable(Cause.NOT_READ, "not read yet")
    assert "Rss" not in "\n".join(map(plain, foot_lines(part, seen, map_rows(part, seen, ()), Counted(unknown), 120)))


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"dirty": 4096, "referenced": 0}, "dirty 4 kB, referenced 0 kB; dirty: not written back yet"),
        (Unavailable(Cause.DENIED, "hidden", "run with sudo"), "dirty, referenced, writeback: hidden; run with sudo"),
    ],
)
def test_what_the_flags_of_the_frames_say(flags: dict[str, int] | Unavailable, told: str) -> None:
    window = page_window(WHOLE, PAGE, 157, 8)
    found = states(WHOLE, pages(0, 1000))
    known = Counted(1000 * PAGE, flags)
    last = list(foot_lines(window, found, map_rows(window, found, ()), known, 120))[-1]
    assert plain(last).startswith(told)
    narrow = [plain(each) for each in foot_lines(window, found, map_rows(window, found, ()), known, 76)]
    assert all(len(each) <= 76 for each in narrow)
    assert plain(last) in " ".join(narrow)
