"""A process that leaks: what is carried and counted, held against smaps read at the same time."""

import os
import signal

from mmexplorer.kernel.pagemap import count_resident
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.carried import Piece, Resident, countable
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.present.explore.region_rows import RegionOptions
from mmexplorer.present.explore.view import ViewOptions, build_view
from tests.support.live import address_space, key_of, live_source
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


def test_pages_counted_of_a_region_are_its_rss_and_swap() -> None:
    with code(_HELD) as process:
        say(process, str(100 << 20))
        ready_line(process)
        space = address_space(process.pid)
        assert isinstance(space, AddressSpace)
        assert isinstance(space.counters, Counters)
        for region in filter(countable, space.regions):
            usage = space.counters.by_range[region.range]
            expected = Resident(usage.get("Rss") or 0, usage.get("Swap") or 0)
            assert count_resident(LiveProcfs(), process.pid, [Piece(region, region.range)], 1.0) == [expected]


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


def test_the_heap_of_a_process_that_leaks_is_never_without_its_rss() -> None:
    source = live_source()
    with child("-c", LEAK, str(1 << 20), "0.02", str(256 << 20)) as process:
        next_line(process)
        request = Request(key_of(process.pid), elf=False)
        for _ in range(20):
            space = source.sample(request).target
            assert space is not None
            heap = max((region for region in space.regions if region.path == "[heap]"), key=lambda each: each.size)
            usage = space.usage_of(heap)
            assert usage is not None
            assert 0.95 * heap.size < (usage.get("Rss") or 0) <= heap.size
            next_line(process)


def heap_rss(pid: int) -> int:
    """What smaps says now."""
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
        stop(process.pid)
        view, before = build_view(None, source.sample(request), options), heap_rss(process.pid)
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
        view, after = build_view(view, source.sample(request), options), heap_rss(process.pid)
    growth = view.map.regions.shown[0].growth
    assert growth is not None
    assert after - before > 20 << 20
    assert abs(growth.rss - (after - before)) <= 0.05 * (after - before)
    assert view.map.kinds[0].rss is not None
