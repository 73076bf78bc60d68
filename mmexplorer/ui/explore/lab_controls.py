"""The keys `m`, `t` and `u` of Explore: make the lab process map, touch and unmap memory, and show its replies."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

from mmexplorer.labs.protocol import LabReply
from mmexplorer.model.address import Inside, locate
from mmexplorer.model.amount import parse_size
from mmexplorer.model.region import Range
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.explore.lab_calls import CallRow
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.region.address_strip import Touch
from mmexplorer.present.region.row import RegionRow
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.explore.poller import ExplorePoller
from mmexplorer.ui.refresh import RefreshLoop
from mmexplorer.ui.widgets.table.table import Table

if TYPE_CHECKING:  # that of the labs, which Explore doesn't play
    from mmexplorer.labs.interfaces import LabProcess

LIMIT = 200
"""Calls remembered."""

TOUCH_BYTES = 10 << 20


class LabControls:
    """Makes one call at a time without blocking the screen; keys pressed meanwhile are dropped. Owned by the screen."""

    def __init__(
        self, screen: Screen[None], process: "LabProcess", poller: ExplorePoller, loop: RefreshLoop[ExploreView]
    ) -> None:
        self._screen = screen
        self._process = process
        self._poller = poller
        self._loop = loop
        self._busy = False
        self._last = 0
        self._calls: tuple[CallRow, ...] = ()
        """Newest first, at most `LIMIT`."""
        self._given: int | None = None
        """The address of the new mapping, which the cursor goes to once it is in the table."""
        self.size = 100 << 20
        """Bytes that the next `map` requests."""

    @property
    def has_mapping(self) -> bool:
        """Whether there is a mapping to touch or unmap."""
        return self._process.pid is not None and self._process.mapped > 0

    async def map(self) -> None:
        """Map `size` bytes, after a refresh, so that the new region can be told from the old ones."""
        if self._process.pid is None:
            await asyncio.to_thread(self._process.start)
            await asyncio.to_thread(self._process.wait_ready)
        self._choose()
        self._poller.counters_now = True
        await self._loop.fresh()
        await self._call(lambda: self._process.map(self.size))

    async def touch(self) -> None:
        """Touch the next 10 MiB of the newest mapping."""
        reply = await self._call(lambda: self._process.touch(TOUCH_BYTES))
        pid = self._process.pid
        if reply is not None and pid is not None and reply.start < reply.end:
            self._poller.touched = Touch(pid, Range(reply.start, reply.end), time.monotonic())

    async def unmap(self) -> None:
        """Unmap the newest mapping."""
        await self._call(self._process.unmap)

    def choose_size(self, text: str) -> str:
        """Use the typed size for the next `map`; return an error message, or ""."""
        count = parse_size(text)
        if not count:
            return "a size is a number of bytes, or one with K, M or G: 100M"
        self.size = count
        return ""

    def follow(self, space: AddressSpace | None, table: Table[RegionRow]) -> None:
        """Move the cursor to the new mapping, or to its ghost if it is gone again, once the table lists it."""
        if self._given is None or space is None or space.process.pid != self._process.pid:
            return
        place = locate(space.regions, self._given)
        if table.move_to(place.region.start if isinstance(place, Inside) else ("gone", self._given)):
            self._given = None

    def _choose(self) -> None:
        """Select the lab process."""
        pid, before = self._process.pid, self._poller.target
        if pid is None or (before is not None and before.pid == pid):
            return
        self._poller.choose_pid(pid)
        if before is not None:
            self._screen.notify(f"This is the lab process, {pid}. Backspace goes back to {before.pid}.", timeout=4)

    async def _call(self, act: Callable[[], LabReply]) -> LabReply | None:
        """Run `act` in a thread and return its reply; None if a call is in progress."""
        if self._busy:
            return None
        self._busy = True
        try:
            reply = await asyncio.to_thread(act)
        finally:
            self._busy = False
        await self._show(self._remember(reply))
        return reply

    def _remember(self, reply: LabReply) -> CallRow:
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
        self._calls = (row, *self._calls)[:LIMIT]
        return row

    async def _show(self, row: CallRow) -> None:
        """Show the reply, and refresh the map."""
        details = self._screen.query_one(Details)
        details.show_calls(self._calls)
        await details.show_tab("calls")
        self._poller.counters_now = True  # our own small process: read smaps at once to show the touched pages
        if row.ok:
            self._given = row.start
        else:
            self._screen.notify(f"{row.call} {row.error}".strip(), severity="error", markup=False)
        self._loop.now()
