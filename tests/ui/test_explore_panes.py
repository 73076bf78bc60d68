"""The layout of Explore's panes at each size, and how Tab cycles through them."""

import asyncio
from dataclasses import replace

import pytest

from mmexplorer.present.region.users import NO_USERS
from mmexplorer.present.text.line import plain
from mmexplorer.ui.widgets.shared_row import SharedRow
from tests.support.pilots.app import MEDIUM, SMALL, WIDE
from tests.support.pilots.explore import explore

PANES = ("processes", "regions", "elf", "details")


async def test_three_panes_stand_side_by_side_at_160_columns() -> None:
    async with explore(WIDE) as it:
        assert it.visible(PANES) == list(PANES)
        tops = {it.screen.query_one(f"#{name}").region.y for name in PANES[:3]}
        assert len(tops) == 1
        assert all(title in it.lines[1] for title in ("Processes ─ 6 of 7", "Regions of cat (8360)", "ELF cat"))
        assert not it.screen.query_one("#pane-tabs").display
        assert "fake · Linux 6.18.0" in it.lines[0]
        assert max(map(len, it.lines)) <= 160
        scene = it.source.scene
        few = tuple(process for process in scene.processes if not process.kernel_thread)

        async def places(count: int) -> list[tuple[int, int]]:
            """List this many processes; return the row and the width of each pane."""
            it.source.scene = replace(scene, processes=few[:count])
            await it.settle()
            return [(region.y, region.width) for region in (it.screen.query_one(f"#{name}").region for name in PANES)]

        beside = await places(6)
        above = await places(3)
        assert above[0] == (1, 160), "a short list leaves its room to the others"
        assert above[1][0] == above[2][0] == 1 + 3 + 3
        assert above[1][1] + above[2][1] == 160
        assert await places(5) != beside, "it is as long as it has to be"
        assert await places(3) == await places(5), "and doesn't move with each process"
        it.source.scene = scene
        await it.settle()


async def test_two_panes_at_120_columns_and_the_processes_take_the_place_of_the_file() -> None:
    async with explore(MEDIUM) as it:
        assert it.visible(PANES) == ["regions", "elf", "details"]
        await it.press("shift+tab")
        assert it.focused == "process-table"
        assert it.visible(PANES) == ["processes", "regions", "details"]


async def test_one_pane_at_a_time_at_80_columns_under_tabs() -> None:
    async with explore(SMALL) as it:
        assert it.lines[1] == " Processes │ Regions │ ELF │ Details"
        assert it.visible(PANES) == ["regions"]
        assert max(map(len, it.lines)) <= 80
        walked = []
        for _ in PANES:
            await it.press("tab")
            walked.append((it.visible(PANES), it.focused))
        assert walked == [
            (["elf"], "segments"),
            (["details"], "region"),
            (["processes"], "process-table"),
            (["regions"], "region-table"),
        ]
        for name in ("processes", "details", "elf", "regions"):
            await it.press("shift+tab")
            assert it.visible(PANES) == [name]


async def test_columns_fit_a_pane_whose_place_was_asked_for_before_it_was_laid_out() -> None:
    async with explore(WIDE) as it:
        table, row, places = it.table("region-table"), it.screen.query_one(SharedRow), it.screen._compositor
        before = table.size.width
        row.first = "elf"
        row.share_again()
        row.children[0]._check_refresh()  # it asks the screen for a layout
        places.update_widgets({it.screen.query_one("#memory")})  # it is hidden: all places are worked out again
        assert places.full_map[table].region.width < before
        await it.settle()
        assert table.size.width < before
        assert table._painter.width == table.scrollable_content_region.width


async def test_columns_that_have_no_room_leave_a_sign() -> None:
    async with explore(SMALL) as it:
        header = next(line for line in it.lines if "START" in line)
        assert "›" in header
        assert "WHAT" in header


@pytest.mark.parametrize("size", [WIDE, MEDIUM, SMALL])
async def test_a_tiny_terminal_and_back(size: tuple[int, int]) -> None:
    async with explore(size) as it:
        await it.press("j", "j")
        before = it.text
        await it.shrink_and_grow(size)
        assert it.cursor("region-table") == 0x559499A85000
        # The age of the counters keeps increasing.
        assert it.text.split("\n")[1:] == before.split("\n")[1:]


READ_TABS = 5
"""Tabs that only read live processes: pages, walk, bytes, security, faults."""


async def test_details_walk_through_their_tabs() -> None:
    async with explore(WIDE) as it:
        sentences = (
            "559499a7d000 is the read-only data of cat: LOAD #2",
            "The map was the same",
            "This process has one thread",
            "BY   WHAT",
            "needs a live process",
            plain(NO_USERS),
            "The lab process hasn't done anything yet",
        )
        pages = 4
        read = [sentences[pages]] * READ_TABS
        after = (*sentences[pages + 1 :], sentences[0])
        for seen in (*sentences[:2], sentences[pages], *sentences[2:pages], *read, *after):
            assert await it.sees(seen)
            assert [sentence for sentence in sentences if sentence in it.text] == [seen]
            await it.press("d")


async def test_names_of_tabs_panes_and_keys_can_be_clicked() -> None:
    async with explore(SMALL) as it:

        async def click(name: str, text: str) -> None:
            widget = it.screen.query_one(f"#{name}")
            top = widget.region
            lines = [line[top.x : top.right] for line in it.lines[top.y : top.bottom]]
            y = next(y for y, line in enumerate(lines) if text in line)
            await it.pilot.click(widget, offset=(lines[y].index(text), y))
            await it.settle()

        await click("pane-tabs", "Processes")
        assert it.focused == "process-table"
        await click("processes", "sort")
        assert await it.sees("Sort by")
        await it.press("escape")
        await click("pane-tabs", "Details")
        await click("details", "Totals")
        assert await it.sees("REGIONS")
        await click("details", "kind heap")
        assert await it.sees("kind=heap")
        assert it.focused == "region-table"


async def test_the_pane_with_the_focus_has_its_columns_and_z_the_whole_width() -> None:
    async with explore(WIDE) as it:
        assert all(title in it.text for title in ("PSS", "DIRTY", "SWAP", "OFFSET"))
        await it.press("shift+tab")
        assert await it.sees("USER", "THR", "FLT/S")
        await it.press("tab", "tab", "e")
        assert await it.sees("ADDRESS", "OFFSET", "FLG")
        await it.press("z")
        assert it.screen.query_one("#elf").region.width == WIDE[0]
        await it.press("z")
        assert it.screen.query_one("#elf").region.width < WIDE[0]


async def test_a_tab_is_whole_even_if_whoever_asked_for_it_was_cancelled() -> None:
    async with explore(WIDE) as it:
        tabs = it.screen._details._tabs
        asked = asyncio.create_task(tabs.make("users"))
        while len(tabs.children) == 1:  # noqa: ASYNC110 - no event announces it
            await asyncio.sleep(0)
        asked.cancel()
        await tabs.make("users")
        assert tabs.tab("users") is not None
