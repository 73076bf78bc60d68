"""A process that leaks: carried and counted values compared with smaps.

They are of the same moment only while the process does nothing, and all regions are counted only while the budget
lasts: what is compared is read at rest, and without a limit.
"""

import os
import signal
import time

import pytest

from mmexplorer.kernel.capture.remembering_source import RememberingSource
from mmexplorer.kernel.pages import resident
from mmexplorer.kernel.pages.resident import ResidentCounter
from mmexplorer.kernel.process import carried
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.carried import COUNTED, Piece, Resident, countable
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import replace
from mmexplorer.present.explore.region_rows import RegionOptions
from mmexplorer.present.explore.view import ViewOptions, build_view
from tests.support.live import address_space, key_of, live_source
from tests.support.patience import PATIENCE
from tests.support.specimens.children import child, code, next_line, ready_line, say, stopped
from tests.support.specimens.growing import LEAK

_HELD = """
import mmap, sys; print(flush=True)
kept = []
for size in map(int, sys.stdin):
    each = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    each[: size // 2] = b"x" * (size // 2)
    kept.append(each)
    print(flush=True)
"""

_LEAK_WHEN_ASKED = """
import ctypes, sys; print(flush=True)
libc = ctypes.CDLL(None)
libc.sbrk.restype = ctypes.c_void_p
libc.sbrk.argtypes = [ctypes.c_long]
for size in map(int, sys.stdin):
    ctypes.memset(libc.sbrk(size), 1, size)
    print(flush=True)
"""


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages be counted however long it takes."""
    monkeypatch.setattr(carried, "_FIRST", 60.0)


def test_pages_counted_of_a_region_are_its_rss_and_swap() -> None:
    with code(_HELD) as process:
        say(process, str(100 << 20))
        ready_line(process)
        space = address_space(process.pid)
        assert isinstance(space, AddressSpace)
        assert isinstance(space.counters, Counters)
        for region in filter(countable, space.regions):
            usage = space.counters.by_range[region.range]
            expected = Resident(*(usage.get(name) or 0 for name in COUNTED))
            counter = ResidentCounter(LiveProcfs())
            assert counter.count(process.pid, [Piece(region, region.range)], 60.0) == [expected]
            assert 0 < counter.longest <= counter.seconds


@pytest.mark.usefixtures("unlimited")
def test_a_region_that_came_or_grew_has_its_counters_though_smaps_is_not_read() -> None:
    source = live_source()
    with code(_HELD) as process:
        request = Request(key_of(process.pid), elf=False)
        before = source.sample(request).target
        say(process, str(8 << 20))
        ready_line(process)
        after = source.sample(Request(request.target, elf=False, counters=False)).target
        assert before is not None
        assert after is not None
        exact = address_space(process.pid)
    came = [region for region in after.regions if region not in before.regions]
    assert came
    assert isinstance(exact, AddressSpace)
    assert isinstance(exact.counters, Counters)
    for region in came:
        usage = after.usage_of(region)
        assert usage is not None
        assert usage.get("Rss") == exact.counters.by_range[region.range].get("Rss")


@pytest.mark.usefixtures("unlimited")
def test_the_heap_of_a_process_that_leaks_is_never_without_its_rss() -> None:
    source = live_source()
    with code(_LEAK_WHEN_ASKED) as process:
        request = Request(key_of(process.pid), elf=False)
        for size in (256 << 20, *[1 << 20] * 20):
            say(process, str(size))
            ready_line(process)
            space = source.sample(request).target
            assert space is not None
            heap = max((region for region in space.regions if region.path == "[heap]"), key=lambda each: each.size)
            usage = space.usage_of(heap)
            assert usage is not None
            assert 0.95 * heap.size < (usage.get("Rss") or 0) <= heap.size


def heap_rss(pid: int) -> int:
    """Return the Rss of the heap according to smaps."""
    space = address_space(pid)
    assert isinstance(space, AddressSpace)
    assert isinstance(space.counters, Counters)
    return sum(space.counters.by_range[each.range].get("Rss") or 0 for each in space.regions if each.path == "[heap]")


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    stopped(pid)


def test_the_heap_that_leaks_is_the_first_row_at_every_look_and_its_growth_is_true() -> None:
    source = live_source()
    options = ViewOptions(regions=RegionOptions(sort="rss", descending=True))
    with child("-c", LEAK, str(1 << 20), "0.05", str(300 << 20)) as process:
        next_line(process)
        request = Request(key_of(process.pid))
        # All pages that were touched are in a growth only if it is from one reading of smaps to another.
        exact = replace(request, counters_now=True)
        stop(process.pid)
        view, before = build_view(None, source.sample(exact), options), heap_rss(process.pid)
        os.kill(process.pid, signal.SIGCONT)
        first = view.map.regions.shown[0]
        assert first.region is not None
        enough = first.region.size + (30 << 20)
        while first.region.size < enough:
            next_line(process)
            view = build_view(view, source.sample(request), options)
            first = view.map.regions.shown[0]
            assert first.region is not None
            assert first.region.path == "[heap]"
            assert first.counter("Rss") is not None
        stop(process.pid)
        view, after = build_view(view, source.sample(exact), options), heap_rss(process.pid)
    growth = view.map.regions.shown[0].growth
    assert growth is not None
    assert after - before > 20 << 20
    assert abs(growth.rss - (after - before)) <= 0.05 * (after - before)
    assert view.map.added_up.rows[0].rss is not None


_LARGE = """
import mmap, sys
area = mmap.mmap(-1, 300 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(mmap.MADV_NOHUGEPAGE)
area[: 200 << 20] = b"x" * (200 << 20)
print(flush=True); sys.stdin.read()
"""


def test_of_a_process_that_smaps_would_hold_up_pages_are_counted_until_it_is_stopped() -> None:
    source = RememberingSource(LiveProcfs())
    with code(_LARGE) as process:
        request = Request(key_of(process.pid))
        deadline = time.monotonic() + PATIENCE
        space = None
        while space is None or not all(map(space.usage_of, filter(countable, space.regions))):
            assert time.monotonic() < deadline
            space = source.sample(request).target
        assert isinstance(space.counters, Unavailable)
        assert "hold" in space.counters.reason
        exact = address_space(process.pid)
        assert isinstance(exact, AddressSpace)
        assert isinstance(exact.counters, Counters)
        for region in filter(countable, space.regions):
            usage, expected = space.usage_of(region), exact.counters.by_range[region.range]
            assert usage is not None
            assert [usage.get(name) for name in COUNTED] == [expected.get(name) for name in COUNTED], region
        stop(process.pid)
        at_rest = source.sample(request).target
        assert at_rest is not None
        assert isinstance(at_rest.counters, Counters)
        assert not at_rest.known


def test_what_was_asked_for_is_read_whatever_it_takes_and_counts_as_long_as_pages_stay() -> None:
    source = live_source()
    with code(_LARGE) as process:
        key = key_of(process.pid)
        asked = source.sample(Request(key, counters_now=True))
        later = source.sample(Request(key))
    assert asked.target is not None
    assert later.target is not None
    assert isinstance(asked.target.counters, Counters)
    assert asked.cost.longest > 0
    assert not later.target.known


def test_pieces_add_up_whatever_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_FEWEST", "_FIRST", "_MOST"):
        monkeypatch.setattr(resident, name, 100)
    monkeypatch.setattr(resident, "_VECTORS", 4)
    monkeypatch.setattr(resident, "_PAUSE", 0)
    with code(_HELD) as process:
        say(process, str(20 << 20))
        ready_line(process)
        space = address_space(process.pid)
        assert isinstance(space, AddressSpace)
        assert isinstance(space.counters, Counters)
        pieces = [Piece(region, region.range) for region in filter(countable, space.regions)]
        found = ResidentCounter(LiveProcfs()).count(process.pid, pieces, 10.0)
        for piece, each in zip(pieces, found, strict=True):
            usage = space.counters.by_range[piece.region.range]
            assert each == Resident(*(usage.get(name) or 0 for name in COUNTED))
