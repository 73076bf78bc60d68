"""Writes moments to a named file: from now on, or the last minutes."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from mmexplorer.model.source import Recorder
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.ui.explore.poller import ExplorePoller

RECORD, WRITE = "record", "write"
"""The subjects of the prompt."""


class Notify(Protocol):
    """Notifies the user."""

    def __call__(self, message: str, *, error: bool) -> None:
        """Show the message."""
        ...


class Recording:
    """Starts and stops the recorder, which only the reading thread calls. Owned by the screen."""

    def __init__(self, recorder: Recorder, poller: ExplorePoller, wake: Callable[[], object], notify: Notify) -> None:
        self._recorder = recorder
        self._poller = poller
        self._wake = wake
        self._notify = notify
        self.path = ""
        """The file being written; "" if none."""

    @property
    def status(self) -> str:
        """The number of moments recorded, for the header; "" if nothing is being recorded."""
        moments = self._recorder.recorded
        return "" if not self.path or moments is None else f"● recording {moments:,}"

    def suggested(self, name: str) -> str:
        """Return a file name for a process."""
        safe = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name).lstrip(".-")
        return f"{safe or 'process'}-{time.strftime('%Y%m%d-%H%M%S')}.mmx"

    async def start(self, path: str) -> None:
        """Record every moment from now on."""
        refused = await self._ask(lambda: self._recorder.start(path))
        if refused is not None:
            self._notify(f"{path}: {refused}", error=True)
            return
        self.path = path
        self._notify(f"Recording into {path}; R ends it.", error=False)

    async def stop(self) -> None:
        """Stop recording."""
        path, self.path = self.path, ""
        refused = await self._ask(self._recorder.stop)
        self._notify(f"{path}: {refused}" if refused else f"{path} is written.", error=refused is not None)

    async def write(self, path: str) -> None:
        """Write the last minutes."""
        refused = await self._ask(lambda: self._recorder.write_recent(path))
        self._notify(f"{path}: {refused}" if refused else f"{path} has the last minutes.", error=refused is not None)

    def report_failure(self) -> None:
        """Notify the user if writing the file failed."""
        if self.path and self._recorder.recorded is None and self._recorder.failure is not None:
            self._notify(f"{self.path}: {self._recorder.failure}; what was written can be opened", error=True)
            self.path = ""

    async def _ask(self, work: Callable[[], Unavailable | None]) -> Unavailable | None:
        """Run `work` in the reading thread, between two polls."""
        answer: Future[Unavailable | None] = Future()
        self._poller.orders.append(lambda: answer.set_result(work()))
        self._wake()
        return await asyncio.wrap_future(answer)
