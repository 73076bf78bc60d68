"""How long mmap(2) takes in a process of 2 GiB while a program reads it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from tests.bench.programs import ENVIRONMENT, FOLDER, HTOP, MMEXPLORER
from tests.bench.terminal import Drained

BOUND = 1.5
"""With mmexplorer, in multiples of what it is with `cat maps`."""
ROUNDS = 5
"""One call of the 20,000 in a round is easily the machine's doing, not the program's."""

_SETTLE = 3.0
_SECONDS = 5.0
_TARGET = """
import mmap, sys, time
area = mmap.mmap(-1, 2 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(mmap.MADV_NOHUGEPAGE)
for page in range(0, 2 << 30, 4096): area[page] = 1
print(flush=True)
for line in sys.stdin:
    end, waits = time.perf_counter() + float(line), []
    while (start := time.perf_counter()) < end:
        mmap.mmap(-1, 4096).close()
        waits.append(time.perf_counter() - start)
        time.sleep(0.0002)
    waits.sort()
    print(waits[-1], waits[-1 - len(waits) // 1000], flush=True)
"""


class Waits:
    """Measures the calls of the process while something is going on; records the wait of one call in a thousand."""

    def __init__(
        self, target: "subprocess.Popen[str]", beside: Callable[[], AbstractContextManager[object]] = nullcontext
    ) -> None:
        self._target = target
        self._beside = beside
        self.one_in_a_thousand: list[float] = []
        """Seconds, one figure a round: what a single call waits for by chance isn't in it."""

    def __call__(self) -> float:
        """Return the longest wait in seconds: what holds the process up once a second may not show elsewhere."""
        assert self._target.stdin is not None
        assert self._target.stdout is not None
        with self._beside():
            self._target.stdin.write(f"{_SECONDS}\n")
            self._target.stdin.flush()
            worst, one_in_a_thousand = map(float, self._target.stdout.readline().split())
        self.one_in_a_thousand.append(one_in_a_thousand)
        return worst


@contextmanager
def latency_measures() -> Iterator[dict[str, Waits]]:
    """Yield the waits of a process while each of several programs reads it once a second."""
    with subprocess.Popen(
        [sys.executable, "-c", _TARGET], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as it:
        assert it.stdout is not None
        it.stdout.readline()
        pid = str(it.pid)
        yield {
            "mmexplorer": Waits(it, lambda: _on_a_screen([*MMEXPLORER, "-p", pid])),
            "cat maps": Waits(it, lambda: _again_and_again(["cat", f"/proc/{pid}/maps"])),
            "htop": Waits(it, lambda: _on_a_screen(HTOP)),
            "nobody": Waits(it),
            "pmap -X": Waits(it, lambda: _again_and_again(["pmap", "-X", pid])),
            "cat smaps": Waits(it, lambda: _again_and_again(["cat", f"/proc/{pid}/smaps"])),
        }
        it.kill()


@contextmanager
def _on_a_screen(argv: Sequence[str]) -> Iterator[None]:
    with Drained(argv, ENVIRONMENT, FOLDER) as program:
        program.drain(_SETTLE)
        yield


@contextmanager
def _again_and_again(argv: Sequence[str]) -> Iterator[None]:
    loop = f"while :; do {' '.join(argv)} > /dev/null; sleep 1; done"
    with subprocess.Popen(["sh", "-c", loop], process_group=0) as looker:
        time.sleep(1)
        yield
        looker.kill()
