"""Explore on a capture: stepping through its moments with keys and mouse."""

import threading

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.memory import RecentMoments
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.past import CapturePast
from mmexplorer.kernel.capture.record.recorder import MomentMaker
from mmexplorer.model.capture.comparison import Side
from mmexplorer.model.capture.moments import Answer
from mmexplorer.model.memory.inspection import Inspector, NoInspector
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace, Snapshot
from mmexplorer.model.source import Elsewhere, Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.capture.difference import DIFFERENCE_COLUMNS
from mmexplorer.present.capture.opened import OpenedFile
from mmexplorer.present.text.format import time_of_day
from mmexplorer.ui.app import MmexplorerApp
from mmexplorer.ui.explore.screen import ExploreScreen
from mmexplorer.ui.modes import Services, Start
from mmexplorer.ui.widgets.table.table import Table
from mmexplorer.ui.widgets.timeline_bar import TimelineBar
from tests.support.captures import MANIFEST, clocks
from tests.support.fakes.source import FakeLab, FakeSource
from tests.support.fakes.stage import FakeStage
from tests.support.fakes.system import FakeSystem
from tests.support.patience import PATIENCE
from tests.support.pilots.app import WIDE, TerminalApp, started

_FIELDS = " ".join(["0"] * 17 + ["500"] + ["0"] * 30)


def _moment(regions: int) -> dict[str, Answer]:
    maps = "".join(
        f"{at:08x}-{at + 4096:08x} rw-p 00000000 00:00 0 \n" for at in range(0x10000, 0x10000 + regions * 8192, 8192)
    )
    return {
        "list/": (77,),
        "proc/77/stat": f"77 (it) S 1 {_FIELDS}".encode(),
        "proc/77/statm": b"%d %d 0 0 0 0 0" % (regions, regions),
        "proc/77/maps": maps.encode(),
    }


class _Opened(TerminalApp):
    @property
    def screen(self) -> ExploreScreen:
        found = self.app.screen_stack[0]
        assert isinstance(found, ExploreScreen)
        return found


class _Present(NoInspector):
    """Reads the pages of a process as it is now; they don't fit an earlier map of it."""

    live = True

    def __init__(self) -> None:
        super().__init__(Unavailable(Cause.DENIED, "the pages of now"))
        self.regions_then: set[int] = set()

    def pages(self, space: AddressSpace, region: Region, part: Range, parts: int = 0) -> PageStates | Unavailable:
        self.regions_then.add(len(space.regions))
        return super().pages(space, region, part, parts)


class _Slow(CapturePast):
    """Reads a moment as soon as it may."""

    may = threading.Event()

    def sample(self, at: float, request: Request) -> Snapshot:
        assert self.may.wait(PATIENCE)
        return super().sample(at, request)


def _app(
    elsewhere: Elsewhere | None = None,
    inspector: Inspector | None = None,
    count: int = 12,
    kind: type[CapturePast] = CapturePast,
) -> MmexplorerApp:
    """Return the app on a capture of `count` moments, each with one more region than the one before."""
    moments, maker = RecentMoments(MANIFEST), MomentMaker()
    for second in range(count):
        moments.add(maker.make(_moment(second + 1), clocks(second), 0.0))
    source = MomentSource(Capture(moments, None))
    fake, past = FakeSource(), kind(source, moments)
    services = Services(
        source,
        FakeLab(fake),
        FakeSystem,
        FakeStage,
        inspector=inspector or NoInspector(),
        past=past,
        elsewhere=elsewhere,
    )
    return MmexplorerApp(services, Start(file=OpenedFile("capture of here")))


async def test_any_moment_of_a_capture_is_shown_and_the_header_says_so() -> None:
    app = _app()
    async with started(app, WIDE) as pilot:
        it = _Opened(app, pilot)
        await it.until(lambda: "it (77) ─ 12 ·" in it.text and "capture of here" in it.lines[0])
        assert "before the end" not in it.text
        await pilot.press("[")
        await it.until(lambda: "it (77) ─ 11 ·" in it.text and "1 s before the end" in it.lines[0])
        await pilot.press("{")
        await it.until(lambda: "it (77) ─ 1 ·" in it.text and "11 s before the end" in it.lines[0])
        await pilot.press("]", "]")
        await it.until(lambda: "it (77) ─ 3 ·" in it.text)
        bar = it.screen.query_one(TimelineBar)
        await pilot.click(bar, offset=(14, 0))
        await it.until(lambda: "it (77) ─ 1 ·" in it.text)
        await pilot.press("end")
        await it.until(lambda: "it (77) ─ 12 ·" in it.text)
        await pilot.press("home", "right")
        await it.until(lambda: "it (77) ─ 2 ·" in it.text)
        await pilot.press("escape")
        await it.until(lambda: it.screen.focused is it.screen.query_one("#region-table"))
        await pilot.press("N")
        await it.until(lambda: "it (77) ─ 12 ·" in it.text and "before the end" not in it.lines[0])
        await pilot.press("escape", "m", "R")
        assert not it.screen.query(".-open")


async def test_while_a_moment_is_read_the_header_says_so() -> None:
    _Slow.may.set()
    app = _app(kind=_Slow)
    async with started(app, WIDE) as pilot:
        it = _Opened(app, pilot)
        await it.until(lambda: "it (77) ─ 12 ·" in it.text)
        _Slow.may.clear()
        await pilot.press("[", "[")
        second = time_of_day(clocks(9).realtime)
        assert await it.comes(lambda: f"reading {second}…" in it.lines[0]), it.text
        assert "it (77) ─ 12 ·" in it.text
        _Slow.may.set()
        await it.until(lambda: "it (77) ─ 10 ·" in it.text and f"{second}, 2 s before the end" in it.lines[0])


async def test_pages_of_the_present_are_not_shown_for_a_map_of_the_past() -> None:
    present = _Present()
    app = _app(inspector=present)
    async with started(app, WIDE) as pilot:
        it = _Opened(app, pilot)
        await it.until(lambda: "— the pages of now" in it.text)
        await pilot.press("{")
        await it.until(lambda: "it (77) ─ 2 ·" in it.text and "— a moment of" in it.text)
        assert "the pages of now" not in it.text
        await pilot.press("N")
        await it.until(lambda: "it (77) ─ 12 ·" in it.text and "— the pages of now" in it.text)
    assert present.regions_then == {12}


async def test_a_file_of_one_moment_has_no_changes_and_says_so() -> None:
    app = _app(count=1)
    async with started(app, WIDE) as pilot:
        it = _Opened(app, pilot)
        await it.until(lambda: "it (77) ─ 1 ·" in it.text)
        await pilot.press("d")
        await it.until(lambda: "The file is one moment" in it.text)
        assert "looks" not in it.text
        assert "No look found" not in it.text


class _Other:
    """Another file, with as many regions as its name says."""

    boot = MANIFEST.boot_id

    def find(self, text: str) -> Side | Unavailable:
        if not text.isdigit():
            return Unavailable(Cause.GONE, f"{text}: there is no such file")
        moments = RecentMoments(MANIFEST)
        moments.add(MomentMaker().make(_moment(int(text)), clocks(0), 0.0))
        found = Capture(moments, None).at(0).address_space(77, Request())
        assert isinstance(found, AddressSpace)
        return Side(found, self.boot, f"it (77) of {text}")


async def test_the_regions_become_the_difference_of_two_moments_or_of_another_file() -> None:
    app = _app(elsewhere=_Other())
    async with started(app, WIDE) as pilot:
        it = _Opened(app, pilot)
        await it.until(lambda: "it (77) ─ 12 ·" in it.text)
        await pilot.press("b")
        assert it.toasts == ["First remember with a what to compare with, or name it with A."]
        await pilot.press("a", "[")
        await it.until(lambda: "it (77) ─ 11 ·" in it.text)
        await pilot.press("b")
        await it.until(lambda: "1 of 12 differ" in it.text)
        table = it.screen.query_one("#difference-table", Table)
        assert it.screen.focused is table
        shown = tuple(column.title for column in table.columns_shown)
        assert shown == tuple(column.title for column in DIFFERENCE_COLUMNS)
        assert "A it (77)" in it.text
        assert "-4K" in it.text
        # B is the current view: it follows the timeline.
        await pilot.press("{")
        await it.until(lambda: "11 of 12 differ" in it.text)
        await pilot.press("/", *"size<0 00012000", "enter")
        await it.until(lambda: table.virtual_size.height == 1 + 2 and not it.screen.query(".-open"))
        await pilot.press("escape")
        await it.until(lambda: table.virtual_size.height == 1 + 12)
        await pilot.press("o")
        await it.until(lambda: table.virtual_size.height == 1 + 13)
        await pilot.press("N", "A", *"nothing", "enter")
        await it.until(lambda: "nothing: there is no such file" in it.toasts)
        await pilot.press("A", *"15", "enter")
        await it.until(lambda: "3 of 15 differ" in it.text and "it (77) of 15" in it.text)
        await pilot.press("tab")
        assert it.screen.focused is not table
        await pilot.press("shift+tab", "escape")
        await it.until(lambda: "it (77) ─ 12 ·" in it.text)
        assert it.screen.focused is it.screen.query_one("#region-table")
