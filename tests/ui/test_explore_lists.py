"""Filters and sort orders of the two lists."""

import pytest
from textual.geometry import Offset

from mmexplorer.model.process.users import CachedPages, Share, Use, UsedFile, Users
from mmexplorer.model.region import FileId
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.widgets.list_pane import ListPane
from mmexplorer.ui.widgets.table.table import Table
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.explore import Explorer, explore


def starts(it: Explorer) -> list[str]:
    """Return the first column of the regions."""
    return [row.split()[0] for row in it.rows("region-table")]


def pids(it: Explorer) -> list[str]:
    """Return the first column of the processes."""
    return [row.split()[0] for row in it.rows("process-table")]


@pytest.mark.smoke
async def test_the_filter_is_live_and_enter_keeps_it() -> None:
    async with explore(WIDE) as it:
        await it.press("slash")
        counts = []
        for letter in "libc":
            await it.press(letter)
            counts.append(len(it.rows("region-table")))
        assert counts == [8, 6, 6, 6]
        assert it.prompt_is_open()
        assert "6 of 16 · VSZ" in it.lines[1]
        await it.press("enter")
        assert not it.prompt_is_open()
        assert it.focused == "region-table"
        assert len(it.rows("region-table")) == 6
        assert "/ libc" in it.text
        await it.press("escape")
        assert len(it.rows("region-table")) == 16


async def test_a_wrong_expression_says_where_and_keeps_the_last_list() -> None:
    async with explore(SMALL) as it:
        await it.press("slash")
        await it.type("perm:rw?p")
        kept = it.rows("region-table")
        assert len(kept) == 6
        await it.type(" colour:red")
        assert it.note.startswith("at 11: ")
        assert "colour" in it.note
        assert it.rows("region-table") == kept
        await it.press("enter")
        assert it.prompt_is_open()
        assert it.rows("region-table") == kept


async def test_escape_in_the_prompt_restores_what_stood_before() -> None:
    async with explore(WIDE) as it:
        await it.filter("kind:heap")
        assert starts(it) == ["5594b2c00000"]
        await it.press("slash")
        await it.type(" nothing")
        assert starts(it) == []
        assert "No region matches kind:heap nothing." in it.text
        await it.press("escape")
        assert not it.prompt_is_open()
        assert starts(it) == ["5594b2c00000"]


async def test_each_kind_of_condition() -> None:
    async with explore(WIDE) as it:
        for expression, count in (("size>1M", 1), ("path:cat", 5), ("kind:code", 2), ("!libc", 10), ('"[stack]"', 1)):
            await it.filter(expression)
            assert len(it.rows("region-table")) == count, expression
            await it.press("escape")


async def test_the_cursor_stays_on_its_region_through_filter_and_sort() -> None:
    async with explore(WIDE) as it:
        await it.go_to("7f3a4c026000")
        await it.press("slash")
        await it.type("libc")
        assert it.cursor("region-table") == 0x7F3A4C026000
        await it.press("escape", "greater_than_sign", "S")
        assert it.cursor("region-table") == 0x7F3A4C026000


async def test_the_filter_of_the_processes_is_theirs() -> None:
    async with explore(WIDE) as it:
        await it.press("shift+tab", "slash")
        await it.type("user:postgres")
        assert pids(it) == ["1022"]
        assert len(it.rows("region-table")) == 16
        await it.type("x")
        assert await it.sees("No process matches user:pos")
        await it.press("escape")
        assert len(pids(it)) == 6


async def test_what_only_processes_have_filters_these_wherever_it_is_typed() -> None:
    async with explore(WIDE) as it:
        await it.press("slash")
        await it.type("libc")
        await it.press("enter", "slash", *["backspace"] * 4)
        await it.type("user:postgres")
        await it.press("enter")
        assert pids(it) == ["1022"]
        assert it.screen.query_one("#regions", ListPane).filter_text == "libc"


async def test_s_sorts_by_the_next_column_and_shift_s_turns_it_round() -> None:
    async with explore(WIDE) as it:
        address_order = starts(it)
        await it.press("S")
        assert starts(it) == address_order[::-1]
        assert "START▼" in it.text
        await it.press("greater_than_sign")
        assert "SIZE▼" in it.text
        assert starts(it)[:2] == ["7f3a4c026000", "7f3a4c17b000"]
        await it.press("less_than_sign")
        assert starts(it) == address_order


async def test_any_column_can_be_chosen_to_sort_by_and_the_first_rows_are_then_seen() -> None:
    async with explore(SMALL) as it:
        await it.press("G")
        last = it.cursor("region-table")
        assert "OFFSET" not in it.text
        await it.press("s")
        assert "OFFSET" in it.text
        picker = it.app.screen.query_one(Table)
        picker.move_to("offset")
        await it.press("enter")
        assert it.cursor("region-table") == last
        assert it.table("region-table").scroll_offset.y == 0
        offsets = [int(row.split()[7], 16) for row in it.rows("region-table") if row.split()[7].startswith("0x")]
        assert offsets == sorted(offsets)
        before = it.lines[1:-1]
        await it.press("s", "escape")
        assert it.lines[1:-1] == before


async def test_what_is_typed_pushes_nothing_away() -> None:
    async with explore(WIDE) as it:
        before = it.lines[1:-1]
        await it.press("slash")
        assert it.prompt_is_open()
        assert [line for line in it.lines[1:-1] if "Regions" in line] == [line for line in before if "Regions" in line]
        assert len([1 for old, new in zip(before, it.lines[1:-1], strict=True) if old == new]) > len(before) - 6
        await it.press("escape")
        assert it.lines[1:-1] == before


async def test_a_click_on_a_header_sorts_and_another_turns_it_round() -> None:
    async with explore(WIDE) as it:
        assert pids(it) == ["8360", "8402", "1022", "731", "950", "900"]
        table = it.table("process-table")
        await it.pilot.click(table, offset=Offset(7, 0))
        await it.settle()
        assert pids(it) == sorted(pids(it), key=int)
        assert "PID▲" in it.text
        await it.pilot.click(table, offset=Offset(7, 0))
        await it.settle()
        assert pids(it) == sorted(pids(it), key=int, reverse=True)


async def test_holes_are_rows_on_demand() -> None:
    async with explore(WIDE) as it:
        assert not any("hole" in row for row in it.rows("region-table"))
        await it.press("o")
        holes = [row for row in it.rows("region-table") if "hole" in row]
        assert len(holes) == 6
        await it.press(*"jjjjj")
        assert it.cursor("region-table") == ("hole", 0x559499A8A000)
        assert "is a hole of" in it.text
        await it.press("o")
        assert len(it.rows("region-table")) == 16


async def test_kernel_threads_are_hidden_until_asked_for() -> None:
    async with explore(WIDE) as it:
        assert "2" not in pids(it)
        await it.press("K")
        assert "2" in pids(it)
        assert "[kthreadd]" in it.text
        assert "Processes ─ 7 of 7" in it.text
        await it.press("K")
        assert "2" not in pids(it)


async def test_processes_are_filtered_by_what_their_regions_are_like() -> None:
    async with explore(WIDE) as it:
        await it.press("shift+tab", "slash")
        await it.type("path:libc perm:x")
        await it.press("enter")
        await it.settle()
        titles = [column.key for column in it.table("process-table")._columns]
        assert titles[1:3] == ["hits", "hitsize"]
        pane = it.screen.query_one("#processes", ListPane)
        assert pane.outer_size.width == pane.needs.whole < it.screen.size.width / 2
        rows = it.rows("process-table")
        assert rows
        assert all(int(row.split()[1]) > 0 for row in rows)
        await it.press("enter")
        await it.settle()
        assert it.focused == "region-table"
        assert it.screen._regions.filter_text == "path:libc perm:x"
        assert [row for row in it.rows("region-table") if "libc" not in row] == []
        await it.press("shift+tab", "escape")
        await it.settle()
        assert "hits" not in [column.key for column in it.table("process-table")._columns]
        assert len(it.rows("process-table")) > len(rows)


async def test_who_uses_a_file_is_listed_and_enter_goes_there() -> None:
    async with explore(WIDE) as it:
        user = it.source.scene.processes[-1]
        file = UsedFile("/usr/bin/cat", FileId("fe:00", 1), (1, 1))
        use = Use(user, 1, 4096, writable=False, share=Share(4096, 4096), descriptors=(3,), first=0)
        it.source.users_answer = Users(file, CachedPages(5, 0, 0, 0, 0), (use,), 3, ())
        await it.press("w")
        await it.settle()
        assert "page cache 5 pages" in it.text
        assert [row.split()[0] for row in it.rows("user-table")] == [str(user.pid)]
        it.screen.query_one(Details).take_focus()
        await it.press("enter")
        await it.settle()
        assert it.screen._poller.target == user.key
        it.source.users_answer = Unavailable(Cause.UNSUPPORTED, "no file is behind this region")
        await it.press("w")
        await it.settle()
        assert "no file is behind this region" in it.text
        assert "w asks which" not in it.text
