"""What is asked of the machine between two looks, and who gets the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mmexplorer.model.process import ProcessKey
from mmexplorer.model.system.process_memory import ProcessMemory
from mmexplorer.model.system.snapshot import NOT_READ
from mmexplorer.ui.system.poller import SystemPoller
from tests.support.fakes.system import FakeSystem

ONE, OTHER = ProcessKey(8360, 120), ProcessKey(8402, 120)


@asynccontextmanager
async def polled(poller: SystemPoller) -> AsyncIterator[None]:
    """Let it look, once and whenever it is asked to."""
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
        # Nobody waits for the first any more: one screen at a time asks.
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
