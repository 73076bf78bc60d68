"""Lines on the screen: cut or wrapped, scrolled, repainted where they changed, and selected with the mouse."""

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.messages import Update
from textual.screen import Screen
from textual.selection import SELECT_ALL
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.present.text.line import Line, Tone, line, span
from mmexplorer.ui.terminal.compositor import PartCompositor
from mmexplorer.ui.themes import DEFAULT_THEME, THEMES
from mmexplorer.ui.widgets.lines import Lines, ScrolledLines
from mmexplorer.ui.widgets.scroll_bar import LineScrollBar
from tests.support.pilots.waiting import until

pytestmark = pytest.mark.smoke

LONG = (line("a line that is too long"), line("short"))


class CountingLines(Lines):
    """Records which lines are painted."""

    painted: list[int]

    def draw_line(self, y: int) -> Strip:
        self.painted.append(y)
        return super().draw_line(y)


class LinesApp(App[None]):
    """One of each, 20 cells wide."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "ScrolledLines { height: 4; }"

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME
        self.block = CountingLines()
        self.block.painted = []
        self.text = ScrolledLines()

    def get_default_screen(self) -> Screen[None]:
        screen: Screen[None] = Screen(id="_default")
        screen._compositor = PartCompositor()
        return screen

    def compose(self) -> ComposeResult:
        yield self.block
        yield self.text

    @property
    def seen(self) -> list[str]:
        return [strip.crop(0, self.size.width - 1).text.rstrip() for strip in self.screen._compositor.render_strips()]


def cells(strip: Strip) -> list[tuple[str, object, object]]:
    """What is seen in each cell."""
    return [
        (character, style and style.bgcolor, style and (style.color, style.bold) if character != " " else None)
        for text, style, _ in strip
        for character in text
    ]


def numbered(*numbers: int) -> Sequence[Line]:
    return tuple(line(f"line {number}") for number in numbers)


async def test_a_block_is_as_high_as_its_lines_and_cuts_what_is_too_long() -> None:
    app = LinesApp()
    async with app.run_test(size=(20, 8)) as pilot:
        app.block.show(lambda _width: LONG)
        await pilot.pause()
        assert app.seen[:2] == ["a line that is too", "short"]
        assert app.block.size.height == 2
        app.block.painted.clear()
        app.block.show(lambda _width: (LONG[0], line("other")))
        await pilot.pause()
        assert app.block.painted == [1]
        app.block.show(lambda width: (line(f"{width} wide"),))
        await pilot.resize_terminal(30, 8)
        await until(pilot, lambda: app.seen[0] == "30 wide")
        assert app.block.get_selection(SELECT_ALL) == ("30 wide", "\n")


async def test_text_wraps_under_its_indent_and_scrolls_past_what_is_above() -> None:
    app = LinesApp()
    async with app.run_test(size=(20, 8)) as pilot:
        app.text.show(lambda _width: (line("  indented and too long"), (span("fits", Tone.ACCENT),)))
        await pilot.pause()
        assert app.seen[:3] == ["   indented and", "   too long", " fits"]
        assert app.text.rows == 3
        for crop in (app.text.size.region, Region(0, 1, 1, 2), Region(3, 0, 9, 4)):
            theirs = Widget.render_lines(app.text, crop)
            assert list(map(cells, app.text.render_lines(crop))) == list(map(cells, theirs))
        app.text.show(lambda _width: numbered(*range(9)), reset=True, above=lambda _width: numbered(0, 1))
        await pilot.pause()
        assert app.seen[0] == " line 2"
        app.text.show(lambda _width: numbered(*range(1, 10)))
        await pilot.pause()
        assert app.seen[0] == " line 3", "it stays where it was scrolled to"
        app.text.show(lambda _width: numbered(*range(9)), reset=True)
        await pilot.pause()
        assert app.seen[0] == " line 0"
        app.text.show(lambda _width: (line("of 1,600 pages ", span("10"), " %"), line("a_word_that_is_too_long 4 kB")))
        await pilot.pause()
        assert app.text.text.split("\n") == ["of 1,600 pages", "10 %", "a_word_that_is_to", "o_long 4 kB"]


async def test_a_scrollbar_that_is_told_of_a_place_past_the_end_is_drawn_all_the_same() -> None:
    app = LinesApp()
    async with app.run_test(size=(20, 8)) as pilot:
        app.text.show(lambda _width: numbered(*range(20)), reset=True)
        await pilot.pause()
        bar = app.text.vertical_scrollbar
        assert isinstance(bar, LineScrollBar)
        for place in (500, 0):
            bar.position = place
            await pilot.pause()
            assert len(bar._shown) == bar.size.height > 0


async def test_text_of_another_length_lays_nothing_out_and_is_not_scrolled_past_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = LinesApp()
    async with app.run_test(size=(20, 8)) as pilot:
        app.text.show(lambda _width: numbered(*range(20)))
        await pilot.pause()
        app.text.scroll_to(y=16, animate=False, force=True)
        await pilot.pause()
        laid_out: list[object] = []
        monkeypatch.setattr(app.screen, "_refresh_layout", lambda *size, **_: laid_out.append(size))
        app.text.show(lambda _width: numbered(*range(10)))
        await pilot.pause()
        assert app.text.scroll_offset.y == 6
        assert app.seen[:4] == [" line 6", " line 7", " line 8", " line 9"]
        assert app.text.vertical_scrollbar.window_virtual_size == 10
        assert not laid_out


async def test_the_mouse_takes_text_along() -> None:
    app = LinesApp()
    async with app.run_test(size=(20, 8)) as pilot:
        app.text.show(lambda _width: numbered(*range(9)), reset=True, above=lambda _width: numbered(0, 1))
        await pilot.pause()
        await pilot.mouse_down(app.text, offset=(3, 1))
        await pilot.hover(app.text, offset=(4, 2))
        await pilot.mouse_up(app.text, offset=(4, 2))
        assert app.screen.get_selected_text() == "ne 3\nline"
        shown = app.screen._compositor.render_strips()[1]
        marked = app.screen.get_component_rich_style("screen--selection").bgcolor
        assert "".join(text for text, style, _ in shown if style and style.bgcolor == marked).startswith("ne 3")


async def test_where_each_cell_is_in_the_text_is_only_found_for_the_mouse(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    apply_offsets = Strip.apply_offsets

    def count(strip: Strip, x: int, y: int) -> Strip:
        found.append(y)
        return apply_offsets(strip, x, y)

    app = LinesApp()
    async with app.run_test(size=(20, 8)) as pilot:
        monkeypatch.setattr(Strip, "apply_offsets", count)
        app.block.show(lambda _width: LONG)
        app.text.show(lambda _width: numbered(*range(9)))
        await pilot.pause()
        assert app.seen[1:4] == ["short", " line 0", " line 1"]
        assert not found
        await pilot.mouse_down(app.text, offset=(3, 1))
        await pilot.mouse_up(app.text, offset=(3, 1))
        assert set(found) == {1}


async def test_a_changed_line_is_painted_without_a_message_to_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    app = LinesApp()
    async with app.run_test(size=(20, 8)) as pilot:
        app.block.show(lambda _width: LONG)
        await pilot.pause()
        told: list[object] = []
        on_update = Screen._on_update

        async def hear(screen: Screen[None], message: Update) -> None:
            told.append(message.widget)
            await on_update(screen, message)

        monkeypatch.setattr(Screen, "_on_update", hear)
        app.block.show(lambda _width: (LONG[0], line("other")))
        await until(pilot, lambda: not app.block._repaint_regions)
        assert app.seen[1] == "other"
        assert not told
        app.block.refresh()  # all of it
        await until(pilot, lambda: told == [app.block])
