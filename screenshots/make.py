"""Makes every picture of this folder through the real app: `python screenshots/make.py [NAME ...]`.

SVG for all of them; PNG too where Chromium is found, since only a browser draws Textual's SVG faithfully.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast

os.environ["TEXTUAL_ANIMATIONS"] = "none"

from textual.pilot import Pilot

from mmexplorer.commands.open import opened_file
from mmexplorer.commands.screens.file import file_services
from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.record.recording import ProcessRecording, manifest_now
from mmexplorer.kernel.capture.record.writer import CaptureWriter, create
from mmexplorer.kernel.capture.sources import open_file
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.lab.player import LabRunner
from mmexplorer.kernel.process.find import process_key
from mmexplorer.kernel.process.inspector import LiveInspector
from mmexplorer.kernel.process.live_source import LiveSource
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.source import Source
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import AddressSpace, Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.stat import Stat, parse_stat
from mmexplorer.ui.app import MmexplorerApp
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.explore.screen import ExploreScreen
from mmexplorer.ui.labs.screen import LabsScreen
from mmexplorer.ui.modes import Services, Start
from mmexplorer.ui.widgets.table.table import Table

HERE = Path(__file__).parent
LARGE, SMALL = (160, 48), (80, 24)
_PATIENCE = 30.0
_BEFORE = 12
"""Rows of sar before and after what is to be seen in its charts."""


_MOMENTS, _EVERY, _STEPS_BACK = 60, 0.5, 12
_LEAK = """
import time
kept = []
for turn in range(1000):
    kept.append([bytearray(20_000) for _ in range(30)])
    if turn % 20 == 19: kept.append(bytearray(8_000_000))
    time.sleep(0.4)
"""
_CRASH = """
#include <stdlib.h>
#include <string.h>
int main(void) {
    char *list = malloc(200000);
    memset(list, 'x', 200000);
    return ((volatile int *) 0)[6];
}
"""

_COMPANY = (("cat",), ("tail", "-f", "/dev/null"), ("sleep", "600"), ("sed", "-u", "p"), ("sort",))
"""Programs that stand in the list beside our own."""


def _shown(pid: int, parent: int) -> bool:
    return os.getpid() in (pid, parent)


class OurMemory(LiveSource):
    """The real machine, but of its processes only our own: a picture tells nothing of the machine it was made on."""

    def sample(self, request: Request) -> Snapshot:
        """Look once."""
        seen = super().sample(request)
        ours = (replace(each, command=(each.name,)) for each in seen.processes if _shown(each.pid, each.ppid))
        return replace(seen, processes=tuple(ours), machine=replace(seen.machine, host="linux"))


class OurSystem(LiveSystem):
    """The same for the ranking of the OOM killer."""

    def sample(self, request: SystemRequest) -> SystemSnapshot:
        """Look once."""
        seen = replace(super().sample(request), host="linux", kills=())
        if isinstance(seen.ranking, Unavailable):
            return seen
        return replace(seen, ranking=tuple(each for each in seen.ranking if _is_ours(each.key.pid)))


def _is_ours(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return False
    return _shown(pid, int(fields[1]))


def _begun(program: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    cast("IO[bytes]", child.stdout).readline()
    return child


class Player:
    """Plays keys into the app and waits for what they do."""

    def __init__(self, app: MmexplorerApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

        self.programs: list[subprocess.Popen[bytes]] = []

    async def look_at(self, program: str) -> None:
        """Start a program in Python, which says when it is there, and show it."""
        child = _begun(program)
        self.programs.append(child)
        stat = LiveProcfs().parsed(f"{child.pid}/stat", parse_stat)
        cast("ExploreScreen", self.app.screen).open(ProcessKey(child.pid, cast("Stat", stat).start_time))
        await self.until(lambda: self.space is not None and self.space.process.pid == child.pid)
        await self.until_loaded()

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition; it is an error if it never comes true."""
        async with asyncio.timeout(_PATIENCE):
            while not holds():
                await self.pilot.pause(0.05)

    async def until_shown(self, moment: int) -> None:
        """Wait until that moment of the timeline is shown."""
        await self.until(lambda: self.shown == moment)

    @property
    def space(self) -> AddressSpace | None:
        """The address space that Explore shows."""
        screen = self.app.screen
        view = screen.view if isinstance(screen, ExploreScreen) else None
        return view.snapshot.target if view is not None else None

    @property
    def text(self) -> str:
        """What is on the terminal."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())  # noqa: SLF001

    @property
    def ticks(self) -> int:
        """How many moments the timeline has."""
        screen = self.app.screen
        return len(screen.view.timeline.ticks) if isinstance(screen, ExploreScreen) and screen.view is not None else 0

    @property
    def shown(self) -> int:
        """Which of them is shown; -1 before the first look."""
        screen = self.app.screen
        view = screen.view if isinstance(screen, ExploreScreen) else None
        return view.shown.number if view is not None and view.shown is not None else -1

    async def until_whole(self) -> None:
        """Wait until the whole timeline is on the screen."""
        await self.until_loaded()
        await self.until(lambda: self.ticks == _MOMENTS)

    @property
    def readings(self) -> int:
        """How many rows sar has by now."""
        view = self.app.system_poller.view
        return len(view.history.points) if view is not None else 0

    async def until_loaded(self) -> None:
        """Wait until regions, counters and ELF files are on the screen."""
        await self.until(lambda: self.space is not None and bool(self.space.layout.images))


async def explore(play: Player) -> None:
    """The code of libc in the lab process."""
    await play.until_loaded()
    await play.press("m")
    await play.until(lambda: play.space is not None and play.space.process.name == "mmlab")
    await play.until_loaded()
    await play.press("u")
    await play.press("d", "colon", *"libc.so.6+0x30000", "enter")
    await play.until(lambda: not play.app.screen.query("Prompt.-open"))
    play.app.clear_notifications()


_SERVER = """
import ctypes, time
open("/proc/self/comm", "w").write("server")
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
for step in range(1 << 20):
    block = libc.malloc(100_000)
    ctypes.memset(block, 1, 100_000)
    if step == 600:
        print(flush=True)
    if step > 600:
        time.sleep(0.05)
"""
_THREADS = """
import threading
open("/proc/self/comm", "w").write("server")
here = threading.Barrier(13)
def work(name):
    open(f"/proc/self/task/{threading.get_native_id()}/comm", "w").write(name)
    kept = bytes(300_000)
    here.wait()
    threading.Event().wait()
for number in range(1, 13):
    threading.Thread(target=work, args=(f"worker-{number}",), daemon=True).start()
here.wait()
print(flush=True)
input()
"""


async def growth(play: Player) -> None:
    """A program that loses 2 MB a second: its heap grows, and what of it is there is seen beside it."""
    await play.until_loaded()
    await play.look_at(_SERVER)
    await play.press("colon", *"[heap]", "enter")
    await cast("ExploreScreen", play.app.screen).query_one(Details).show_tab("changes")
    await asyncio.sleep(20)
    await play.press("r")
    await play.pilot.pause(1.5)
    play.app.clear_notifications()


async def zoomed(play: Player) -> None:
    """The same in regions alone, over the whole width."""
    await growth(play)
    await play.press("z")
    await play.pilot.pause(0.5)


async def threads(play: Player) -> None:
    """A program with twelve workers: each has its stack and its arena."""
    await play.until_loaded()
    await play.look_at(_THREADS)
    await cast("ExploreScreen", play.app.screen).query_one(Details).show_tab("threads")
    await play.press("slash", *"kind:stack", "enter")
    await asyncio.sleep(3)
    play.app.clear_notifications()


async def mmap_before(play: Player) -> None:
    """The lab process before it maps anything."""
    await mmap_after(play)
    await play.press("u")
    await asyncio.sleep(6)


async def mmap_after(play: Player) -> None:
    """A new region of 100 MiB, lit, with what it did to VSZ and RSS."""
    await play.until_loaded()
    await play.press("m")
    await play.until(lambda: play.space is not None and any(r.size == 100 << 20 for r in play.space.regions))
    await play.pilot.pause(0.3)
    play.app.clear_notifications()


async def _touched(play: Player) -> None:
    """Half of 100 MiB is there, and the cursor is on it."""
    await mmap_after(play)
    await play.until(lambda: play.space is not None and play.space.process.name == "mmlab")
    for _ in range(5):
        await play.press("t")
        await play.pilot.pause(0.4)
    play.app.clear_notifications()


def tab(*keys: str, until: str) -> Callable[[Player], Awaitable[None]]:
    """A tab of the details with half of 100 MiB touched, after these keys, once it says `until`."""

    async def show_tab(play: Player) -> None:
        await _touched(play)
        await _press_until(play, keys, until)

    return show_tab


async def _press_until(play: Player, keys: Iterable[str], until: str) -> None:
    for key in keys:
        await play.press(key)
        await play.pilot.pause(0.4)
    await play.until(lambda: until in play.text)
    play.app.clear_notifications()


async def pointers(play: Player) -> None:
    """The pointers at the start of libc's data, with the symbols that they lead to."""
    await _touched(play)
    regions = play.space.regions if play.space is not None else ()
    data = next(each for each in regions if each.name.startswith("libc.so") and each.perms == "rw-p")
    await _press_until(play, ("colon", *f"{data.start:x}", "enter", "x", "n", "n"), "libc.so.6: ")


async def leak(play: Player) -> None:
    """A capture of a program that leaks, looked back into: the timeline under the strip."""
    await play.until_whole()
    for step in range(1, _STEPS_BACK + 1):
        await play.press("[")
        await play.until_shown(play.ticks - 1 - step)
    await play.press("slash", *"kind:heap", "enter")
    await play.until(lambda: not play.app.screen.query("Prompt.-open"))


async def comparison(play: Player) -> None:
    """The same capture, its first moment compared with its last."""
    await play.until_whole()
    await play.press("H")
    await play.until_shown(0)
    await play.press("a", "N")
    await play.until_shown(play.ticks - 1)
    await play.press("b", "down")
    await play.until(lambda: play.app.screen.has_class("-comparing"))
    await play.pilot.pause(0.5)
    play.app.clear_notifications()


async def core(play: Player) -> None:
    """A core file: the address of the crash stands on the strip."""
    await play.until_loaded()


async def _until_done(play: Player, screen: LabsScreen, steps: int) -> None:
    await play.until(lambda: screen.moves.state is not None and len(screen.moves.state.outcomes) == steps)


def lab(name: str, *answers: str) -> Callable[[Player], Awaitable[None]]:
    """A lab after as many steps as there are answers: a letter or a number each."""

    async def play_lab(play: Player) -> None:
        await play.press("3")
        await play.until(lambda: isinstance(play.app.screen, LabsScreen))
        screen = cast("LabsScreen", play.app.screen)
        await play.until(lambda: bool(screen.worker.lacks))
        screen.query_one("#lab-table", Table).move_to(name)
        await play.press("enter")
        await play.until(lambda: screen.moves.state is not None)
        for place, answer in enumerate(answers, 1):
            await play.press(*(_KEYS.get(letter, letter) for letter in answer), "enter")
            await _until_done(play, screen, place)
            if place < len(answers):
                await play.press("enter")
        await play.pilot.pause(0.3)
        play.app.clear_notifications()

    return play_lab


_KEYS = {"-": "minus", ",": "comma"}


async def system(play: Player) -> None:
    """The machine while the lab process maps, touches and unmaps 100 MiB, and somebody looks back at it."""
    await play.press("2")
    await play.until(lambda: play.readings >= _BEFORE)
    await play.press("1")
    await play.until_loaded()
    await play.press("m")
    await play.until(lambda: play.space is not None and play.space.process.name == "mmlab")
    for _ in range(10):
        await play.press("t")
        await play.pilot.pause(0.4)
    await play.press("2")
    reached = play.readings
    await play.until(lambda: play.readings >= reached + _BEFORE)
    play.app.clear_notifications()


def live(_folder: Path, lab: LabChild) -> tuple[Services, Start]:
    """Look at the real machine."""
    procfs = LiveProcfs()
    return Services(OurMemory(procfs, ElfCache(procfs)), lab, OurSystem, LabRunner, LiveInspector(procfs)), Start()


def capture(folder: Path, _lab: LabChild) -> tuple[Services, Start]:
    """Record a program that leaks, and look at that."""
    path = str(folder / "leak.mmx")
    manifest = replace(manifest_now(LiveProcfs(), {}), host="linux")
    writer = cast("CaptureWriter", create(path, manifest, 1 << 30))
    with subprocess.Popen([sys.executable, "-c", _LEAK]) as leaking:
        key = cast("ProcessKey", process_key(LiveProcfs(), str(leaking.pid)))
        recording = ProcessRecording(LiveProcfs(), key)
        for _ in range(_MOMENTS):
            time.sleep(_EVERY)
            writer.add(recording.take(counters_now=True).recorded)
        leaking.kill()
    writer.close()
    return _opened(path)


def crashed(folder: Path, _lab: LabChild) -> tuple[Services, Start]:
    """Have a program write to an address where nothing is, with gdb (1) to make the core."""
    (folder / "crash.c").write_text(_CRASH)
    subprocess.run(["gcc", "-g", "-o", "crash", "crash.c"], cwd=folder, check=True)
    commands = ("-ex", "set disable-randomization off", "-ex", "run", "-ex", "generate-core-file crash.core")
    subprocess.run(["gdb", "-nx", "-batch", *commands, "./crash"], cwd=folder, check=True, capture_output=True)
    return _opened(str(folder / "crash.core"))


def _opened(path: str) -> tuple[Services, Start]:
    opened = cast("Capture | Source", open_file(path))
    source = MomentSource(opened)
    moments = opened.moments if isinstance(opened, Capture) else None
    return file_services(source, moments), Start(file=opened_file(opened, source))


@dataclass(frozen=True)
class Picture:
    """A file of this folder."""

    name: str
    size: tuple[int, int]
    play: Callable[[Player], Awaitable[None]]
    of: Callable[[Path, LabChild], tuple[Services, Start]] = live


PICTURES = (
    Picture("explore", LARGE, explore),
    Picture("explore-80x24", SMALL, explore),
    Picture("system", LARGE, system),
    Picture("system-80x24", SMALL, system),
    Picture("mmap-before", LARGE, mmap_before),
    Picture("mmap-after", LARGE, mmap_after),
    Picture("mmap-after-80x24", SMALL, mmap_after),
    Picture("growth", LARGE, growth),
    Picture("zoomed", LARGE, zoomed),
    Picture("threads", LARGE, threads),
    Picture("pages", LARGE, tab("p", until="█ anonymous")),
    Picture("translation", LARGE, tab("T", "w", "z", until="together")),
    Picture("bytes", LARGE, pointers),
    Picture("faults", LARGE, tab("f", "f", "t", "t", "t", "t", "f", "escape", until="recorded")),
    Picture("leak", LARGE, leak, capture),
    Picture("comparison", LARGE, comparison, capture),
    Picture("core", LARGE, core, crashed),
    Picture("lab-mmap", LARGE, lab("mmap", "b")),
    Picture("lab-demand-paging", LARGE, lab("demand-paging", "0", "a", "4,000")),
    Picture("lab-crash", LARGE, lab("crash", "b")),
    Picture("lab-malloc", LARGE, lab("malloc", "b", "a", "a")),
    Picture("lab-program", LARGE, lab("program-mmap", "a", "b")),
    Picture("lab-page-tables", LARGE, lab("page-tables", "c", "12", "0", "40")),
    Picture("lab-replacement", LARGE, lab("replacement", "9", "b", "7")),
    Picture("lab-over-time", LARGE, lab("over-time", "b", "2560")),
)


async def make(picture: Picture) -> None:
    """Play the scene and write the files."""
    lab = LabChild()
    company = _company()
    try:
        with tempfile.TemporaryDirectory() as folder:
            app = MmexplorerApp(*picture.of(Path(folder), lab))
        async with app.run_test(size=picture.size) as pilot:
            play = Player(app, pilot)
            play.programs = company
            await picture.play(play)
            await pilot.pause()
            svg = app.export_screenshot(title="mmexplorer", simplify=True)
    finally:
        lab.close()
        for process in company:
            process.kill()
            process.communicate()
    path = HERE / f"{picture.name}.svg"
    path.write_text(svg)
    to_png(path)


def _company() -> list[subprocess.Popen[bytes]]:
    return [subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for argv in _COMPANY]


def to_png(svg: Path) -> None:
    """Draw the SVG with Chromium, if there is one."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        return
    head = svg.read_text()[:400]
    width, height = head.partition('viewBox="0 0 ')[2].partition('"')[0].split()
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
                *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
                *("--hide-scrollbars", f"--user-data-dir={profile}", f"--screenshot={svg.with_suffix('.png')}"),
                f"--window-size={int(float(width))},{int(float(height))}",
                svg.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


def main() -> None:
    """Make the pictures named on the command line, or all."""
    wanted = sys.argv[1:]
    for picture in PICTURES:
        if not wanted or picture.name in wanted:
            asyncio.run(make(picture))
            print(picture.name)  # noqa: T201 - says how far it is


if __name__ == "__main__":
    main()
