"""The layout of the System screen's panes at each size, and how Tab cycles through them."""

from pathlib import Path

import pytest
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.parse.system.meminfo import parse_meminfo
from mmexplorer.ui.themes import THEMES
from tests.support.fakes.system import FakeSystem
from tests.support.pilots.app import LOW, MEDIUM, SMALL, WIDE
from tests.support.pilots.system import watch

PANES = ("free", "meaning", "sar", "charts", "oom", "oom-details")


@pytest.mark.smoke
@pytest.mark.parametrize("size", [WIDE, MEDIUM])
async def test_all_six_panes_where_there_is_room(size: tuple[int, int]) -> None:
    async with watch(size) as it:
        assert it.visible(PANES) == list(PANES)
        assert max(map(len, it.lines)) <= size[0]
        assert "System" in it.lines[0]
        assert " avail " in it.lines[0]
        assert not it.screen.query_one("#pane-tabs").display


async def test_one_row_of_panes_on_a_low_screen_under_tabs() -> None:
    async with watch(LOW) as it:
        assert it.lines[1] == " free │ sar │ Charts │ OOM killer │ Settings, limits"
        assert it.visible(PANES) == ["free", "meaning"]
        await it.focus("charts-block")
        assert it.visible(PANES) == ["sar", "charts"]
        await it.focus("oom-details-text")
        assert it.visible(PANES) == ["oom", "oom-details"]


async def test_one_part_at_a_time_at_80_columns_under_tabs() -> None:
    async with watch(SMALL) as it:
        assert it.lines[1] == " free │ sar │ Charts │ OOM killer │ Settings, limits"
        walked = []
        for _ in range(6):
            walked.append((it.focused, it.visible(PANES)))
            assert max(map(len, it.lines)) <= 80
            await it.press("tab")
        assert walked == [
            ("free-table", ["free", "meaning"]),
            ("meaning-text", ["free", "meaning"]),
            ("sar-table", ["sar"]),
            ("charts-block", ["charts"]),
            ("oom-table", ["oom"]),
            ("oom-details-text", ["oom-details"]),
        ]
        assert it.focused == "free-table"
        await it.press("shift+tab")
        assert it.focused == "oom-details-text"


async def test_tabs_that_come_all_at_once_are_all_obeyed() -> None:
    async with watch() as it:
        for _ in range(3):
            it.screen.action_next_pane(1)
        await it.settle()
        assert it.focused == "charts-block"


async def test_columns_and_text_that_have_no_room_leave_a_sign() -> None:
    async with watch(SMALL) as it:
        meaning = it.screen.query_one("#meaning-text")
        assert meaning.virtual_size.height > meaning.size.height
        assert meaning.show_vertical_scrollbar
        await it.focus("sar-table")
        assert "›" in it.pane("sar").splitlines()[1]


@pytest.mark.parametrize("size", [WIDE, MEDIUM, SMALL])
async def test_a_tiny_terminal_and_back(size: tuple[int, int]) -> None:
    async with watch(size) as it:
        await it.look(3)
        before = it.text
        await it.shrink_and_grow(size)
        assert it.text == before


async def test_every_theme_paints_it_and_another_theme_changes_its_colours() -> None:
    async with watch() as it:
        await it.look(2)
        seen = set()
        for theme in THEMES:
            it.app.theme = theme.name
            await it.settle()
            seen.add(str(it.screen.query_one("#meaning-text").render_line(0)))
            assert "What available means" in it.text
        assert len(seen) == len(THEMES)


def _count_paints(widget: Widget, painted: list[str]) -> None:
    paint = widget.render_line

    def counted(y: int) -> Strip:
        painted.append(f"{widget.id} {y}")
        return paint(y)

    widget.render_line = counted  # type: ignore[method-assign] # of this one


async def test_a_look_at_which_nothing_changed_paints_next_to_nothing() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look(2)
        painted: list[str] = []
        for name in ("free-table", "meaning-text", "oom-table", "oom-details-text"):
            _count_paints(it.screen.query_one(f"#{name}"), painted)
        await it.look(3)
        assert painted == []


async def test_the_real_machine_is_shown_as_meminfo_tells_it() -> None:
    def kilobytes(name: str) -> int:
        return parse_meminfo(Path("/proc/meminfo").read_bytes())[name] // 1024

    async with watch(system=LiveSystem()) as it:
        await it.look(2)
        await it.press("u", "u")
        total = kilobytes("MemTotal")

        async def agrees() -> bool:
            """Return whether the free memory shown is between that before and after; others may use and free a lot."""
            first = kilobytes("MemFree")
            await it.look()
            second = kilobytes("MemFree")
            words = it.words("free").split()
            figures = words[words.index("Mem") + 1 :][:6]
            assert int(figures[0]) == total
            slack = total // 50
            return min(first, second) - slack <= int(figures[2]) <= max(first, second) + slack

        for _ in range(23):
            if await agrees():
                break
        else:
            pytest.fail("free memory was never between the readings before and after")
        assert len(it.ranking._rows) > 1
        assert f"{total}" in it.pane("free")
