"""The pace of a lab that plays itself, for a projector."""

import asyncio
import time
from collections.abc import Callable

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""How many times faster than a calm reader."""

_WORDS_A_SECOND = 3.0
_LEAST_SECONDS = 3.0
_TICK = 0.1


class Pace:
    """Waits as long as a text takes to read. Set from the event loop only."""

    def __init__(self, speed: float = 1.0, *, every_lab: bool = False) -> None:
        """`every_lab`: whether it goes on with the next lab at the end of one."""
        self.speed = speed
        self.every_lab = every_lab
        self.held = False
        """While set, nobody reads."""
        self._stopped = False
        self._skip = asyncio.Event()

    def change(self, step: int) -> None:
        """Read faster or slower."""
        nearest = min(range(len(SPEEDS)), key=lambda index: abs(SPEEDS[index] - self.speed))
        self.speed = SPEEDS[max(0, min(nearest + step, len(SPEEDS) - 1))]

    def skip(self) -> None:
        """Go on at once."""
        self._skip.set()

    def stop(self) -> None:
        """End the play as soon as nothing is being done."""
        self._stopped = True
        self._skip.set()

    async def read(self, words: int, tell: Callable[[float], None]) -> bool:
        """Wait; `tell` is called with the seconds that are left at today's speed, again and again.

        False if the play was stopped.
        """
        left = max(_LEAST_SECONDS, words / _WORDS_A_SECOND)
        self._skip.clear()
        while left > 0 and not self._skip.is_set() and not self._stopped:
            tell(left / self.speed)
            began = time.monotonic()
            try:
                await asyncio.wait_for(self._skip.wait(), min(_TICK, left / self.speed))
            except TimeoutError:
                left -= 0 if self.held else (time.monotonic() - began) * self.speed
        return not self._stopped
