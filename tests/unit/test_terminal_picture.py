"""Only differences are written, and a terminal that receives them shows the right picture."""

from typing import Any

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
from mmexplorer.ui.terminal.picture import Picture, _Palette, cells

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
    palette = _Palette(ColorSystem.TRUECOLOR)
    assert [character for character, _ in cells(Strip([Segment("日a\u0301")]), palette)] == ["日", "", "a\u0301"]


def test_a_colour_is_chosen_once_for_all_that_has_it() -> None:
    picture = Picture()
    lines = [Strip([Segment("key ", _ACCENT), Segment("value")]) for _ in range(5)]
    written = picture.write([(Region(0, 0, 9, 5), lines)], ColorSystem.TRUECOLOR)
    assert written.count("m") == 2  # and back
    in_order = Picture().write([(Region(0, 0, 9, 5), lines)], ColorSystem.TRUECOLOR, in_order=True)
    assert in_order.index("value") < in_order.rindex("key")


def test_of_blanks_only_the_background_counts() -> None:
    picture = Picture()
    _write(picture, _strip("heap", _ACCENT))
    assert _write(picture, _strip("heap")) == "\x1b[1;1Hheap"
    assert _write(picture, _strip("heap", Style(bgcolor="blue"))).endswith(" " * (WIDTH - 4) + "\x1b[0m")


def test_other_colours_of_the_terminal_are_written_in_its_own_way() -> None:
    strip = Strip([Segment("heap", Style(color="#102030"))])
    picture = Picture()
    true = picture.write([(Region(0, 0, 4, 1), [strip])], ColorSystem.TRUECOLOR)
    few = picture.write([(Region(0, 0, 4, 1), [strip])], ColorSystem.EIGHT_BIT)
    assert "38;2;16;32;48" in true
    assert "38;5;" in few


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


_STYLES = (None, _ACCENT, Style(color="#a0b0c0", bgcolor="#102030"), Style(bgcolor="#102030"), Style(reverse=True))
_PARTS = st.tuples(st.text(st.sampled_from("abé… "), min_size=1, max_size=6), st.sampled_from(_STYLES))
_PAINTED = st.tuples(st.integers(0, 3), st.integers(0, WIDTH - 1), st.lists(_PARTS, min_size=1, max_size=4))


@given(updates=st.lists(st.lists(_PAINTED, min_size=1, max_size=3), min_size=1, max_size=6), in_order=st.booleans())
def test_characters_and_colours_are_those_of_the_strips(
    *, updates: list[list[tuple[int, int, list[tuple[str, Style | None]]]]], in_order: bool
) -> None:
    picture, screen, expected = Picture(), pyte.Screen(WIDTH, 4), pyte.Screen(WIDTH, 4)
    seen, plain = pyte.Stream(screen), pyte.Stream(expected)
    blank = [(Region(0, 0, WIDTH, 4), [Strip.blank(WIDTH)] * 4)]
    seen.feed(picture.write(blank, ColorSystem.TRUECOLOR))
    for update in updates:
        painted = []
        for y, parts in {y: (x, parts) for y, x, parts in update}.items():
            strip = Strip([Segment(*part) for part in parts[1]])
            x = min(parts[0], WIDTH - 24)
            painted.append((Region(x, y, strip.cell_length, 1), [strip]))
            drawn = "".join(
                Strip.render_style(style or Style(), text, ColorSystem.TRUECOLOR) for text, style, _ in strip
            )
            plain.feed(f"\x1b[{y + 1};{x + 1}H{drawn}")
        seen.feed(picture.write(painted, ColorSystem.TRUECOLOR, in_order=in_order))
    assert [_looks(screen, y) for y in range(4)] == [_looks(expected, y) for y in range(4)]


def _looks(screen: pyte.Screen, y: int) -> list[object]:
    """Return what is visible of each cell: of a blank, only the background."""
    return [
        (cell.data, cell.bg, cell.reverse) if cell.data == " " and not cell.reverse else cell
        for cell in (screen.buffer[y][x] for x in range(WIDTH))
    ]


def test_equal_cells_are_one_object_so_that_a_thousand_lines_take_little() -> None:
    palette = _Palette(ColorSystem.TRUECOLOR)
    first, second = (cells(Strip([Segment(text, _ACCENT)]), palette) for text in ("7f3a 日本", "7f3b 日語"))
    assert all(one is other for one, other in zip(first, second, strict=True) if one == other)
    assert first != second


def test_rare_characters_are_not_shared_for_ever() -> None:
    palette = _Palette(ColorSystem.TRUECOLOR)
    ink, _ = palette.inks(_ACCENT)
    for character in map(chr, range(0x4E00, 0x4E00 + 20_000)):
        palette.bound()
        assert palette.inked(ink)[character] == (character, ink)
    assert len(palette.inked(ink)) < 20_000


def test_the_cells_of_strips_shown_long_ago_are_dropped() -> None:
    picture = Picture()
    for number in range(3_000):
        _write(picture, _strip(f"{number:x}"))
    assert len(picture._cells) <= 512


def test_the_styles_of_selectable_text_are_not_kept_for_ever() -> None:
    palette = _Palette(ColorSystem.TRUECOLOR)
    for x in range(3_000):
        style = _ACCENT + Style.from_meta({"offset": (x, 0)})
        assert palette.inks(style) == palette.inks(_ACCENT)
    assert len(palette._inks) <= 1_024


def test_cells_of_strips_that_are_used_again_are_remembered_and_others_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[Strip] = []

    def counted(strip: Strip, *others: Any) -> list[Any]:
        found.append(strip)
        return cells(strip, *others)

    monkeypatch.setattr("mmexplorer.ui.terminal.picture.cells", counted)
    picture, row = Picture(), _strip("a row")
    seconds = [_strip(f"{second}") for second in range(1000)]
    for strip in (*(each for second in seconds for each in (second, row)), seconds[0]):
        _write(picture, strip)
    assert found.count(row) == 1
    assert found.count(seconds[0]) == 2
