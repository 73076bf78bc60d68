"""The strip on the screen: scaled to its width, and clickable."""

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen

from mmexplorer.model.region import Range, RegionKind
from mmexplorer.present.region.address_strip import Extent, scale, strip_line
from mmexplorer.present.text.line import line, plain
from mmexplorer.ui.themes import DEFAULT_THEME, THEMES
from mmexplorer.ui.widgets.address_strip import AddressStrip
from tests.support.pilots.table import PartScreen
from tests.support.pilots.waiting import until

pytestmark = pytest.mark.smoke

EXE = Extent(Range(0x5594_0000_0000, 0x5594_0004_0000), RegionKind.CODE, "cat")
HEAP = Extent(Range(0x5594_0010_0000, 0x5594_0030_0000), RegionKind.HEAP, "heap")
STACK = Extent(Range(0x7FFD_8A4C_0000, 0x7FFD_8A4E_1000), RegionKind.STACK, "stack")


class StripApp(App[None]):
    """Only a strip."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME
        self.strip = AddressStrip()
        self.picked: list[int] = []

    def get_default_screen(self) -> Screen[None]:
        """Use our compositor."""
        return PartScreen()

    def compose(self) -> ComposeResult:
        yield self.strip

    def on_address_strip_picked(self, message: AddressStrip.Picked) -> None:
        self.picked.append(message.address)

    @property
    def seen(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]


@pytest.mark.parametrize(("width", "height"), [(160, 2), (120, 2), (119, 1), (80, 1)])
async def test_the_legend_has_a_row_where_there_is_room(width: int, height: int) -> None:
    app = StripApp()
    async with app.run_test(size=(width, 6)) as pilot:
        app.strip.show((EXE, HEAP, STACK), None)
        await pilot.pause()
        assert app.strip.size.height == height
        assert [bool(text) for text in app.seen] == [True] * height + [False] * (6 - height)


async def test_wide() -> None:
    app = StripApp()
    async with app.run_test(size=(160, 6)) as pilot:
        app.strip.show((EXE, HEAP, STACK), HEAP.range)
        await pilot.pause()
        assert app.seen[0].startswith("559400000000 ██")
        assert app.seen[0].endswith("▚ 7ffd8a4e1000")
        assert "◆▞▞" in app.seen[0]
        assert "┄ 42T  ┄" in app.seen[0]
        assert len(app.seen[0]) == 160
        assert app.seen[1] == "             code █  heap ▞  stack ▚"


async def test_narrow_is_all_strip() -> None:
    app = StripApp()
    async with app.run_test(size=(80, 6)) as pilot:
        app.strip.show((EXE, HEAP, STACK), None)
        await pilot.pause()
        assert len(app.seen[0]) == 80
        assert app.seen[0][0] == "█"
        assert app.seen[0][-1] == "▚"


async def test_a_click_picks_the_region_under_it() -> None:
    app = StripApp()
    async with app.run_test(size=(160, 6)) as pilot:
        app.strip.show((EXE, HEAP, STACK), None)
        await pilot.pause()
        for label in ("cat", "heap", "stack", "42T"):
            await pilot.click(app.strip, offset=(app.seen[0].index(label), 0))
        await pilot.click(app.strip, offset=(2, 0))
        await pilot.click(app.strip, offset=(20, 1))
        await pilot.pause()
        inside = [
            next((each for each in (EXE, HEAP, STACK) if each.range.start <= address < each.range.end), None)
            for address in app.picked
        ]
        assert inside == [EXE, HEAP, STACK, None]
        assert app.picked[3] == HEAP.range.end


async def test_other_regions_and_another_width_are_drawn() -> None:
    app = StripApp()
    async with app.run_test(size=(80, 6)) as pilot:
        assert not app.seen[0].strip()
        app.strip.show((EXE,), None)
        await pilot.pause()
        assert set(app.seen[0]) <= set("█ cat")
        app.strip.show((STACK,), STACK.range)
        await pilot.pause()
        assert app.seen[0].startswith("◆▚")
        await pilot.resize_terminal(40, 6)
        await until(pilot, lambda: len(app.seen[0]) == 40)
        app.strip.show((), None, nothing=line("nothing is mapped"))
        await pilot.pause()
        assert app.seen[0] == "nothing is mapped"


async def test_the_strip_of_very_many_regions_comes_a_moment_later_and_is_marked() -> None:
    many = [
        Extent(Range(start, start + 0x1000), RegionKind.ANON)
        for start in range(0x7F00_0000_0000, 0x7F00_0000_0000 + 5_000 * 0x1000, 0x1000)
    ]
    app = StripApp()
    async with app.run_test(size=(80, 6)) as pilot:
        app.strip.show((EXE,), None)
        app.strip.show(many, many[2_500].range)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.seen[0] == plain(strip_line(scale(many, 80, many[2_500].range)))
        app.strip.show(many, many[0].range)
        await pilot.pause()
        assert app.seen[0] == plain(strip_line(scale(many, 80, many[0].range)))


async def test_another_region_is_marked_without_painting_the_legend_again() -> None:
    app = StripApp()
    extents = (EXE, HEAP, STACK)
    async with app.run_test(size=(160, 6)) as pilot:
        app.strip.show(extents, HEAP.range)
        await pilot.pause()
        legend, painted = app.seen[1], []
        render = app.strip.render_line
        app.strip.render_line = lambda y: painted.append(y) or render(y)  # type: ignore[method-assign,func-returns-value]
        app.strip.show(extents, STACK.range)
        await pilot.pause()
        assert set(painted) == {0}
        assert app.seen[1] == legend
        painted.clear()
        app.strip.show((HEAP, STACK), STACK.range)
        await pilot.pause()
        assert 1 in painted
        assert "code" not in app.seen[1]
