from mmexplorer.model.changes import LIMIT, Change, ChangeHistory, ChangeKind
from tests.support.fakes.spaces import anonymous


def added(start: int) -> Change:
    return Change(ChangeKind.ADDED, (), (anonymous(start, start + 1),))


def test_what_is_fresh_is_a_matter_of_the_monotonic_clock() -> None:
    history = ChangeHistory().advance([added(1)], 1_000.0, 10.0).advance([added(2), added(3)], 900.0, 12.0)
    assert [event.change.range.start for event in history.fresh(13.0, 3.0)] == [1, 2, 3]
    assert [event.change.range.start for event in history.fresh(13.5, 3.0)] == [2, 3]
    assert history.fresh(20.0, 3.0) == ()
    assert history.events[-1].taken_at == 900.0


def test_a_quiet_refresh_leaves_the_same_object() -> None:
    history = ChangeHistory().advance([added(1)], 0.0, 0.0)
    assert history.advance((), 1.0, 1.0) is history


def test_it_forgets_the_oldest() -> None:
    history = (
        ChangeHistory().advance([added(0)], 0.0, 0.0).advance([added(start) for start in range(1, LIMIT + 5)], 1.0, 1.0)
    )
    assert len(history.events) == LIMIT
    assert history.events[0].change.range.start == 5
    assert history.events[-1].change.range.start == LIMIT + 4
