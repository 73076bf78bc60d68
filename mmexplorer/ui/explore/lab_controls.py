"""What m, t and u of Explore do: they tell the lab process to map, touch and unmap, and show what it answered."""

import asyncio
import time
from collections.abc import Callable

from textual.screen import Screen

from mmexplorer.labs.interfaces import LabProcess
from mmexplorer.labs.protocol import LabReply
from mmexplorer.model.address import Inside, locate
from mmexplorer.model.amount import parse_size
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.explore.lab_calls import CallRow
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.region.table import RegionRow
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.explore.poller import ExplorePoller
from mmexplorer.ui.refresh import RefreshLoop
from mmexplorer.ui.widgets.table.table import Table

LIMIT = 200
"""Calls remembered."""

TOUCH_BYTES = 10 << 20


class LabControls:
    """Owned by the screen, which it never holds up: one call at a time, and a key pressed meanwhile is not queued."""

    def __init__(
        self, screen: Screen[None], process: LabProcess, poller: ExplorePoller, loop: RefreshLoop[ExploreView]
    ) -> None:
        self._screen = screen
        self._process = process
        self._poller = poller
        self._loop = loop
        self._busy = False
        self._last = 0
        self._calls: tuple[CallRow, ...] = ()
        """The newest first, at most `LIMIT`."""
        self._given: int | None = None
        """The address that the process was just given: the cursor goes there as soon as it is seen."""
        self.size = 100 << 20
        """Bytes that the next `map` asks for."""

    @property
    def has_mapping(self) -> bool:
        """Whether there is something to touch and unmap."""
        return self._process.pid is not None and self._process.mapped > 0

    async def map(self) -> None:
        """Map `size` bytes. The process is looked at before, to tell what is new from what was there."""
        if self._process.pid is None:
            await asyncio.to_thread(self._process.start)
            await asyncio.to_thread(self._process.wait_ready)
        self._choose()
        self._poller.counters_now = True
        await self._loop.fresh()
        await self._call(lambda: self._process.map(self.size))

    async def touch(self) -> None:
        """Touch the next 10 MiB of the newest mapping."""
        await self._call(lambda: self._process.touch(TOUCH_BYTES))

    async def unmap(self) -> None:
        """Unmap the newest mapping."""
        await self._call(self._process.unmap)

    def choose_size(self, text: str) -> str:
        """Take the size that was typed for the next `map`; give what is wrong with it, or ""."""
        count = parse_size(text)
        if not count:
            return "a size is a number of bytes, or one with K, M or G: 100M"
        self.size = count
        return ""

    def follow(self, space: AddressSpace | None, table: Table[RegionRow]) -> None:
        """Put the cursor on the region that the process was just given, or on its ghost, once it is in the table."""
        if self._given is None or space is None or space.process.pid != self._process.pid:
            return
        place = locate(space.regions, self._given)
        if table.move_to(place.region.start if isinstance(place, Inside) else ("gone", self._given)):
            self._given = None

    def _choose(self) -> None:
        """Have the lab process looked at."""
        pid, before = self._process.pid, self._poller.target
        if pid is None or (before is not None and before.pid == pid):
            return
        self._poller.choose_pid(pid)
        if before is not None:
            self._screen.notify(f"This is the lab process, {pid}. Backspace goes back to {before.pid}.", timeout=4)

    async def _call(self, act: Callable[[], LabReply]) -> None:
        """Do it in a thread, unless something is being done already."""
        if self._busy:
            return
        self._busy = True
        try:
            reply = await asyncio.to_thread(act)
        finally:
            self._busy = False
        self._show(self._remember(reply))

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

    def _show(self, row: CallRow) -> None:
        """Show what the process answered, and what has become of its map."""
        details = self._screen.query_one(Details)
        details.show_calls(self._calls)
        details.show_tab("calls")
        self._poller.counters_now = True  # it is ours, and small: what it has touched is to be seen at once
        if row.ok:
            self._given = row.start
        else:
            self._screen.notify(f"{row.call} {row.error}".strip(), severity="error", markup=False)
        self._loop.now()
