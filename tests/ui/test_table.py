"""The table as a user sees it: the cursor keeps its row, and keys and mouse work."""

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

import pytest
from rich.color import ColorSystem
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import line
from mmexplorer.ui.terminal.picture import _Palette, cells
from tests.support.patience import PATIENCE
from tests.support.pilots.table import COLUMNS, Item, TableApp, items
from tests.support.pilots.waiting import until

pytestmark = pytest.mark.smoke

MORE_LEFT, MORE_RIGHT = (
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
    "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
)

SIZE = (60, 11)
"""A header and ten rows."""


async def settle(pilot: Pilot[None], app: TableApp) -> None:
    """Finish what is under way, then forget the lines painted, keys computed and messages received so far."""
    await pilot.pause()
    app.table.painted.clear()
    app.keys.calls = 0
    app.heard.messages.clear()


async def test_rows_stand_under_their_titles() -> None:
    app = TableApp(items(1, 22))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert app.seen[:4] == [
            "     NO   SIZE   DOUBLE NAME",
            "▌     1     10       20 name1",
            "     22    220      440 name22",
            "",
        ]


async def test_the_first_rows_are_announced() -> None:
    app = TableApp(items(7, 8))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert app.heard.highlighted == [(7, False)]
        assert app.table.cursor_row == app._rows[0]


async def test_only_who_listens_receives_what_the_table_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    app = TableApp(items(1, 2, 3))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot, app)
        received: list[tuple[str, str]] = []
        dispatch = MessagePump._dispatch_message

        async def noted(pump: MessagePump, message: Message) -> None:
            received.append((type(message).__name__, type(pump).__name__))
            await dispatch(pump, message)

        monkeypatch.setattr(MessagePump, "_dispatch_message", noted)
        await pilot.press("j", "enter")
        await pilot.pause()
        told = [each for each in received if each[0] in ("Highlighted", "Activated")]
        assert told == [("Highlighted", "TableApp"), ("Activated", "TableApp")]


async def test_cursor_follows_its_row_through_a_sort_and_stays_on_its_line() -> None:
    rows = items(*range(100))
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.move_to(40)
        await settle(pilot, app)
        before = app.cursor_line
        app.table.set_rows(rows[::-1])
        await pilot.pause()
        assert app.table.cursor_row == rows[40]
        assert app.cursor_line == before
        assert "name40" in app.seen[before]
        assert app.heard.highlighted == []


async def test_cursor_stays_on_its_line_when_rows_are_inserted_above() -> None:
    rows = items(*range(0, 200, 2))
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.move_to(100)
        await settle(pilot, app)
        before = app.seen
        app.table.set_rows(sorted([*rows, *items(1, 3, 5)], key=lambda item: item.number))
        await pilot.pause()
        assert app.seen == before


async def test_cursor_follows_its_row_through_a_filter() -> None:
    rows = items(*range(100))
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.move_to(42)
        await settle(pilot, app)
        app.table.set_rows([row for row in rows if row.number % 21 == 0])
        await pilot.pause()
        assert app.table.cursor_row == rows[42]
        assert [text.split()[-1] for text in app.seen[1:6]] == ["name0", "name21", "name42", "name63", "name84"]
        assert app.cursor_line == 3


@pytest.mark.parametrize(
    ("gone", "now_on"),
    [({50}, 51), ({49, 50}, 51), ({50, 51, 52}, 49), (set(range(50, 100)), 49), (set(range(100)) - {10, 70}, 70)],
)
async def test_cursor_of_a_row_that_is_gone_goes_to_its_nearest_neighbour(gone: set[int], now_on: int) -> None:
    rows = items(*range(100))
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.move_to(50)
        await settle(pilot, app)
        app.table.set_rows([row for row in rows if row.number not in gone])
        await pilot.pause()
        assert app.heard.highlighted == [(now_on, False)]
        assert f"name{now_on}" in app.seen[app.cursor_line]


async def test_view_stays_when_the_cursor_is_out_of_sight() -> None:
    rows = items(*range(0, 200, 2))
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.scroll_to(y=60, animate=False)
        await settle(pilot, app)
        before = app.seen
        app.table.set_rows(sorted([*rows, *items(1, 3, 5)], key=lambda item: item.number))
        await pilot.pause()
        assert app.seen == before
        assert app.table.cursor_row == rows[0]


async def test_rows_of_another_thing_begin_at_the_first() -> None:
    app = TableApp(items(*range(100)))
    async with app.run_test(size=SIZE) as pilot:
        app.table.move_to(50)
        await settle(pilot, app)
        app.table.set_rows(items(*range(40, 90)), reset=True)
        await pilot.pause()
        assert app.cursor_line == 1
        app.table.set_rows(items(40), reset=True)
        await pilot.pause()
        assert app.heard.highlighted == [(40, False), (40, False)]


async def test_all_rows_gone_shows_the_sentence_and_says_that_there_is_no_row() -> None:
    app = TableApp(items(1, 2))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot, app)
        app.table.set_rows(())
        await pilot.pause()
        assert app.seen[1:3] == [" nothing to see: no [rows] at all", ""]
        assert app.heard.highlighted == [(None, False)]
        assert app.table.cursor_row is None
        await pilot.press("down", "enter", "end", "pageup")
        assert app.heard.activated == []
        app.table.set_rows(items(3))
        await pilot.pause()
        assert app.seen[1].endswith("name3")


async def test_a_long_sentence_is_wrapped_at_words() -> None:
    app = TableApp()
    async with app.run_test(size=(24, 6)) as pilot:
        app.table.set_empty(line("permission denied: another user's process; run with sudo"))
        await pilot.pause()
        assert app.seen[1:5] == [" permission denied:", " another user's", " process; run with", " sudo"]


@pytest.mark.parametrize(
    ("keys", "number"),
    [
        ("down", 51),
        ("j", 51),
        ("up", 49),
        ("k", 49),
        ("pagedown", 60),
        ("pageup", 40),
        ("ctrl+d", 55),
        ("ctrl+u", 45),
        ("home", 0),
        ("g", 0),
        ("end", 99),
        ("G", 99),
        ("end down", 99),
        ("home up", 0),
    ],
)
async def test_keys_move_the_cursor(keys: str, number: int) -> None:
    app = TableApp(items(*range(100)))
    async with app.run_test(size=SIZE) as pilot:
        app.table.move_to(50)
        await settle(pilot, app)
        await pilot.press(*keys.split())
        await pilot.pause()
        assert app.heard.highlighted == [(number, True)]
        assert f"name{number}" in app.seen[app.cursor_line]


async def test_a_page_keeps_the_cursor_on_its_line() -> None:
    app = TableApp(items(*range(100)))
    async with app.run_test(size=SIZE) as pilot:
        app.table.move_to(50)
        await pilot.press("up", "up", "up")
        before = app.cursor_line
        await pilot.press("pagedown")
        await pilot.pause()
        assert app.cursor_line == before
        assert app.table.cursor_row == Item(57, "name57", 570)


async def test_enter_opens_the_row() -> None:
    app = TableApp(items(1, 2, 3))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.heard.activated == [2]


async def test_a_click_selects_and_a_double_click_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TableApp, "CLICK_CHAIN_TIME_THRESHOLD", PATIENCE)
    app = TableApp(items(1, 2, 3))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot, app)
        await pilot.click(app.table, offset=(10, 2))
        await pilot.pause()
        assert (app.heard.highlighted, app.heard.activated) == ([(2, True)], [])
        await pilot.double_click(app.table, offset=(10, 3))
        await pilot.pause()
        assert (app.heard.highlighted, app.heard.activated) == ([(2, True), (3, True)], [3])
        await pilot.click(app.table, offset=(10, 8))
        await pilot.pause()
        assert app.heard.highlighted[-1] == (3, True)


@pytest.mark.parametrize(("x", "key"), [(1, "number"), (6, "number"), (10, "size"), (20, "double"), (40, "name")])
async def test_a_click_on_a_title_names_the_column(x: int, key: str) -> None:
    app = TableApp(items(1, 2, 3))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot, app)
        await pilot.click(app.table, offset=(x, 0))
        await pilot.pause()
        assert app.heard.sorted_by == [key]
        assert app.heard.highlighted == []


async def test_clicks_count_from_inside_a_border() -> None:
    app = TableApp(items(1, 2, 3))
    async with app.run_test(size=SIZE) as pilot:
        app.table.styles.border = ("round", "white")
        await settle(pilot, app)
        await pilot.click(app.table, offset=(4, 1))
        await pilot.click(app.table, offset=(4, 3))
        await pilot.pause()
        assert (app.heard.sorted_by, app.heard.highlighted) == (["number"], [(2, True)])


async def test_the_wheel_scrolls_and_leaves_header_and_cursor() -> None:
    app = TableApp(items(*range(100)))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot, app)
        for _ in range(4):
            await pilot._post_mouse_events([events.MouseScrollDown], app.table, offset=(5, 5))
        await pilot.pause()
        assert app.seen[0].split() == ["NO", "SIZE", "DOUBLE", "NAME"]
        assert app.seen[1].split()[-1] == f"name{app.table.scroll_offset.y}"
        assert app.table.scroll_offset.y > 0
        assert app.table.cursor_row == Item(0, "name0", 0)
        assert app.heard.highlighted == []


async def test_the_sort_is_shown_in_the_header() -> None:
    app = TableApp(items(1, 2))
    async with app.run_test(size=SIZE) as pilot:
        app.table.set_sort("size", descending=True)
        await pilot.pause()
        assert app.seen[0] == "     NO  SIZE▼   DOUBLE NAME"
        app.table.set_sort("double")
        await pilot.pause()
        assert app.seen[0] == "     NO   SIZE  DOUBLE▲ NAME"
        app.table.set_sort(None)
        await pilot.pause()
        assert app.seen[0] == "     NO   SIZE   DOUBLE NAME"


@pytest.mark.parametrize(
    ("width", "header"),
    [
        (36, "     NO   SIZE   DOUBLE NAME"),
        (35, "     NO   SIZE   DOUBLE NAME"),
        (34, "     NO   SIZE NAME" + 13 * " " + MORE_RIGHT),
        (27, "     NO   SIZE NAME" + 6 * " " + MORE_RIGHT),
        (26, "     NO NAME" + 12 * " " + MORE_RIGHT),
    ],
)
async def test_columns_leave_by_priority_and_a_sign_says_so(width: int, header: str) -> None:
    app = TableApp(items(1, 2))
    async with app.run_test(size=(width, 11)) as pilot:
        await pilot.pause()
        assert app.seen[0] == header


def numbered(number: int) -> Column[Item]:
    return Column(f"c{number}", f"TITLE{number}", 8, lambda item: line(f"{item.number}-{number}"))


async def test_columns_without_room_are_scrolled_to_beside_the_frozen_ones() -> None:
    columns = (replace(numbered(0), frozen=True), *(numbered(number) for number in range(1, 6)))
    app = TableApp(items(1, 2), columns)
    async with app.run_test(size=(30, 6)) as pilot:
        await pilot.pause()
        assert app.seen[0] == " TITLE0   TITLE1   TITLE2   " + MORE_RIGHT
        await pilot.press("right")
        await pilot.pause()
        assert app.seen[0] == f"{MORE_LEFT}TITLE0   TITLE3   TITLE4   {MORE_RIGHT}"
        assert app.seen[1].startswith("▌1-0      1-3")
        await pilot.press("l", "l", "l")
        await pilot.pause()
        assert app.seen[1].rstrip().endswith("1-5")
        assert MORE_RIGHT not in app.seen[0]
        await pilot.press("h", "left", "left")
        await pilot.pause()
        assert app.seen[0].startswith(" TITLE0   TITLE1")
        await pilot.click(app.table, offset=(28, 0))
        await pilot.pause()
        assert app.seen[0].startswith(f"{MORE_LEFT}TITLE0   TITLE3")
        shift = events.MouseScrollUp(app.table, 5, 2, 0, 0, 0, True, False, False)
        app.table.post_message(shift)
        await pilot.pause()
        assert app.seen[0].startswith(" TITLE0   TITLE1")
        await pilot.resize_terminal(80, 6)
        await until(pilot, lambda: app.seen[0] == " TITLE0   TITLE1   TITLE2   TITLE3   TITLE4   TITLE5")


async def test_keys_for_columns_are_left_to_the_screen_when_all_is_seen() -> None:
    app = TableApp(items(1))
    async with app.run_test(size=SIZE) as pilot:
        heard: list[str] = []
        app.action_sideways = lambda: heard.append("left")  # type: ignore[attr-defined] # a screen's own action
        app.bind("left", "sideways")
        await pilot.press("left")
        await pilot.pause()
        assert heard == ["left"]


async def test_marks_and_linked_rows_have_signs() -> None:
    rows = (Item(1, "a", change="+"), Item(2, "b"), Item(3, "c", change="-"))
    app = TableApp(rows, marked=True)
    async with app.run_test(size=SIZE) as pilot:
        app.table.set_linked(frozenset({3}))
        await pilot.pause()
        assert [text[:3] for text in app.seen[1:4]] == ["▌+ ", "   ", "▌- "]
        styles = [strip._segments[-1].style for strip in map(app.table.render_line, (1, 2, 3))]
        assert [bool(style and style.strike) for style in styles] == [False, False, True]
        app.table.set_linked(frozenset())
        await pilot.pause()
        assert app.seen[3].startswith(" - ")


@pytest.mark.parametrize(
    "name",
    [
        "[red]x[/red]",
        "[/usr/bin]",
        "[@click=app.quit]go",
        "\x1b]0;title\x07",
        "a\x9bmb",
        "a\nb",
        "\u202eevil",
        "日本語テキスト",
    ],
)
async def test_names_are_shown_and_never_obeyed(name: str) -> None:
    app = TableApp((Item(1, name), Item(2, "after")))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        raw = "".join(strip.render(app.console) for strip in map(app.table.render_line, range(11)))
        shown = app.seen[1]
        assert shown.endswith(line(name)[0].text)
        assert app.seen[2].endswith("after")
        assert not {"\x07", "\x9b", "\u202e", "\n"} & set(raw)
        assert "\x1b]" not in raw


@pytest.mark.parametrize("name", ["x" * 200, "日本語" * 50, "e\u0301" * 100, "a" + "\u0301" * 500])
async def test_every_line_is_as_wide_as_the_table(name: str) -> None:
    app = TableApp((Item(10**9, name, 10**12), *items(2)))
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        widths = {app.table.render_line(y).cell_length for y in range(6)}
        assert widths == {39}
        assert "…" in app.seen[1]


async def test_only_lines_that_read_differently_are_painted() -> None:
    rows = items(*range(100))
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot, app)
        app.table.set_rows(list(rows))
        await pilot.pause()
        assert app.table.painted == []
        equal = [Item(row.number, row.name, row.size) for row in rows]
        app.table.set_rows(equal)
        await pilot.pause()
        assert app.table.painted == []
        changed = [Item(4, "other", 1) if row.number == 4 else row for row in equal]
        app.table.set_rows([Item(50, "unseen", 1) if row.number == 50 else row for row in changed])
        await pilot.pause()
        assert app.table.painted == [5]
        assert app.seen[5].endswith("other")


async def test_a_move_paints_two_lines() -> None:
    app = TableApp(items(*range(100)))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot, app)
        await pilot.press("down")
        await pilot.pause()
        assert sorted(app.table.painted) == [1, 2]


async def test_65_000_rows_are_not_gone_through() -> None:
    class Endless(Sequence[Item]):
        """Creates each row on access."""

        asked = 0

        def __len__(self) -> int:
            return 65_000

        @overload
        def __getitem__(self, index: int) -> Item: ...
        @overload
        def __getitem__(self, index: slice) -> Sequence[Item]: ...
        def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
            assert isinstance(index, int)
            self.asked += 1
            return Item(index, f"name{index}", index)

    app = TableApp(Endless())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end")
        await settle(pilot, app)
        assert app.seen[10].endswith("name64999")
        rows = Endless()
        app.table.set_rows(rows)
        await pilot.pause()
        assert app.keys.calls < 20
        assert rows.asked < 200


async def test_columns_can_be_changed() -> None:
    app = TableApp(items(1, 2))
    async with app.run_test(size=SIZE) as pilot:
        app.table.set_columns(COLUMNS[::3])
        await pilot.pause()
        assert app.seen[:2] == ["     NO NAME", "▌     1 name1"]


async def test_a_name_that_would_be_cut_uses_the_empty_cell_to_its_right() -> None:
    rows = (Item(1, "a_name_that_is_long"), Item(2, "a_name_that_is_long", change="+"), Item(3, "short"))
    beside = Column[Item]("change", "DELTA", 6, lambda item: line(item.change) if item.change else (), align="right")
    app = TableApp(rows)
    async with app.run_test(size=(28, 11)) as pilot:
        app.table.set_columns((COLUMNS[0], COLUMNS[3], beside))
        await pilot.pause()
        assert app.seen[:4] == [
            "     NO NAME          DELTA",
            "▌     1 a_name_that_is_long",
            "      2 a_name_that…      +",
            "      3 short",
        ]


async def test_cursor_is_in_sight_after_the_window_shrinks() -> None:
    app = TableApp(items(*range(100)))
    async with app.run_test(size=(60, 40)) as pilot:
        app.table.move_to(38)
        await pilot.resize_terminal(60, 10)
        await until(pilot, lambda: "name38" in app.seen[app.cursor_line])


@pytest.mark.parametrize("theme", ["mmexplorer-dark", "mmexplorer-light", "textual-dark", "textual-light", "ansi-dark"])
async def test_every_theme_can_paint_every_row(theme: str) -> None:
    app = TableApp((Item(1, "a", change="+"), Item(2, "b", change="-")), marked=True)
    async with app.run_test(size=SIZE) as pilot:
        app.theme = theme
        await pilot.pause()
        assert app.seen[2].split() == ["-", "2", "0", "0", "b"]
        added, plain = (app.table.render_line(y)._segments[-1].style for y in (1, 3))
        assert added is not None
        assert added.bold
        assert plain != added


async def test_a_row_of_one_tone_is_not_struck_through_between_its_columns() -> None:
    app = TableApp((Item(1), Item(22, "b", change="-")), marked=True)
    app.theme = "mmexplorer-ansi"
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        strip = app.table.render_line(2)
        struck = "".join("x" if style and style.strike else "." for text, style, _ in strip for _ in text)
        assert struck[:28] == ".x.xxxxxx.xxxxxx.xxxxxxxx.xx"


@pytest.mark.parametrize("theme", ["mmexplorer-dark", "ansi-dark"])
async def test_cursor_is_seen_without_colours(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = TableApp(items(1, 2))
    app.theme = theme
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        styles = [segment.style for segment in app.table.render_line(1)]
        assert all(style is not None and style.reverse for style in styles)
        assert not any(segment.style and segment.style.reverse for segment in app.table.render_line(2))


@pytest.mark.parametrize(("theme", "no_color"), [("mmexplorer-dark", ""), ("mmexplorer-dark", "1"), ("ansi-dark", "")])
async def test_lines_are_painted_as_textual_would_paint_them(
    theme: str, no_color: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    app = TableApp((*items(*range(50)), Item(50, change="-")), marked=True)
    app.theme = theme
    async with app.run_test(size=SIZE) as pilot:
        app.table.move_to(20)
        app.table.set_linked(frozenset({18}))
        await settle(pilot, app)
        table = app.table
        for crop in (table.size.region, Region(0, 0, table.size.width - 1, 11), Region(5, 3, 20, 4)):
            ours, textuals = table.render_lines(crop), Widget.render_lines(table, crop)
            palette = _Palette(ColorSystem.TRUECOLOR)
            seen = table.size.width - 1 - crop.x  # all but what is under the scrollbar
            assert [cells(strip, palette)[:seen] for strip in ours] == [
                cells(strip, palette)[:seen] for strip in textuals
            ]
        table.styles.opacity = 0.5
        assert table.render_lines(table.size.region) == Widget.render_lines(table, table.size.region)


async def test_a_scrolled_row_is_painted_in_the_strip_that_it_has() -> None:
    app = TableApp(items(*range(50)))
    async with app.run_test(size=SIZE) as pilot:
        app.table.move_to(20)
        await settle(pilot, app)
        before = app.table.render_lines(Region(0, 1, 59, 10))
        await pilot.press("j")
        after = app.table.render_lines(Region(0, 1, 59, 10))
        assert all(strip is other for strip, other in zip(before[1:9], after[:8], strict=True))


async def test_a_scrollbar_looks_like_textuals_and_paints_what_moved() -> None:
    app = TableApp(items(*range(1_000)))
    async with app.run_test(size=SIZE) as pilot:
        bar = app.table.vertical_scrollbar
        whole = Region(0, 0, 1, 11)
        for place in (0, 3, 500, 999):
            app.table.move_to(place)
            await pilot.pause()
            palette = _Palette(ColorSystem.TRUECOLOR)
            drawn = [cells(strip, palette) for strip in bar.render_lines(whole)]
            textuals = app.console.render_lines(bar.render(), app.console.options.update(width=1, height=11))
            assert drawn == [cells(Strip(line), palette) for line in textuals]
            assert not bar._repaint_regions
        app.table.move_to(500)
        await settle(pilot, app)
        asked = []
        bar.refresh = lambda *regions, **_: asked.append(regions)  # type: ignore[assignment, method-assign]
        for _ in range(20):
            await pilot.press("j")
        assert all(0 < len(regions) <= 4 for regions in asked)
        assert len(asked) < 10
