"""The worst latency of mmap(2) in a process of 2 GiB while a program reads it."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from tests.bench.figures import Measure
from tests.bench.programs import ENVIRONMENT, FOLDER, HTOP, MMEXPLORER
from tests.bench.terminal import Drained

BOUND = 1.5
"""The worst latency with mmexplorer, in multiples of that with `cat maps`."""

_SETTLE = 3.0
_SECONDS = 5.0
_TARGET = """
import mmap, sys, time
area = mmap.mmap(-1, 2 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(mmap.MADV_NOHUGEPAGE)
for page in range(0, 2 << 30, 4096): area[page] = 1
print(flush=True)
for line in sys.stdin:
    end, worst = time.perf_counter() + float(line), 0.0
    while (start := time.perf_counter()) < end:
        mmap.mmap(-1, 4096).close()
        worst = max(worst, time.perf_counter() - start)
        time.sleep(0.0002)
    print(worst, flush=True)
"""


@contextlib.contextmanager
def latency_measures() -> Iterator[dict[str, Measure]]:
    """Yield the worst latency of a process while each of several programs reads it once a second."""
    with subprocess.Popen(
        [sys.executable, "-c", _TARGET], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as it:
        assert it.stdout is not None
        it.stdout.readline()
        pid = str(it.pid)
        yield {
            "mmexplorer": lambda: _beside_screen(it, [*MMEXPLORER, "-p", pid]),
            "cat maps": lambda: _beside(it, ["cat", f"/proc/{pid}/maps"]),
            "htop": lambda: _beside_screen(it, HTOP),
            "nobody": lambda: _worst(it),
            "pmap -X": lambda: _beside(it, ["pmap", "-X", pid]),
            "cat smaps": lambda: _beside(it, ["cat", f"/proc/{pid}/smaps"]),
        }
        it.kill()


def _worst(target: "subprocess.Popen[str]") -> float:
    assert target.stdin is not None
    assert target.stdout is not None
    target.stdin.write(f"{_SECONDS}\n")
    target.stdin.flush()
    return float(target.stdout.readline())


def _beside_screen(target: "subprocess.Popen[str]", argv: Sequence[str]) -> float:
    with Drained(argv, ENVIRONMENT, FOLDER) as program:
        program.drain(_SETTLE)
        return _worst(target)


def _beside(target: "subprocess.Popen[str]", argv: Sequence[str]) -> float:
    loop = f"while :; do {' '.join(argv)} > /dev/null; sleep 1; done"
    with subprocess.Popen(["sh", "-c", loop], process_group=0) as looker:
        time.sleep(1)
        worst = _worst(target)
        looker.kill()
    return worst
