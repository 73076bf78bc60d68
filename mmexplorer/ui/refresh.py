"""The loop that looks: one reading at a time, in a thread; the screen never waits for it."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Seen = TypeVar("Seen")

SHARE_OF = 30
"""Refreshes over which the cost of looking is averaged."""


class RefreshLoop(Generic[Seen]):
    """Calls `look` in a thread every `interval` seconds and hands what it gave to `show`, in the event loop.

    Textual's thread workers would do, but for two things: a request that comes while a reading is under way must be
    served right after it, and only once; and no two readings may ever overlap, since a source keeps state.
    """

    def __init__(self, look: Callable[[], Seen], show: Callable[[Seen], None], interval: float) -> None:
        self._look = look
        self._show = show
        self._wake = asyncio.Event()
        self._turn = asyncio.Condition()
        self._begun = self._shown = 0
        self.interval = interval
        self.paused = False
        """While set, only `now` makes it look."""

    def now(self) -> None:
        """Look as soon as the reading under way, if any, is through."""
        self._wake.set()

    async def fresh(self) -> None:
        """Look now, and wait until what was seen is shown; a look that is under way has begun too early."""
        wanted = self._begun + 1
        self.now()
        await self._until_shown(wanted)

    async def first(self) -> None:
        """Wait until what the first look saw is shown."""
        await self._until_shown(1)

    async def _until_shown(self, wanted: int) -> None:
        async with self._turn:
            await self._turn.wait_for(lambda: self._shown >= wanted)

    async def run(self) -> None:
        """Look, show, wait; until cancelled."""
        while True:
            self._wake.clear()
            self._begun += 1
            self._show(await asyncio.to_thread(self._look))
            async with self._turn:
                self._shown = self._begun
                self._turn.notify_all()
            await self._pause()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), None if self.paused else self.interval)
        except TimeoutError:
            return


class Paced:
    """Does something at once; what is asked for again and again then waits for a pause, but not for ever."""

    def __init__(
        self, do: Callable[[], None], after: Callable[[float, Callable[[], None]], object], *, pauses: int = 1
    ) -> None:
        """`after`: calls back when so many seconds have passed. `pauses`: how many of them it waits at most."""
        self._do = do
        self._after = after
        self._pauses = pauses
        self._waited = 0
        self._pausing = self._asked = self._owed = False

    def ask(self, seconds: float) -> None:
        """Do it now; or when nobody has asked for `seconds`, or at the end of the last pause."""
        self._asked = True
        if not self._pausing:
            self._do_now(seconds)

    def _do_now(self, seconds: float) -> None:
        self._asked = self._owed = False
        self._waited = 0
        self._pause(seconds)
        self._do()

    def _pause(self, seconds: float) -> None:
        self._pausing = True
        self._after(seconds, lambda: self._end(seconds))

    def _end(self, seconds: float) -> None:
        asked, self._asked = self._asked, False
        self._owed = self._owed or asked
        self._waited += 1
        if not self._owed:
            self._pausing = False
        elif asked and self._waited < self._pauses:
            self._pause(seconds)
        else:
            self._do_now(seconds)


class Share:
    """The part of the time that goes into something, over the last refreshes."""

    def __init__(self) -> None:
        self._spent: deque[tuple[float, float]] = deque(maxlen=SHARE_OF)

    def add(self, clock: float, seconds: float) -> None:
        """Note that `seconds` were spent in the refresh that ended at `clock`, of the monotonic clock."""
        self._spent.append((clock, seconds))

    @property
    def value(self) -> float:
        """0..1; 0 until there are two refreshes to measure between."""
        if len(self._spent) < 2:  # noqa: PLR2004 - a span of time has two ends
            return 0.0
        span = self._spent[-1][0] - self._spent[0][0]
        spent = sum(seconds for _, seconds in list(self._spent)[1:])
        return min(1.0, spent / span) if span > 0 else 0.0
