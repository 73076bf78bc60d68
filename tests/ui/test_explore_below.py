"""Memory below the level of regions of a live process, tab by tab: pages, walk, bytes, security, faults."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from mmexplorer.kernel.process.inspector import LiveInspector
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.memory.faults import FaultSample, FaultTrace, MappingEvent
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.region.row import RegionRow
from mmexplorer.ui.widgets.lines import ScrolledLines
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.explore import explore_live
from tests.support.specimens.children import at_rest, child, ready_line, until

PAGE = 4096
PAGES, TOUCHED = 64, 16
POINTED = 2 * PAGE
THREADS = 2

_PROGRAM = f"""
import ctypes, mmap, sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
area = mmap.mmap(-1, {PAGES * PAGE}, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(mmap.MADV_NOHUGEPAGE)
start = ctypes.addressof(ctypes.c_char.from_buffer(area))
# What lies beside it would be of the same region: a hole above it and one below.
for page in range({TOUCHED}):
    area[{PAGE} * page] = 1
area[:8] = (start + {POINTED}).to_bytes(8, "little")
# Whole, it is only there, not in this text.
area[16:24] = b"a needle"
area[24:37] = b" of this test"
print(start, flush=True)
sys.stdin.read()
"""


class Specimen(NamedTuple):
    """A process, and the address of its memory."""

    pid: int
    start: int


@pytest.fixture(scope="module")
def specimen() -> Iterator[Specimen]:
    with child("-c", _PROGRAM) as process:
        start = int(ready_line(process))
        at_rest(process.pid)
        yield Specimen(process.pid, start)


async def test_each_tab_says_what_is_at_the_address(specimen: Specimen) -> None:
    start = f"{specimen.start:x}"
    async with explore_live(specimen.pid, WIDE) as it:
        await it.go_to(f"0x{start}")
        await it.press("tab", "tab", "d", "d", "d")
        assert it.focused == "threads"
        assert await it.comes(lambda: sum("libc.so.6: " in row for row in it.rows("threads")) == THREADS)
        await it.press("p")
        assert await it.sees(f"▸ {start} · ", "anonymous")
        await it.press("right")
        assert await it.sees(f"▸ {specimen.start + PAGE:x} · ")

        await it.press("T")
        assert await it.sees(f"0x{specimen.start + PAGE:x}", "PGD[", "PTE[", "page of 4K, anonymous")
        assert "; VmPTE: " in it.screen.query_one("#translation", ScrolledLines).text

        await it.press("x")
        assert await it.sees("[hex] words pointers strings code")
        await it.go_to(f"0x{start}")
        await it.press("x")
        assert await it.sees((specimen.start + POINTED).to_bytes(8, "little").hex(" "), "a needle of thi")
        await it.press("n", "n")
        assert await it.sees("[pointers]", f"0x{specimen.start + POINTED:016x}", "→ ")
        await it.press("enter")
        assert await it.sees("Backspace returns (1)")
        await it.press("backspace")
        assert await it.comes(lambda: it.cursor("byte-table") == specimen.start)
        await it.press("n")
        assert await it.sees("[strings]", "a needle of this test")

        await it.press("/")
        await it.type_ahead("needle of this\r")
        assert await it.sees("1 found", "done: Enter goes there")
        assert it.rows("byte-table")[0].startswith(f"{specimen.start + 18:x}")
        await it.press("escape")
        assert await it.sees("[strings]")

        await it.press("y")
        assert await it.comes(lambda: any("randomize_va_space" in row for row in it.rows("security")))
        await it.press("f")
        assert await it.sees("f traces: recording one fault in 61 for 5 s", "No trace was made yet.")

        await it.pilot.resize_terminal(*SMALL)
        await it.settle()
        await it.press("x", "n", "n")
        assert await it.sees("[hex]", "a needle of thi", "TEXT")
        assert max(map(len, it.lines)) <= SMALL[0]
        for key, seen in (("p", "▸ "), ("T", "PTE["), ("y", "VERDICT"), ("f", "microseconds each")):
            await it.press(key)
            assert await it.sees(seen)
            assert max(map(len, it.lines)) <= SMALL[0]


async def test_where_there_is_nothing_a_sentence_says_so(specimen: Specimen) -> None:
    async with explore_live(specimen.pid, WIDE) as it:
        regions = it.table("region-table")
        await it.press("o")
        rows = (regions._rows[index] for index in range(len(regions._rows)))
        regions.move_to(next(row.key for row in rows if isinstance(row, RegionRow) and row.region is None))
        for key, seen in (
            ("p", "A hole has no pages"),
            ("T", "A hole is translated to nothing"),
            ("x", "Nothing is mapped here"),
        ):
            await it.press(key)
            assert await it.sees(seen)
        await it.go_to("[vvar]")
        await it.press("x")
        assert await it.sees("not in memory: reading it would fault it in", "X reads it")
        await it.press("X")
        assert await it.sees("reading faults pages in", "the kernel gives no bytes of it (EIO)")


class Tracing(LiveInspector):
    """Traces until stopped, then returns planted faults."""

    def __init__(self, address: int) -> None:
        super().__init__(LiveProcfs())
        self._address = address
        self.begun = 0
        """Number of traces started."""

    def faults(
        self,
        space: AddressSpace,
        seconds: float,  # noqa: ARG002
        period: int,
        go_on: Callable[[], bool],
    ) -> FaultTrace | Unavailable:
        self.begun += 1
        until(lambda: not go_on())
        tid = space.process.pid
        samples = (FaultSample(self._address, 0, tid, 2, ()), FaultSample(self._address + PAGE, 0, tid, 3, ()))
        mapped = MappingEvent(tid, 1, self._address, PAGES * PAGE, 3, 2, "//anon")
        return FaultTrace(samples, (mapped,), period, 2 * period, 0, 1.0, 1, 0, {tid: "worker-2"})


async def test_a_trace_can_be_ended_and_is_seen_elsewhere_too(specimen: Specimen) -> None:
    inspector = Tracing(specimen.start)
    async with explore_live(specimen.pid, WIDE, inspector) as it:
        await it.press("f")
        assert await it.sees("No trace was made yet.")
        for end in ("escape", "f"):
            await it.begin("f")
            assert await it.sees("tracing page faults", "f or Esc ends it now")
            assert await it.comes(lambda: "No trace was made yet." not in it.text)
            await it.press(end)
            assert await it.sees("122 faults in 1.0 s, 2 recorded", f"mapped by thread worker-2 ({specimen.pid})")
        assert inspector.begun == 2
        assert await it.sees("*")
        await it.go_to(f"0x{specimen.start:x}")
        await it.press("p")
        assert await it.sees("lit: 2 faulted on in the trace")
        # The app also exits at once during a trace.
        await it.begin("f", "f")
        assert await it.comes(lambda: inspector.begun == 3)
