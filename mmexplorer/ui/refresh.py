"""The refresh loop: one reading at a time, in a thread, so that the screen never waits."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Seen = TypeVar("Seen")

SHARE_OF = 30
"""Refreshes over which the cost is averaged."""


class RefreshLoop(Generic[Seen]):
    """Calls `look` in a thread every `interval` seconds and passes its result to `show` in the event loop.

    Textual's thread workers don't guarantee two things: a request that arrives during a reading must be served right
    after it, and only once; and two readings must never overlap, because a source keeps state.
    """

    def __init__(self, look: Callable[[], Seen], show: Callable[[Seen], None], interval: float) -> None:
        self._look = look
        self._show = show
        self._wake = asyncio.Event()
        self._turn = asyncio.Condition()
        self._begun = self._shown = 0
        self._then: tuple[int, Callable[[], None]] | None = None
        self.interval = interval
        self.paused = False
        """While set, only `now` triggers a reading."""

    def now(self) -> int:
        """Read again as soon as the current reading, if any, is done; return the number of the new reading."""
        self._wake.set()
        return self._begun + 1

    def then(self, do: Callable[[], None]) -> int:
        """Read again, and call `do` once that is shown; a later call replaces an earlier one."""
        self._then = self.now(), do
        return self._then[0]

    async def fresh(self) -> None:
        """Start a new reading and wait until it is shown; one already under way began too early to count."""
        await self.until_shown(self.now())

    async def first(self) -> None:
        """Wait until the first reading is shown."""
        await self.until_shown(1)

    def has_shown(self, number: int) -> bool:
        """Return whether the reading with that number is shown, or a newer one."""
        return self._shown >= number

    async def until_shown(self, number: int) -> None:
        """Wait until the reading with that number is shown."""
        async with self._turn:
            await self._turn.wait_for(lambda: self.has_shown(number))

    async def run(self) -> None:
        """Read, show and wait, until cancelled."""
        while True:
            self._wake.clear()
            self._begun += 1
            self._show(await asyncio.to_thread(self._look))
            self._go_on()
            async with self._turn:
                self._shown = self._begun
                self._turn.notify_all()
            await self._pause()

    def _go_on(self) -> None:
        if self._then is not None and self._then[0] <= self._begun:
            (_, do), self._then = self._then, None
            do()

    async def _pause(self) -> None:
        wait = None if self.paused else asyncio.get_running_loop().call_later(self.interval, self.now)
        try:
            await self._wake.wait()
        finally:
            if wait is not None:
                wait.cancel()


class Expected:
    """The reading that a key asked for."""

    def __init__(self, loop: RefreshLoop[Any]) -> None:
        self._loop = loop
        self._number = 0

    def ask(self) -> None:
        """Read again, and expect that reading."""
        self._number = self._loop.now()

    def then(self, do: Callable[[], None]) -> None:
        """Read again, expect that reading, and call `do` once it is shown."""
        self._number = self._loop.then(do)

    @property
    def is_pending(self) -> bool:
        """Whether it isn't shown yet."""
        return not self._loop.has_shown(self._number)

    async def shown(self) -> None:
        """Wait until it is shown."""
        while not self._loop.has_shown(self._number):
            await self._loop.until_shown(self._number)

    def give_up(self) -> None:
        """Expect nothing any more."""
        self._number = 0


class Paced:
    """Runs the first request at once; repeated ones wait for a pause between requests, but not forever."""

    def __init__(
        self,
        do: Callable[[], None],
        after: Callable[[float, Callable[[], None]], object],
        *,
        seconds: float,
        pauses: int = 1,
    ) -> None:
        """Keep `after(seconds, callback)`, which calls back later, the length of a pause, and how many to wait."""
        self._do = do
        self._after = after
        self._seconds = seconds
        self._pauses = pauses
        self._waited = 0
        self._pausing = self._asked = self._owed = False

    def ask(self) -> None:
        """Run now, or after a pause without another request, or at the end of the last pause."""
        self._asked = True
        if not self._pausing:
            self._do_now()

    def _do_now(self) -> None:
        self._asked = self._owed = False
        self._waited = 0
        self._pause()
        self._do()

    def _pause(self) -> None:
        self._pausing = True
        self._after(self._seconds, self._end)

    def _end(self) -> None:
        asked, self._asked = self._asked, False
        self._owed = self._owed or asked
        self._waited += 1
        if not self._owed:
            self._pausing = False
        elif asked and self._waited < self._pauses:
            self._pause()
        else:
            self._do_now()


class Share:
    """The share of time spent on something, over the last refreshes."""

    def __init__(self) -> None:
        self._spent: deque[tuple[float, float]] = deque(maxlen=SHARE_OF)

    def add(self, clock: float, seconds: float) -> None:
        """Add `seconds` spent in the refresh that ended at `clock` (monotonic)."""
        self._spent.append((clock, seconds))

    @property
    def value(self) -> float | None:
        """Range 0..1; None until there are two refreshes to measure between."""
        if len(self._spent) < 2:  # noqa: PLR2004 - a span of time has two ends
            return None
        span = self._spent[-1][0] - self._spent[0][0]
        spent = sum(seconds for _, seconds in list(self._spent)[1:])
        return min(1.0, spent / span) if span > 0 else None
