"""When the pages of a process are counted again: not while nothing tells that one came or went."""

from collections.abc import Iterable, Sequence

import pytest

from mmexplorer.kernel.process import carried
from mmexplorer.kernel.process.carried import CarriedCounters
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.carried import Piece, Resident
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.regions import region_of

PID = 77
NOT_READ = Unavailable(Cause.NOT_READ, "not read")


class _Counter:
    """Stands in for what counts pages of a process."""

    seconds = longest = 0.0
    counted: list[int]

    def __init__(self, _procfs: LiveProcfs) -> None:
        type(self).counted = []

    def count(self, _pid: int, pieces: Iterable[Piece], _seconds: float) -> Sequence[Resident]:
        """Note the start of each region."""
        regions = [piece.region for piece in pieces]
        self.counted += [region.start for region in regions]
        return [Resident(region.size, 0, region.size) for region in regions]


def region(start: int, end: int) -> Region:
    return region_of(start, end, "rw-p", 0, "00:00", 0, "")


@pytest.fixture
def counters(monkeypatch: pytest.MonkeyPatch) -> CarriedCounters:
    monkeypatch.setattr(carried, "ResidentCounter", _Counter)
    return CarriedCounters(LiveProcfs())


def counted(counters: CarriedCounters, regions: tuple[Region, ...], footprint: tuple[int, ...]) -> list[int]:
    """What is counted in a look beside what `advance` counts of regions that changed."""
    counters.advance(PID, regions, NOT_READ)
    _Counter.counted.clear()
    known = counters.count_on(PID, footprint)
    assert all(known[each.range].usage.get("Rss") == each.size for each in regions)
    return sorted(_Counter.counted)


def test_all_is_counted_once_and_again_when_a_page_came_or_went(counters: CarriedCounters) -> None:
    regions = (region(0x1000, 0x3000), region(0x8000, 0x9000))
    assert counted(counters, regions, (3, 10)) == [0x1000, 0x8000]
    assert counted(counters, regions, (3, 10)) == []
    assert counted(counters, regions, (3, 11)) == [0x1000, 0x8000]
    assert counted(counters, regions, (2, 11)) == [0x1000, 0x8000]
    assert counted(counters, regions, (2, 11)) == []


def test_of_what_is_mapped_otherwise_only_that_is_counted(counters: CarriedCounters) -> None:
    first, second = region(0x1000, 0x3000), region(0x8000, 0x9000)
    assert counted(counters, (first, second), (3, 10)) == [0x1000, 0x8000]
    grown = region(0x8000, 0xA000)
    assert counted(counters, (first, grown), (3, 10)) == [0x8000]
    assert counted(counters, (first, grown), (3, 10)) == []
    assert counted(counters, (first,), (3, 10)) == []
    assert counted(counters, (first, grown), (3, 10)) == [0x8000]


def test_after_a_while_all_is_counted_again(counters: CarriedCounters, monkeypatch: pytest.MonkeyPatch) -> None:
    regions = (region(0x1000, 0x3000),)
    assert counted(counters, regions, (3, 10)) == [0x1000]
    monkeypatch.setattr(carried, "_AGAIN", 0.0)
    assert counted(counters, regions, (3, 10)) == [0x1000]
