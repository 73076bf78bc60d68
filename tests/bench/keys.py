"""What a key costs: processor time and bytes to the terminal for each line that the cursor goes down."""

from collections.abc import Sequence
from re import Pattern
from typing import NamedTuple

from tests.bench.programs import ENVIRONMENT, FOLDER
from tests.bench.terminal import Drained, cpu_nanoseconds

_KEYS = 100
_BETWEEN = 0.05
"""Seconds between two keys: a key that repeats."""
_SETTLE = 4.0


class KeyCost(NamedTuple):
    """Of one key, on average."""

    seconds: float
    """Of processor time."""
    bytes: float


def key_cost(argv: Sequence[str], marks: Sequence[Pattern[bytes]], key: str, *, keys: int = _KEYS) -> KeyCost:
    """Start a program, wait until it has settled, and press `key` again and again."""
    with Drained(argv, ENVIRONMENT, FOLDER) as program:
        program.seconds_until(marks)
        program.drain(_SETTLE)
        for _ in range(10):
            program.type(key)
            program.drain(_BETWEEN)
        program.drain(0.5)
        program.forget()
        before = cpu_nanoseconds(program.process.pid)
        for _ in range(keys):
            program.type(key)
            program.drain(_BETWEEN)
        program.drain(0.5)
        spent = cpu_nanoseconds(program.process.pid) - before
        return KeyCost(spent / keys / 1e9, program.size / keys)
