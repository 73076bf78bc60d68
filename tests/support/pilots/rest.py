"""Waits until an app is at rest: nothing left to run in its event loop, in its threads, or after a pause of its own.

What is at rest changes only at a key, at a request, or when the test says so; how long that takes doesn't matter.
"""

import asyncio
from asyncio import BaseEventLoop
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import pytest
import textual.app
import textual.pilot
from textual.app import App
from textual.pilot import Pilot

from tests.support.patience import PATIENCE

_SOON = 0.5
"""Seconds; what the program has to run within that is taken for one of its pauses, and not for a refresh or a limit.

An event loop tells only when a timer ends, not how long it is: one that is longer is taken for a pause near its end.
"""

_POLL = 0.005
"""Seconds between two looks whether Textual holds back an update: no event tells."""

_running: WeakKeyDictionary[BaseEventLoop, set[asyncio.Future[Any]]] = WeakKeyDictionary()
"""What each event loop awaits of its threads."""


@pytest.fixture(autouse=True, scope="session")
def waits_for_rest() -> Iterator[None]:
    """Remember what runs in threads, and let Textual's pilot wait for rest.

    Of itself it sleeps until the process needs little CPU time, which on a busy machine may be at any moment.
    """
    run_in_executor = BaseEventLoop.run_in_executor

    def remember(loop: BaseEventLoop, *job: Any) -> asyncio.Future[Any]:
        future = run_in_executor(loop, *job)
        running = _running.setdefault(loop, set())
        running.add(future)
        future.add_done_callback(running.discard)
        return future

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseEventLoop, "run_in_executor", remember)
        patch.setattr(Pilot, "pause", lambda pilot: at_rest(pilot.app))
        for module in (textual.app, textual.pilot):
            patch.setattr(module, "wait_for_idle", lambda _seconds: drained())
        yield


async def at_rest(app: App[Any]) -> None:
    """Wait until nothing is left to do, and paint the result.

    The pauses of the program end at once, instead of at any moment from now on.
    """
    async with asyncio.timeout(PATIENCE):
        await _all_done(app)
        while _end_pauses():
            await _all_done(app)


async def drained() -> None:
    """Wait until nothing is left to run in the event loop; threads may still be running, and pauses go on."""
    await asyncio.sleep(0)
    # Whatever else is to run in this round was put there before us, and has put there what follows from it.
    while _loop()._ready:  # noqa: ASYNC110 - it sets no event
        await asyncio.sleep(0)


async def _all_done(app: App[Any]) -> None:
    await _done()
    while _has_to_paint(app):
        if app._batch_count or app._resize_event is not None:
            await asyncio.sleep(_POLL)
        app.screen._on_timer_update()
        await _done()


async def _done() -> None:
    await drained()
    while running := _running.get(_loop()):
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        await drained()


def _has_to_paint(app: App[Any]) -> bool:
    """Return whether something has changed on the screen, or is held back for a moment."""
    if app._exit or not app._screen_stack:
        return False
    screen = app.screen
    changed = screen._layout_required or screen._scroll_required or screen._repaint_required or screen._dirty_widgets
    return bool(changed or screen._callbacks or app._batch_count or app._resize_event is not None)


def _end_pauses() -> bool:
    """Run what the program put off; return whether there was anything."""
    loop = _loop()
    end = loop.time() + _SOON
    paused = [each for each in loop._scheduled if each.when() < end and not each.cancelled() and _is_ours(each)]
    for each in paused:
        loop.call_soon(each._callback, *each._args, context=each._context)
        each.cancel()
    return bool(paused)


def _is_ours(timer: Any) -> bool:
    return type(getattr(timer._callback, "__self__", None)).__module__.startswith("mmexplorer.")


def _loop() -> Any:
    return asyncio.get_running_loop()
