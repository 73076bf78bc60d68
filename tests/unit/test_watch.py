from collections.abc import Mapping, Sequence

from mmexplorer.model.changes import diff
from mmexplorer.model.growth import Growth, Origin, Point, Tally, Watch
from mmexplorer.model.region import Region, RegionKind
from tests.support.fakes.spaces import anonymous, process

A = anonymous
MIB = 1 << 20
ORIGIN = Origin.of(process(), 0, 100.0, 1_000.0)


class Watched:
    """A process that is read every second."""

    def __init__(self, regions: Sequence[Region], rss: Mapping[int, int] | None = None) -> None:
        self.regions = tuple(regions)
        self.watch = Watch(ORIGIN, clock=100.0)
        self.look(regions, rss)

    def look(self, regions: Sequence[Region], rss: Mapping[int, int] | None = None) -> "Watched":
        changes = diff(self.regions, regions)
        self.regions = tuple(regions)
        counted = [(region, (rss or {}).get(region.start)) for region in regions]
        clock = self.watch.clock + (1.0 if self.watch.looks else 0.0)
        self.watch = self.watch.advance(clock, changes, counted, lambda _: RegionKind.ANON)
        return self

    def growth(self, start: int) -> Growth:
        return self.watch.growth(self.watch.tracks[start])


def test_a_heap_that_gets_a_mebibyte_a_second_grows_by_sixty_a_minute() -> None:
    heap = A(0, 100 * MIB)
    it = Watched([heap], {0: 90 * MIB})
    for second in range(1, 61):
        it.look([A(0, (100 + second) * MIB)], {0: (90 + second) * MIB})
    growth = it.growth(0)
    assert growth == Growth(60 * MIB, 60 * MIB, 60.0)
    assert (growth.size_per_minute, growth.rss_per_minute) == (60 * MIB, 60 * MIB)


def test_growth_goes_with_a_region_that_grows_downward() -> None:
    it = Watched([A(100 * MIB, 200 * MIB)]).look([A(90 * MIB, 200 * MIB)]).look([A(80 * MIB, 200 * MIB)])
    assert it.growth(80 * MIB).size == 20 * MIB
    assert list(it.watch.tracks) == [80 * MIB]


def test_growth_is_kept_through_a_split_and_a_merge() -> None:
    it = Watched([A(0, 100)], {0: 40}).look([A(0, 200)], {0: 80})
    it.look([A(0, 150), A(150, 160, "r--p"), A(160, 200)], {0: 60, 150: 5, 160: 15})
    assert it.growth(0) == Growth(100, 40, 2.0)
    it.look([A(0, 200)], {0: 80})
    assert it.growth(0) == Growth(100, 40, 3.0)


def test_what_came_and_went_is_counted_and_not_called_growth() -> None:
    it = Watched([A(0, 10)]).look([A(0, 10), A(20, 50)]).look([A(20, 50)])
    assert it.watch.came == {RegionKind.ANON: Tally(1, 30)}
    assert it.watch.went == {RegionKind.ANON: Tally(1, 10)}
    assert it.growth(20) == Growth(0, 0, 1.0)


def test_memory_that_is_touched_is_growth_though_the_map_stays() -> None:
    it = Watched([A(0, 100 * MIB)], {0: 0}).look([A(0, 100 * MIB)], {0: 10 * MIB})
    assert it.growth(0).rss == 10 * MIB
    assert it.watch.tracks[0].jump == 10 * MIB


def test_there_is_no_rate_before_a_second() -> None:
    assert Growth(5, 5, 0.5).rss_per_minute is None


def test_the_points_of_a_region_tell_how_it_came_to_what_it_is() -> None:
    it = Watched([A(0, 10)], {0: 4}).look([A(0, 10)], {0: 4}).look([A(0, 20)], {0: 9}).look([A(0, 20)], {0: 7})
    assert it.watch.tracks[0].points == (Point(100.0, 10, 4), Point(102.0, 20, 9), Point(103.0, 20, 7))


def test_a_region_that_came_has_points_from_then_on() -> None:
    it = Watched([]).look([A(0, 10)]).look([A(0, 10)], {0: 5})
    assert it.watch.tracks[0].points == (Point(101.0, 10, None), Point(102.0, 10, 5))


def test_the_points_of_a_long_time_are_few_and_begin_where_they_began() -> None:
    it = Watched([A(0, 10)], {0: 0})
    for count in range(1, 1_001):
        it.look([A(0, 10)], {0: count})
    points = it.watch.tracks[0].points
    assert len(points) <= 128
    assert (points[0], points[-1]) == (Point(100.0, 10, 0), Point(1_100.0, 10, 1_000))
    assert [point.clock for point in points] == sorted(point.clock for point in points)
