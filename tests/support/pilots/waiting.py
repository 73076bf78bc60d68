"""Waits for what a plain Textual app is bound to show, however many messages later."""

import time
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from tests.support.patience import PATIENCE


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait for a condition; fail if it isn't true within the deadline."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        await pilot.pause()
