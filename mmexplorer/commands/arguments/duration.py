"""A time span as typed by the user: 30, 500ms, 1.5s, 10m, 2h, 1d."""

import re
from argparse import ArgumentTypeError

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)?", re.ASCII)
_SECONDS = {"ms": 0.001, None: 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SHORTEST_PACE = 0.05


def duration(text: str) -> float:
    """Parse a number of seconds greater than 0. Raises ArgumentTypeError."""
    found = _DURATION.fullmatch(text)
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if seconds <= 0:
        raise ArgumentTypeError(f"not a span of time, such as 30, 500ms, 10m or 2h: {text!r}")
    return seconds


def pace(text: str) -> float:
    """Parse the time between two looks, at least 50 ms, in seconds. Raises ArgumentTypeError."""
    seconds = duration(text)
    if seconds < _SHORTEST_PACE:
        raise ArgumentTypeError(f"looking more often than every 50 ms costs more than it shows: {text!r}")
    return seconds
