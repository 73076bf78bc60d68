"""What Explore shows of a growing process, from snapshots only."""

from dataclasses import replace

import pytest

from mmexplorer.model.carried import Known
from mmexplorer.model.growth import UNMEASURED
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import Machine, Snapshot
from mmexplorer.present.explore.region_rows import RegionOptions
from mmexplorer.present.explore.view import ExploreView, ViewOptions, build_view
from mmexplorer.present.region.table import REGION_COLUMNS
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import regions, space, usage

MIB = 1 << 20
SMALL = regions()
HEAP = SMALL[3]
OPTIONS = ViewOptions(regions=RegionOptions(sort="rss", descending=True))
MACHINE = Machine("fake", "6.18", 4096, 24 << 30, 21 << 30)


def heap_of(mebibytes: int) -> Region:
    return HEAP._replace(end=HEAP.end + mebibytes * MIB)


def look(second: int, mebibytes: int) -> Snapshot:
    """Return a snapshot of a process whose smaps was read when its heap had its initial size."""
    heap = heap_of(mebibytes)
    of = space([*SMALL[:3], heap, *SMALL[4:]], {each.range: usage(Rss=each.size, Pss=each.size) for each in SMALL})
    known = {} if heap == HEAP else {heap.range: Known(usage(Rss=heap.size), carried=True, counted=True)}
    of = replace(of, known=known, process=replace(of.process, vsz=113 * MIB + mebibytes * MIB))
    return Snapshot(1_000.0 + second, float(second), MACHINE, (of.process,), of)


def watched(seconds: int, view: ExploreView | None = None, options: ViewOptions = OPTIONS) -> ExploreView:
    start = 0 if view is None else int(view.snapshot.clock) + 1
    for second in range(start, start + seconds + (view is None)):
        view = build_view(view, look(second, second), options)
    assert view is not None
    return view


def test_the_growing_region_is_the_first_row_with_its_rate_its_delta_and_its_name() -> None:
    row = watched(60).map.regions.shown[0]
    assert (row.name, row.delta) == ("[heap]", MIB)
    assert row.growth is not None
    assert row.growth.rss_per_minute == row.growth.size_per_minute == 60 * MIB


def test_the_strip_is_lit_where_it_grew_and_a_moment_after_no_more() -> None:
    view = watched(3)
    (lit,) = view.map.lit
    assert lit.range == (heap_of(3).end - MIB, heap_of(3).end)
    later = build_view(view, replace(look(3, 3), clock=60.0), OPTIONS)
    assert later.map.lit == ()


def test_a_mark_counts_from_now_on_and_both_sums_are_told() -> None:
    view = build_view(watched(30), look(31, 31), replace(OPTIONS, marks=1))
    assert {row.growth for row in view.map.regions.shown} == {UNMEASURED}
    later = watched(10, view, replace(OPTIONS, marks=1))
    growth = later.map.regions.shown[0].growth
    assert growth is not None
    assert (growth.size, growth.seconds) == (10 * MIB, 10.0)
    sums = [plain(each) for each in later.sums]
    assert "SIZE +41M" in sums[0]
    assert "SIZE +10M" in sums[1]


def test_growth_counts_from_an_earlier_moment_and_nothing_is_lit() -> None:
    view = build_view(None, look(120, 56), OPTIONS, first=look(0, 0))
    growth = view.map.regions.shown[0].growth
    assert growth is not None
    assert growth.rss_per_minute == growth.size_per_minute == 28 * MIB
    assert (view.map.lit, view.map.regions.shown[0].jump) == ((), 0)
    assert plain(view.sums[0]).endswith(", 2 min: SIZE +56M  RSS +0  faults 0  in 2 looks")
    assert build_view(None, look(0, 0), OPTIONS, first=look(0, 0)).map.regions.shown[0].growth is UNMEASURED


def test_another_process_begins_anew() -> None:
    view = watched(10)
    other = look(11, 11)
    assert other.target is not None
    process = replace(other.target.process, pid=1)
    turned = build_view(view, replace(other, target=replace(other.target, process=process)), OPTIONS)
    assert turned.watch is not None
    assert (turned.watch.looks, dict(turned.watch.tracks)) == (1, {})


def test_a_look_that_found_nothing_new_keeps_the_rows() -> None:
    first = build_view(None, look(0, 0), OPTIONS)
    same = first.snapshot.target
    assert same is not None
    second = build_view(first, replace(first.snapshot, clock=1.0, taken_at=1_001.0), OPTIONS)
    again = build_view(second, replace(first.snapshot, clock=2.0, taken_at=1_002.0), OPTIONS)
    assert again.map.regions is second.map.regions


def test_growth_counts_from_now_where_the_first_moment_has_no_regions() -> None:
    first = look(0, 0)
    assert first.target is not None
    unread = replace(first, target=replace(first.target, regions=()))
    view = build_view(None, look(120, 56), OPTIONS, first=unread)
    assert view.watch is not None
    assert view.watch.origin.clock == 120.0
    assert view.map.regions.shown[0].growth is UNMEASURED


def test_the_first_look_knows_no_growth_and_the_second_does() -> None:
    def cells(view: ExploreView) -> set[str]:
        return {plain(column.text(row)) for row in view.map.regions.shown}

    column = next(each for each in REGION_COLUMNS if each.key == "growth")
    first = build_view(None, look(0, 0), OPTIONS)
    resting = build_view(first, first.snapshot, OPTIONS)
    assert cells(first) == cells(resting) == {"—"}
    assert resting.map.regions.shown[0] is first.map.regions.shown[0]
    second = build_view(resting, replace(first.snapshot, clock=1.0, taken_at=1_001.0), OPTIONS)
    assert "0" in cells(second)
    assert {row.growth for row in second.map.regions.shown} == {None}


def faults_of(view: ExploreView) -> float | None:
    return view.processes.shown[0].fault_rate


def seen(clock: float, faults: int) -> Snapshot:
    of = look(0, 0).target
    assert of is not None
    process = replace(of.process, min_flt=faults, maj_flt=0)
    return Snapshot(1_000.0 + clock, clock, MACHINE, (process,), replace(of, process=process))


@pytest.mark.parametrize("step", [0.1, 0.3, 1.0])
def test_rates_count_over_about_the_least_time_however_fast_the_looks_follow(step: float) -> None:
    clocks = [10 + number * step for number in range(12)]
    view = None
    for number, clock in enumerate(clocks):
        view = build_view(view, seen(clock, number * number), OPTIONS, least=0.5)
        before = next((each for each in reversed(range(number)) if clock - clocks[each] >= 0.5), None)
        assert (view.earlier and view.earlier.clock) == (None if before is None else clocks[before])
        if before is not None:
            assert faults_of(view) == pytest.approx((number**2 - before**2) / (clock - clocks[before]))


def test_a_rate_counts_from_an_earlier_look_if_the_last_one_was_a_moment_ago() -> None:
    view = build_view(None, seen(1.0, 100), OPTIONS, least=0.5)
    assert faults_of(view) is None
    view = build_view(view, seen(1.01, 100), OPTIONS, least=0.5)
    assert faults_of(view) is None, "no time has passed"
    view = build_view(view, seen(2.01, 400), OPTIONS, least=0.5)
    assert faults_of(view) == pytest.approx(300)
    view = build_view(view, seen(2.03, 400), OPTIONS, least=0.5)
    assert faults_of(view) == pytest.approx(300 / 1.02)
    assert faults_of(build_view(view, view.snapshot, OPTIONS)) == pytest.approx(300 / 1.02), "paused"
    view = build_view(view, seen(3.03, 400), OPTIONS, least=0.5)
    assert faults_of(view) == 0
    assert faults_of(build_view(view, seen(3.04, 500), OPTIONS)) == pytest.approx(100 / 1.01)
