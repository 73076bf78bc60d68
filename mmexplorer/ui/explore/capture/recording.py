"""Writes what is seen into files that are named: what comes from now on, or the last minutes."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from mmexplorer.model.source import Recorder
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.ui.explore.poller import ExplorePoller

RECORD, WRITE = "record", "write"
"""What the line at the bottom asks for."""


class Told(Protocol):
    """Tells the person."""

    def __call__(self, message: str, *, error: bool) -> None:
        """Show it."""
        ...


class Recording:
    """Owned by the screen; the recorder is only called by the thread that looks."""

    def __init__(self, recorder: Recorder, poller: ExplorePoller, wake: Callable[[], None], tell: Told) -> None:
        self._recorder = recorder
        self._poller = poller
        self._wake = wake
        self._tell = tell
        self.path = ""
        """The file that is being written; "" for none."""

    @property
    def status(self) -> str:
        """Write how far it is, for the header; "" where nothing is recorded."""
        moments = self._recorder.recorded
        return "" if not self.path or moments is None else f"● recording {moments:,}"

    def suggested(self, name: str) -> str:
        """Give the name of a file for a process."""
        safe = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name).lstrip(".-")
        return f"{safe or 'process'}-{time.strftime('%Y%m%d-%H%M%S')}.mmx"

    async def start(self, path: str) -> None:
        """Write every moment from now on."""
        refused = await self._ask(lambda: self._recorder.start(path))
        if refused is not None:
            self._tell(f"{path}: {refused}", error=True)
            return
        self.path = path
        self._tell(f"Recording into {path}; R ends it.", error=False)

    async def stop(self) -> None:
        """End the file."""
        path, self.path = self.path, ""
        refused = await self._ask(self._recorder.stop)
        self._tell(f"{path}: {refused}" if refused else f"{path} is written.", error=refused is not None)

    async def write(self, path: str) -> None:
        """Write the last minutes."""
        refused = await self._ask(lambda: self._recorder.write_recent(path))
        self._tell(f"{path}: {refused}" if refused else f"{path} has the last minutes.", error=refused is not None)

    def look(self) -> None:
        """Tell of it if the file could be written no further."""
        if self.path and self._recorder.recorded is None and self._recorder.failure is not None:
            self._tell(f"{self.path}: {self._recorder.failure}; what was written can be opened", error=True)
            self.path = ""

    async def _ask(self, work: Callable[[], Unavailable | None]) -> Unavailable | None:
        """Have something done between two looks."""
        answer: Future[Unavailable | None] = Future()
        self._poller.orders.append(lambda: answer.set_result(work()))
        self._wake()
        return await asyncio.wrap_future(answer)
