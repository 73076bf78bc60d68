"""The bounded history."""

from mmexplorer.model.system.series import Series


def series(*times: float, limit: int = 10) -> Series[float]:
    kept: Series[float] = Series(1.0, limit)
    for at in times:
        kept = kept.add(at, at * 10)
    return kept


def gaps(kept: Series[float]) -> list[float]:
    return [point.at for index, point in enumerate(kept.points) if kept.is_gap(index)]


def test_it_keeps_the_newest() -> None:
    assert [point.at for point in series(1, 2, 3, 4, limit=2).points] == [3, 4]


def test_a_reading_that_is_a_little_late_is_no_gap() -> None:
    assert gaps(series(0, 1.0, 2.9, 4.0)) == []


def test_a_suspension_is_a_gap_and_stays_empty() -> None:
    kept = series(0, 1, 8, 9)
    assert gaps(kept) == [8]
    assert kept.columns(4) == (None, None, 80.0, 90.0)
    assert kept.columns(10) == (0.0, 10.0, None, None, None, None, None, None, 80.0, 90.0)


def test_a_clock_that_was_set_back_starts_anew() -> None:
    assert [point.at for point in series(5, 6, 2).points] == [2]


def test_nothing_read_yet() -> None:
    assert series().columns(2) == (None, None)


def test_a_pace_that_is_a_little_slow_leaves_no_hole() -> None:
    kept = series(*(each * 1.02 for each in range(60)), limit=100)
    assert gaps(kept) == []
    assert None not in kept.columns(55)
