"""Tells the lab process what to do, without ever holding up the screen, and keeps what it answered."""

import asyncio
import time
from collections.abc import Callable

from mmexplorer.labs.interfaces import LabProcess
from mmexplorer.labs.protocol import LabReply
from mmexplorer.present.explore.lab_calls import CallRow

LIMIT = 200
"""Calls remembered."""

TOUCH_BYTES = 10 << 20


class LabDriver:
    """One call at a time; a key pressed meanwhile is not queued."""

    def __init__(self, host: LabProcess) -> None:
        self._host = host
        self._busy = False
        self._last = 0
        self.size = 100 << 20
        """Bytes that the next `map` asks for."""
        self.calls: tuple[CallRow, ...] = ()
        """The newest first, at most `LIMIT`."""

    @property
    def pid(self) -> int | None:
        """The lab process, if it runs."""
        return self._host.pid

    @property
    def has_mapping(self) -> bool:
        """Whether there is something to touch and unmap."""
        return self._host.pid is not None and self._host.mapped > 0

    async def start(self) -> None:
        """Start the process and wait until it is ready."""
        await asyncio.to_thread(self._host.start)
        await asyncio.to_thread(self._host.wait_ready)

    async def map(self) -> CallRow | None:
        """Map `size` bytes."""
        return await self._call(lambda: self._host.map(self.size))

    async def touch(self) -> CallRow | None:
        """Touch the next 10 MiB of the newest mapping."""
        return await self._call(lambda: self._host.touch(TOUCH_BYTES))

    async def unmap(self) -> CallRow | None:
        """Unmap the newest mapping."""
        return await self._call(self._host.unmap)

    async def _call(self, act: Callable[[], LabReply]) -> CallRow | None:
        """Do it in a thread; None if something is being done already."""
        if self._busy:
            return None
        self._busy = True
        try:
            reply = await asyncio.to_thread(act)
        finally:
            self._busy = False
        self._last += 1
        row = CallRow(
            number=self._last,
            at=time.time(),
            call=reply.call,
            ok=reply.ok,
            error=reply.error,
            start=reply.start,
            vsz=reply.figures.get("VmSize"),
            rss=reply.figures.get("VmRSS"),
        )
        self.calls = (row, *self.calls)[:LIMIT]
        return row
