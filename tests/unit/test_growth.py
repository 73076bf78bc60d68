import math

import pytest

from mmexplorer.model.capture.growth import GrowthTracker, Sample, trend
from mmexplorer.model.region import Range

_SECONDS = 600


def _saw(seconds: int, period: int, height: int) -> int:
    return height * (seconds % period) // period


@pytest.mark.parametrize("rate", [1024, 1_000_000])
def test_a_leak_is_measured_within_two_percent(rate: int) -> None:
    points = [(float(t), 4096 * ((1 << 22) + rate * t + t * 7919 % 8192) // 4096) for t in range(_SECONDS)]
    found = trend(points)
    assert found.leak
    assert math.isclose(found.per_second, rate, rel_tol=0.02)
    assert found.samples == _SECONDS


def test_a_leak_in_steps_is_a_leak() -> None:
    found = trend([(float(t), 135168 * (1024 * t // 135168)) for t in range(_SECONDS)])
    assert found.leak
    assert math.isclose(found.per_second, 1024, rel_tol=0.05)


@pytest.mark.parametrize("period", [7, 60, 250, 400, 599])
def test_a_saw_tooth_is_no_leak(period: int) -> None:
    assert not trend([(float(t), _saw(t, period, 1 << 24)) for t in range(_SECONDS)]).leak


def test_what_shrinks_stays_or_was_hardly_seen_is_no_leak() -> None:
    assert not trend([(float(t), 1 << 20) for t in range(100)]).leak
    assert not trend([(float(t), (1 << 20) - t) for t in range(100)]).leak
    assert not trend([(0.0, 0), (1.0, 4096), (2.0, 8192)]).leak
    assert not trend([]).leak


def test_a_line_fits_itself() -> None:
    found = trend([(float(t), 5 * t) for t in range(20)])
    assert math.isclose(found.per_second, 5)
    assert math.isclose(found.r_squared, 1)


def test_a_region_is_followed_wherever_it_begins() -> None:
    tracker = GrowthTracker()
    for t in range(60):
        below = Range(0x7F0000000000 - 4096 * (t + 1), 0x7F0000000000)
        heap = Range(0x1000, 0x1000 + 4096 * (10 + 2 * t))
        still = Range(0x600000, 0x601000)
        tracker.add(
            t, [Sample(heap, heap.size, "heap"), Sample(still, 4096, "data"), Sample(below, below.size, "anon")]
        )
    found = tracker.growths()
    assert [each.what for each in found] == ["heap", "anon"]
    assert [each.trend.samples for each in found] == [60, 60]
    assert math.isclose(found[0].trend.per_second, 2 * 4096)
    assert found[1].range.start == 0x7F0000000000 - 4096 * 60
    assert found[0].gained == 2 * 4096 * 59


def test_a_region_that_went_counts_as_long_as_it_was_there() -> None:
    tracker = GrowthTracker()
    for t in range(20):
        region = Range(0x1000, 0x100000)
        tracker.add(t, [Sample(region, 4096 * t, "anon")] if t < 15 else [])
    (found,) = tracker.growths()
    assert found.trend.samples == 15


def test_of_two_that_merge_the_larger_goes_on() -> None:
    tracker = GrowthTracker()
    tracker.add(0, [Sample(Range(0x1000, 0x2000), 1, "small"), Sample(Range(0x3000, 0x9000), 2, "large")])
    tracker.add(1, [Sample(Range(0x1000, 0x9000), 9, "both")])
    (found,) = tracker.growths()
    assert found.gained == 7
