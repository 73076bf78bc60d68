"""What is written is what differs, and a terminal that takes it shows what it should."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from mmexplorer.ui.terminal.compositor import _apart, _around
from mmexplorer.ui.terminal.picture import Picture, cells

WIDTH = 30
_ACCENT = Style(bold=True, color="red")


def _strip(text: str, style: Style | None = None) -> Strip:
    return Strip([Segment(text.ljust(WIDTH), style)])


def _write(picture: Picture, strip: Strip, y: int = 0) -> str:
    return picture.write([(Region(0, y, WIDTH, 1), [strip])], ColorSystem.TRUECOLOR)


def test_a_line_that_reads_as_before_is_not_written() -> None:
    picture = Picture()
    assert _write(picture, _strip("7f3a4c026000"))
    assert not _write(picture, _strip("7f3a4c026000"))


def test_only_the_digits_that_differ_are_written() -> None:
    picture = Picture()
    _write(picture, _strip("7f3a4c026000"), y=4)
    assert _write(picture, _strip("7f3a4c028000"), y=4) == "\x1b[5;9H8"


def test_another_style_is_written() -> None:
    picture = Picture()
    _write(picture, _strip("heap"))
    assert "heap" in _write(picture, _strip("heap", _ACCENT))


def test_what_was_forgotten_is_written_again() -> None:
    picture = Picture()
    first = _write(picture, _strip("heap"))
    picture.forget()
    assert _write(picture, _strip("heap")) == first


def test_a_wide_character_is_never_halved() -> None:
    picture = Picture()
    _write(picture, Strip([Segment("日本語")]))
    written = picture.write([(Region(0, 0, 6, 1), [Strip([Segment("日x 語")])])], ColorSystem.TRUECOLOR)
    assert written == "\x1b[1;3Hx "
    assert [character for character, _ in cells(Strip([Segment("日a\u0301")]))] == ["日", "", "a\u0301"]


@pytest.mark.parametrize("whole", [Region(0, 0, 10, 8)])
@given(x=st.integers(0, 9), y=st.integers(0, 7), width=st.integers(1, 10), height=st.integers(1, 8))
def test_what_is_left_around_a_part_and_the_part_are_the_whole(
    whole: Region, x: int, y: int, width: int, height: int
) -> None:
    part = Region(x, y, width, height).intersection(whole)
    places = [(*at,) for each in (part, *_around(whole, part)) for at in _places(each)]
    assert sorted(places) == sorted(_places(whole))


def _places(region: Region) -> list[tuple[int, int]]:
    return [(x, y) for y in region.line_range for x in region.column_range]


def test_lines_below_each_other_are_one_part() -> None:
    spans = [(3, 0, 9), (4, 0, 9), (4, 20, 30), (6, 0, 9)]
    assert _apart(spans) == [Region(0, 3, 9, 2), Region(0, 6, 9, 1), Region(20, 4, 10, 1)]


@given(st.lists(st.text(st.sampled_from("ab日é… "), max_size=WIDTH // 2), min_size=1, max_size=5))
def test_a_terminal_shows_the_last_that_was_written(texts: list[str]) -> None:
    picture, screen = Picture(), pyte.Screen(WIDTH, 2)
    stream = pyte.Stream(screen)
    for text in texts:
        strip = Strip([Segment(text)]).adjust_cell_length(WIDTH)
        stream.feed(_write(picture, strip))
    expected = pyte.Screen(WIDTH, 2)
    pyte.Stream(expected).feed(Strip([Segment(texts[-1])]).adjust_cell_length(WIDTH).text)
    assert screen.display == expected.display
