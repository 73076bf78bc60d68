"""The cost of a key: CPU time and terminal output for each line that the cursor moves down, and the delay."""

import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from re import Pattern
from time import perf_counter
from typing import NamedTuple

from tests.bench.figures import Measure
from tests.bench.programs import (
    BARE_LIST,
    BARE_LIST_MARKS,
    ENVIRONMENT,
    FOLDER,
    HTOP,
    HTOP_MARKS,
    MMEXPLORER,
    REGION_ROW,
    missing,
)
from tests.bench.target import change, regions
from tests.bench.terminal import Drained, cpu_nanoseconds

BARE = "bare Textual (paints two lines)"
"""What Textual alone takes for a key, below which no screen of it can come without avoiding parts of it."""
SECONDS_BOUND, BYTES_BOUND = 4, 3
"""Upper bounds of a key, in multiples of htop's."""
PAINT_BOUND, LATE_BOUND = 0.04, 0.02
"""Seconds until a key is painted, and that the event loop is late: 99 of 100 times at most."""

_KEYS = 100
_BETWEEN = 0.05
"""Seconds between two keys: a key that repeats."""
_SETTLE = 4.0
_QUIET = 0.5
_SELDOM = "60"
"""Seconds between refreshes, long enough that none is counted."""
_DOWN = "\x1b[B"


class KeyCost(NamedTuple):
    """The average cost of a key."""

    seconds: float
    """CPU seconds."""
    bytes: float


def key_costs(rounds: int) -> Mapping[str, Sequence[KeyCost]]:
    """Press a key in a process of 1,000 regions, in htop, and in a list of bare Textual, in turns."""
    taken: dict[str, list[KeyCost]] = {name: [] for name in ("j", "htop", BARE) if name != "htop" or not missing(HTOP)}
    with regions(1_000) as target:
        for _ in range(rounds):
            ours = [*MMEXPLORER, "-p", str(target.pid), "--interval", _SELDOM]
            taken["j"].append(key_cost(ours, [REGION_ROW], "j"))
            if "htop" in taken:
                taken["htop"].append(key_cost(["htop", "-d", "600"], HTOP_MARKS, _DOWN))
            taken[BARE].append(key_cost(BARE_LIST, BARE_LIST_MARKS, "j"))
    return taken


def key_cost(argv: Sequence[str], marks: Sequence[Pattern[bytes]], key: str, *, keys: int = _KEYS) -> KeyCost:
    """Start a program, wait until it has settled, and press `key` repeatedly."""
    with Drained(argv, ENVIRONMENT, FOLDER) as program:
        program.seconds_until(marks)
        program.drain(_SETTLE)
        _press(program, key, keys // 10)
        program.forget()
        before = cpu_nanoseconds(program.process.pid)
        _press(program, key, keys)
        spent = cpu_nanoseconds(program.process.pid) - before
        return KeyCost(spent / keys / 1e9, program.size / keys)


def _press(program: Drained, key: str, keys: int) -> None:
    for _ in range(keys):
        program.type(key)
        program.drain(_BETWEEN)
    program.drain(_QUIET)


@contextmanager
def paint_measures(count: int) -> Iterator[dict[str, Measure]]:
    """Measure the 99th percentile of a key's delay, while one of that many regions changes every second."""
    with regions(count) as target:
        over = threading.Event()

        def change_each_second() -> None:
            while not over.wait(1.0):
                change(target)

        changing = threading.Thread(target=change_each_second)
        changing.start()
        yield {
            "j, the slowest of 100": lambda: _slowest_of_a_hundred(target.pid),
            "event loop late, once in 100": lambda: _late(target.pid),
        }
        over.set()
        changing.join()


def _slowest_of_a_hundred(pid: int) -> float:
    with Drained([*MMEXPLORER, "-p", str(pid)], ENVIRONMENT, FOLDER) as program:
        program.seconds_until([REGION_ROW])
        program.drain(_SETTLE)
        waited = []
        for _ in range(_KEYS):
            program.drain(_BETWEEN)
            start = perf_counter()
            program.type("j")
            program.wait()
            waited.append(perf_counter() - start)
        return sorted(waited)[-2]


def _late(pid: int) -> float:
    with tempfile.NamedTemporaryFile() as file:
        argv = [sys.executable, "-m", "tests.bench.late_app", file.name, "-p", str(pid)]
        with Drained(argv, ENVIRONMENT, FOLDER) as program:
            while not (found := Path(file.name).read_text()):
                program.drain(_QUIET)
        return float(found)
