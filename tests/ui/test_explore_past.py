"""Explore on a capture: stepping through its moments with the keys and the mouse."""

from mmexplorer.kernel.capture.memory import RecentMoments
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.past import CapturePast
from mmexplorer.kernel.capture.recorder import MomentMaker
from mmexplorer.kernel.capture.sources import Capture
from mmexplorer.model.capture.moments import Answer
from mmexplorer.present.capture.opened import OpenedFile
from mmexplorer.ui.app import MmexplorerApp
from mmexplorer.ui.explore.capture.timeline_bar import TimelineBar
from mmexplorer.ui.explore.screen import ExploreScreen
from mmexplorer.ui.modes import Services, Start
from tests.support.captures import MANIFEST, clocks
from tests.support.fakes.source import FakeLab, FakeSource
from tests.support.fakes.stage import FakeStage
from tests.support.fakes.system import FakeSystem
from tests.support.pilots.app import WIDE, TerminalApp

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


async def test_any_moment_of_a_capture_is_shown_and_the_header_says_so() -> None:
    moments, maker = RecentMoments(MANIFEST), MomentMaker()
    for second in range(12):
        moments.add(maker.make(_moment(second + 1), clocks(second), 0.0))
    source = MomentSource(Capture(moments, None))
    fake = FakeSource()
    services = Services(source, FakeLab(fake), FakeSystem, FakeStage, past=CapturePast(source, moments))
    app = MmexplorerApp(services, Start(file=OpenedFile("capture of here")))
    async with app.run_test(size=WIDE) as pilot:
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
        await pilot.press("N")
        await it.until(lambda: "it (77) ─ 12 ·" in it.text and "before the end" not in it.lines[0])
        await pilot.press("b")
        assert it.toasts == ["First remember with a what to compare with."]
        await pilot.press("a", "[")
        await it.until(lambda: "it (77) ─ 11 ·" in it.text)
        await pilot.press("b")
        await it.until(lambda: "size -4K" in it.text)
        assert "A it (77) at" in it.text
        await pilot.press("escape", "m", "R")
        assert not it.screen.query(".-open")
