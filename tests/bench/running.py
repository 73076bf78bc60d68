"""What it costs to leave Explore running: processor time at one look a second."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import Measure
from tests.bench.programs import BTOP, ENVIRONMENT, FEW, FOLDER, GLANCES, HTOP, SIZES, looking_at
from tests.bench.target import regions
from tests.bench.terminal import Drained, cpu_nanoseconds

MANY, PROCESSES = SIZES[-1], 2_000
CPU_BOUNDS = {f"{FEW} regions": 1.5, f"{PROCESSES:,} processes": 0.9, f"{MANY:,} regions": 1.5}
"""What it may take, compared with `htop -d 10`."""
OTHERS = {"htop": HTOP, "btop": BTOP, "glances": GLANCES}
"""What it is compared with, each told to look once a second."""

_SETTLE = 5.0
"""Seconds until a program that was just started has nothing more to load."""
_SLEEPERS = """
import os, sys
reading, writing = os.pipe()
for _ in range(int(sys.argv[1])):
    if not os.fork():
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
print(flush=True)
sys.stdin.read()
"""


def cpu_share(argv: Sequence[str], seconds: float) -> Measure:
    """Measure a program's processor time once it has settled, as a fraction of the wall time."""

    def measure() -> float:
        with _settings() as folder, Drained(argv, {**ENVIRONMENT, "XDG_CONFIG_HOME": folder}, FOLDER) as program:
            program.drain(_SETTLE)
            before, start = cpu_nanoseconds(program.process.pid), time.perf_counter()
            program.drain(seconds)
            return (cpu_nanoseconds(program.process.pid) - before) / 1e9 / (time.perf_counter() - start)

    return measure


@contextmanager
def _settings() -> Iterator[str]:
    """Make a folder of settings in which btop finds that it is to look once a second."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "btop").mkdir()
        (Path(folder) / "btop" / "btop.conf").write_text("update_ms = 1000\n")
        yield folder


def situations() -> Iterator[tuple[str, list[str]]]:
    """Bring about each situation of `CPU_BOUNDS`, one after another; give how Explore is called in it."""
    few, processes, many = CPU_BOUNDS
    with regions(FEW) as target:
        yield few, looking_at(target.pid)
        with sleepers(PROCESSES):
            yield processes, looking_at(target.pid)
    with regions(MANY) as target:
        yield many, looking_at(target.pid)


@contextmanager
def sleepers(count: int) -> Iterator[None]:
    """Have so many more processes, all asleep, which end with the first."""
    with subprocess.Popen(
        [sys.executable, "-c", _SLEEPERS, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdin is not None
        assert first.stdout is not None
        first.stdout.readline()
        yield
        first.stdin.close()
