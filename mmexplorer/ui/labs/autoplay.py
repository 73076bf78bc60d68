"""Plays a lab by itself, for a projector: show, wait as long as reading takes, do the step, go on."""

import asyncio
import time
from collections.abc import Callable

from mmexplorer.ui.labs.moves import LabMoves

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""How many times faster than a calm reader."""

_WORDS_A_SECOND = 3.0
_LEAST_SECONDS = 3.0
_TICK = 0.1


class Autoplay:
    """Makes the moves that a user would make, except predictions. Used in the event loop only."""

    def __init__(self, moves: LabMoves, count_down: Callable[[float], None], *, every_lab: bool = False) -> None:
        """Keep `every_lab`: whether it goes on to the next lab at the end of one.

        `count_down` shows the seconds until the next move.
        """
        self._moves = moves
        self._count_down = count_down
        self._every_lab = every_lab
        self.speed = 1.0
        self.held = False
        """While set, the waiting time doesn't count down."""
        self._stopped = False
        self._skip = asyncio.Event()

    def change_speed(self, step: int) -> None:
        """Change the reading speed."""
        nearest = min(range(len(SPEEDS)), key=lambda index: abs(SPEEDS[index] - self.speed))
        self.speed = SPEEDS[max(0, min(nearest + step, len(SPEEDS) - 1))]

    def skip(self) -> None:
        """Go on at once."""
        self._skip.set()

    def stop(self) -> None:
        """Stop as soon as the current move is done."""
        self._stopped = True
        self._skip.set()

    async def run(self) -> None:
        """Play until the end, until a step fails, or until stopped."""
        moves = self._moves
        if self._every_lab and not moves.playable:
            moves.choose_next()
        while await self._play_lab() and self._every_lab and moves.choose_next():
            pass

    async def _play_lab(self) -> bool:
        """Play the chosen lab to its end; return False if it was stopped or can't continue."""
        moves = self._moves
        await moves.settle()
        while not moves.at_end:
            if moves.halted or not await self._read():
                return False
            await moves.advance()
        return await self._read()

    async def _read(self) -> bool:
        """Wait as long as reading the screen takes at the current speed; return False if stopped."""
        left = max(_LEAST_SECONDS, self._moves.words / _WORDS_A_SECOND)
        self._skip.clear()
        while left > 0 and not self._skip.is_set() and not self._stopped:
            self._count_down(left / self.speed)
            began = time.monotonic()
            try:
                await asyncio.wait_for(self._skip.wait(), min(_TICK, left / self.speed))
            except TimeoutError:
                left -= 0 if self.held else (time.monotonic() - began) * self.speed
        return not self._stopped
