"""Waits for what a plain Textual app is bound to show, however many messages later."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from tests.support.patience import PATIENCE

_POLL = 0.005
"""Seconds between two checks of a condition."""


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait for a condition; fail if it isn't true within the deadline."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(_POLL)
        await pilot.pause()
