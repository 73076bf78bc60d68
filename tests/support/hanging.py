"""Makes a test that hangs fail by name, with the stack of everything it waits for, and runs the tests after it.

pytest-timeout's own methods don't work here. Its thread ends the process, and under pytest-xdist the stacks are lost
with it. Its signal comes only once, possibly while a widget's task runs, which it then ends instead of the test; and
the stack shows where the event loop waits, not which line of the test. A test that hangs without releasing the GIL is
left to pytest's faulthandler: `faulthandler_timeout` in pyproject.toml.
"""

import asyncio
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import pytest

_ROOT = Path(__file__).parents[2]
_OURS = (str(_ROOT / "mmexplorer"), str(_ROOT / "tests"))
"""Only tasks with a frame from these files are reported: widgets wait for messages most of the time."""
_LINKS = (("cr_frame", "cr_await"), ("ag_frame", "ag_await"), ("gi_frame", "gi_yieldfrom"))
"""For coroutines, asynchronous generators and generators: the frame, and what they wait for."""


class _Settings(Protocol):
    timeout: float


def pytest_timeout_set_timer(item: pytest.Item, settings: _Settings) -> bool:
    """Send SIGALRM, which the app leaves alone, at the timeout, and repeat it until the test ends."""

    def fail(_number: int, frame: FrameType | None) -> None:
        __tracebackhide__ = True
        if not _runs(frame):
            return
        item.add_report_section("call", "waits", "".join(_waiting(item, frame)))
        pytest.fail(f"not done in {settings.timeout:g} s")

    signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, settings.timeout, settings.timeout / 4)
    return True


def pytest_timeout_cancel_timer() -> bool:
    """Stop sending it."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    return True


def _runs(frame: FrameType | None) -> bool:
    """Return whether the test or one of its fixtures is running, rather than pytest writing the report."""
    return any(each.f_code.co_name == "from_call" for each, _ in traceback.walk_stack(frame))


def _waiting(item: pytest.Item, frame: FrameType | None) -> Iterator[str]:
    yield from _told("the main thread", _inside(frame))
    frames = sys._current_frames()
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and thread.ident in frames:
            yield from _told(f"the thread {thread.name}", _inside(frames[thread.ident]))
    ours = (*_OURS, str(item.path))
    for task in _tasks():
        awaited = list(_awaited(task.get_coro()))
        if any(each.f_code.co_filename.startswith(ours) for each in awaited):
            yield from _told(f"the task {task.get_name()}", awaited)


def _told(where: str, frames: Iterable[FrameType]) -> Iterator[str]:
    yield f"in {where}:\n"
    yield from traceback.StackSummary.extract((frame, frame.f_lineno) for frame in frames).format()


def _inside(frame: FrameType | None) -> list[FrameType]:
    """Return the stack of a thread, outermost first, without the frames that call the test."""
    frames = (each for each, _ in traceback.walk_stack(frame))
    return list(takewhile(lambda each: "/_pytest/" not in each.f_code.co_filename, frames))[::-1]


def _tasks() -> set[asyncio.Task[Any]]:
    try:
        return asyncio.all_tasks()
    except RuntimeError:  # no event loop is running
        return set()


def _awaited(waiting: object) -> Iterator[FrameType]:
    """Follow a coroutine to what it waits for; a task would report only the first frame."""
    for frame, awaits in _LINKS:
        if isinstance(found := getattr(waiting, frame, None), FrameType):
            yield found
            yield from _awaited(getattr(waiting, awaits))
