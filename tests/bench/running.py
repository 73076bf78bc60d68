"""What it costs to leave Explore running: processor time at one look a second, and memory per region."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import Measure
from tests.bench.keys import regions
from tests.bench.programs import ENVIRONMENT, FOLDER, MMEXPLORER
from tests.bench.terminal import Drained, cpu_nanoseconds

FEW, MANY, PROCESSES = 100, 60_000, 2_000
CPU_BOUNDS = {f"{FEW} regions": 1.5, f"{PROCESSES:,} processes": 0.9, f"{MANY:,} regions": 1.5}
"""What it may take, compared with `htop -d 10`."""
MEMORY_BOUND = 250
"""Bytes per region, with all its counters."""

_SETTLE = 6.0
"""Seconds until a program that was just started has nothing more to load."""
_ANONYMOUS = re.compile(r"^RssAnon:\s+(\d+) kB$", re.MULTILINE)
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
        with Drained(argv, ENVIRONMENT, FOLDER) as program:
            program.drain(_SETTLE)
            before, start = cpu_nanoseconds(program.process.pid), time.perf_counter()
            program.drain(seconds)
            return (cpu_nanoseconds(program.process.pid) - before) / 1e9 / (time.perf_counter() - start)

    return measure


def situations() -> Iterator[tuple[str, list[str]]]:
    """Bring about each situation of `CPU_BOUNDS`, one after another; give how Explore is called in it."""
    few, processes, many = CPU_BOUNDS
    with regions(FEW) as target:
        yield few, _looking_at(target.pid)
        with sleepers(PROCESSES):
            yield processes, _looking_at(target.pid)
    with regions(MANY) as target:
        yield many, _looking_at(target.pid)


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


def memory_per_region() -> float:
    """Return the bytes of anonymous memory that a region more takes, once its counters were read."""
    with regions(FEW) as few, regions(MANY) as many:
        return (_memory(many.pid) - _memory(few.pid)) / (MANY - FEW)


def _memory(pid: int) -> int:
    with Drained(_looking_at(pid), ENVIRONMENT, FOLDER) as program:
        program.drain(_SETTLE)
        program.type("r")
        program.drain(_SETTLE)
        found = _ANONYMOUS.search(Path(f"/proc/{program.process.pid}/status").read_text())
        assert found is not None
        return int(found[1]) << 10


def _looking_at(pid: int) -> list[str]:
    return [*MMEXPLORER, "-p", str(pid)]
