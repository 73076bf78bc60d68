"""The bounded history."""

import pickle
from dataclasses import replace

from mmexplorer.model.system.history import SarHistory, SarSample, sar_sample
from mmexplorer.model.system.source import SystemRequest
from tests.support.fakes.system import FakeSystem

SAMPLE = sar_sample(None, FakeSystem().sample(SystemRequest()))


def history(*times: float, limit: int = 10) -> SarHistory:
    """Return readings at these times, each taken at ten times as many seconds since the epoch."""
    assert isinstance(SAMPLE, SarSample)
    kept = SarHistory(1.0, limit)
    for at in times:
        kept = kept.add(at, replace(SAMPLE, taken_at=at * 10))
    return kept


def columns(kept: SarHistory, count: int) -> tuple[float | None, ...]:
    return tuple(None if sample is None else sample.taken_at for sample in kept.columns(count))


def gaps(kept: SarHistory) -> list[float]:
    return [point.at for index, point in enumerate(kept.points) if kept.is_gap(index)]


def test_it_keeps_the_newest() -> None:
    assert [point.at for point in history(1, 2, 3, 4, limit=2).points] == [3, 4]


def test_a_reading_that_is_a_little_late_is_no_gap() -> None:
    assert gaps(history(0, 1.0, 2.9, 4.0)) == []


def test_a_suspension_is_a_gap_and_stays_empty() -> None:
    kept = history(0, 1, 8, 9)
    assert gaps(kept) == [8]
    assert columns(kept, 4) == (None, None, 80.0, 90.0)
    assert columns(kept, 10) == (0.0, 10.0, None, None, None, None, None, None, 80.0, 90.0)


def test_a_clock_that_was_set_back_starts_anew() -> None:
    assert [point.at for point in history(5, 6, 2).points] == [2]


def test_nothing_read_yet() -> None:
    assert columns(history(), 2) == (None, None)


def test_a_pace_that_is_a_little_slow_leaves_no_hole() -> None:
    kept = history(*(each * 1.02 for each in range(60)), limit=100)
    assert gaps(kept) == []
    assert None not in columns(kept, 55)


def test_unchanged_figures_take_no_memory_again() -> None:
    first, second, third = (_at(megabytes << 10) for megabytes in (500, 500, 501))
    kept = SarHistory(1.0)
    for at, sample in enumerate((first, second, third)):
        kept = kept.add(at, sample)
    rows = [point.sample for point in kept.points]
    assert rows == [first, second, third]
    assert rows[1].memory is rows[0].memory
    assert rows[1].swap is rows[2].swap is rows[0].swap
    assert rows[2].memory.kbcommit is rows[0].memory.kbcommit


def _at(dirty: int) -> SarSample:
    """Return a reading with new objects of equal figures, but for `kbdirty`."""
    sample = pickle.loads(pickle.dumps(SAMPLE))  # noqa: S301 - our own
    assert isinstance(sample, SarSample)
    return replace(sample, memory=replace(sample.memory, kbdirty=dirty))
