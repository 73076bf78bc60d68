"""The program's own exceptions: shown in a line and logged; two within a second end the program.

Textual ends the app at the first exception, wherever it was raised, and prints every local variable. A report from here
contains neither local variables nor the environment.
"""

import asyncio
import platform
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TextIO

from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import WorkerFailed

from mmexplorer import __version__
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.line import Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped

SOFTWARE = 70
"""Exit status after an internal error (EX_SOFTWARE in sysexits.h)."""
_AT_ONCE_SECONDS = 1.0
_KEPT = 20
_FRAMES_AT_MOST = 60
_WAIT_SECONDS = 1.0


class Failures:
    """The exceptions so far, newest last."""

    def __init__(self, log: TextIO | None = None) -> None:
        """Start without any; each report is also written to `log`."""
        self.reports: list[str] = []
        self.last_line = ""
        self.fatal = False
        """Whether two came within a second."""
        self._log = log
        self._before = float("-inf")

    def take(self, error: BaseException) -> bool:
        """Record an exception; return whether the program can go on."""
        now = time.monotonic()
        self.fatal = self.fatal or now - self._before < _AT_ONCE_SECONDS
        self._before = now
        cause = cause_of(error)
        self.last_line = clean("".join(traceback.format_exception_only(cause)).strip().partition("\n")[0])
        self.reports = [*self.reports[1 - _KEPT :], report(cause)]
        if self._log is not None:
            self._log.write(self.reports[-1])
            self._log.flush()
        return not self.fatal


def cause_of(error: BaseException) -> BaseException:
    """Return the exception raised in a worker, or `error` itself."""
    return error.error if isinstance(error, WorkerFailed) else error


def report(error: BaseException) -> str:
    """Return what a bug report needs: the versions and the traceback."""
    from importlib.metadata import version  # noqa: PLC0415 - half as much to import as Textual is

    versions = (
        f"mmexplorer {__version__}, textual {version('textual')}, "
        f"Python {platform.python_version()}, Linux {platform.release()} {platform.machine()}"
    )
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    lines = "".join(traceback.format_exception(error, limit=-_FRAMES_AT_MOST)).split("\n")
    return "\n".join((f"{when}  {versions}", *map(clean, lines), ""))


def report_lines(failures: Failures, width: int) -> Iterator[Line]:
    """Yield the lines of the reports, newest first."""
    if not failures.reports:
        yield line(span("Nothing went wrong.", Tone.DIM))
    for text in reversed(failures.reports):
        for each in text.split("\n"):
            indent = each[: len(each) - len(each.lstrip(" "))]
            yield from wrapped(line(each.lstrip(" ")), width, line(indent))


async def forever(app: App[Any], run: Callable[[], Awaitable[None]]) -> None:
    """Run an endless coroutine, and restart it after an exception."""
    while True:
        try:
            await run()
        except Exception as error:  # noqa: BLE001 - no exception may stop the screen
            app._handle_exception(error)  # noqa: SLF001 - Textual's handler of all exceptions
            await asyncio.sleep(_WAIT_SECONDS)


_dispatch = MessagePump._dispatch_message  # noqa: SLF001 - all messages go through it


async def _dispatch_and_go_on(self: MessagePump, message: Message) -> None:
    """Dispatch a message. Textual itself handles no further messages after an exception."""
    try:
        await _dispatch(self, message)
    except Exception as error:
        if getattr(self.app, "failures", None) is None:
            raise
        self.app._handle_exception(error)  # noqa: SLF001 - Textual's handler of all exceptions


def keep_going() -> None:
    """Let every widget survive its exceptions, if the app has `failures`."""
    MessagePump._dispatch_message = _dispatch_and_go_on  # type: ignore[method-assign] # noqa: SLF001
