"""What is requested from the machine, and who gets the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mmexplorer.model.capture.timeline import Event
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.system.past import RecentSystem
from mmexplorer.model.system.process_memory import ProcessMemory
from mmexplorer.model.system.snapshot import NOT_READ
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import replace
from mmexplorer.present.system.settings import settings_text
from mmexplorer.present.text.line import plain
from mmexplorer.ui.looking_back import ShownMoment
from mmexplorer.ui.system.poller import SystemPoller
from tests.support.fakes.system import FakeSystem

ONE, OTHER = ProcessKey(8360, 120), ProcessKey(8402, 120)


@asynccontextmanager
async def polled(poller: SystemPoller) -> AsyncIterator[None]:
    """Run the poller once, and then on request."""
    poller.loop.interval = 3600.0
    running = asyncio.create_task(poller.loop.run())
    await poller.loop.first()
    yield
    running.cancel()


def asked(system: FakeSystem) -> list[ProcessKey]:
    return [request.process for request in system.requests if request.process is not None]


async def test_each_question_has_its_own_answer() -> None:
    system = FakeSystem()
    poller = SystemPoller(system, 1.0, lambda _: None)
    first = asyncio.create_task(poller.process_memory(ONE))
    await asyncio.sleep(0)
    second = asyncio.create_task(poller.process_memory(OTHER))
    async with polled(poller):
        answer = await second
        assert isinstance(answer, ProcessMemory)
        assert answer.key == OTHER
        # Nobody waits for the first one any more: one screen at a time asks.
        assert await first is NOT_READ
        assert asked(system) == [OTHER]


async def test_a_question_that_was_withdrawn_costs_nothing() -> None:
    system = FakeSystem()
    poller = SystemPoller(system, 1.0, lambda _: None)
    withdrawn = asyncio.create_task(poller.process_memory(ONE))
    await asyncio.sleep(0)
    withdrawn.cancel()
    await asyncio.wait([withdrawn])
    async with polled(poller):
        await poller.loop.fresh()
        assert asked(system) == []


async def test_a_question_is_asked_once() -> None:
    system = FakeSystem()
    poller = SystemPoller(system, 1.0, lambda _: None)
    async with polled(poller):
        await poller.process_memory(ONE)
        await poller.loop.fresh()
        assert asked(system) == [ONE]


async def test_a_moment_of_the_last_minutes_is_shown_as_it_was_and_reads_nothing() -> None:
    system, moment = FakeSystem(), ShownMoment()
    poller = SystemPoller(system, 1.0, lambda _: None, moment)
    poller.serve(lambda _: None)
    async with polled(poller):
        for _ in range(3):
            await poller.loop.fresh()
        now = poller.view
        assert now is not None
        assert now.shown is not None
        assert now.shown.is_newest
        first = now.timeline.ticks[0]
        moment.at = first.clocks.boottime
        requests = len(system.requests)
        await poller.loop.fresh()
        back = poller.view
        assert back is not None
        assert back.shown is not None
        assert back.shown.tick == first
        assert back.snapshot.clock == first.clocks.boottime
        assert [point.at for point in back.history.points] == [first.clocks.boottime]
        assert not isinstance(back.ranking, Unavailable)
        assert len(system.requests) == requests + 1  # the newest moment is still polled
        moment.at = None
        await poller.loop.fresh()
        assert poller.view is not None
        assert poller.view.snapshot.clock == system.clock


def test_what_is_remembered_is_bounded_and_starts_anew_when_the_clock_was_set_back() -> None:
    recent, system = RecentSystem(seconds_at_most=5.0), FakeSystem()
    seen = [system.sample(SystemRequest(details=False)) for _ in range(12)]
    for snapshot in (*seen, seen[-1]):
        recent.add(snapshot)
    assert [tick.clocks.boottime for tick in recent.timeline().ticks] == [each.clock for each in seen[-6:]]
    old = recent.sample_at(0.0, SystemRequest())
    assert old.clock == seen[-6].clock
    assert "wasn't shown" in str(old.pressure)
    (said,) = settings_text(old)
    assert plain(said) == f"settings — {old.pressure}"
    recent.add(seen[0])
    assert len(recent.timeline().ticks) == 1


def test_what_is_remembered_shares_what_stayed_the_same() -> None:
    recent, system = RecentSystem(), FakeSystem()
    request = SystemRequest(details=False, ranking=True)
    first = system.sample(request)
    assert not isinstance(first.ranking, Unavailable)
    grown, *others = first.ranking
    grown = replace(grown, score=grown.score + 1)
    again = tuple(map(replace, first.ranking))
    seen = [
        first,
        replace(system.sample(request), ranking=again),
        replace(system.sample(request), ranking=(grown, *others)),
    ]
    for snapshot in seen:
        recent.add(snapshot)
    kept = [recent.sample_at(snapshot.clock, request) for snapshot in seen]
    assert [(each.vmstat, each.meminfo) for each in kept] == [(each.vmstat, each.meminfo) for each in seen]
    assert kept[1].ranking is kept[0].ranking
    assert kept[2].ranking == seen[2].ranking
    assert not isinstance(kept[2].ranking, Unavailable)
    assert all(one is other for one, other in zip(kept[2].ranking[1:], first.ranking[1:], strict=True))


def test_a_kill_is_marked_where_the_count_rose() -> None:
    recent, system = RecentSystem(), FakeSystem()
    for kills in (4, 4, 5, 5):
        snapshot = system.sample(SystemRequest(details=False))
        recent.add(replace(snapshot, vmstat={"oom_kill": kills}))
    assert [set(tick.events) for tick in recent.timeline().ticks] == [set(), set(), {Event.OOM}, set()]
