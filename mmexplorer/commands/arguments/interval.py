"""The argument for the number of seconds between two looks."""

from argparse import ArgumentTypeError

USUAL = 1.0
"""Seconds, if none are given."""
_LONGEST = 60.0
_SHORTEST = 0.1


def interval(text: str) -> float:
    """Parse a number of seconds, 0.1 to 60. Raises ArgumentTypeError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not _SHORTEST <= seconds <= _LONGEST:
        message = f"not a number of seconds from {_SHORTEST} to {_LONGEST:.0f}: {text!r}"
        raise ArgumentTypeError(message)
    return seconds
