"""A long tour of all screens on a busy machine: `python -m tests.soak [MINUTES]`.

Processes come and go, one of them maps and unmaps constantly, and the program is stopped now and then, so that its
history has gaps. It prints every ten seconds what the program holds, and at the end whether memory grew by more than 5
% after the first third, or anything else leaked. Exit status 1 if so, or if the program ended.

Among other processes the figures also depend on their sizes: there, run it as root in a PID namespace of its own, with
`unshare --mount --pid --fork --mount-proc` in front.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.terminal import Drained

_DOWN = "\x1b[B"
_TOUR = (
    *("1", "\x1b[B", "\x1b[B", "\x1b[B", "\r", "\x1b[B", "\x1b[B", "\x1b[6~", "\t", "\x1b[B", "\t", "\x1b[B", "\x1b[Z"),
    *(
        "2",
        "\x1b[B",
        "\t",
        "\x1b[B",
        "s",
        "S",
        "\t",
        "\x1b[C",
        "3",
        "\x1b[B",
        "\x1b[B",
        "2",
        "1",
        "/",
        "a",
        "\x1b",
        "?",
    ),
    *("\x1b", "g", "t", "T", "\x1b"),
)
"""Keys: through the panes of Explore, through System, to the list of labs, a filter, the help, and back."""
_KEY_SECONDS = 0.3
_LOOK_SECONDS = 10.0
_GAP_EVERY, _GAP_SECONDS = 60.0, 4.0
_CHILDREN = 20
"""Processes alive at any time; each lives for a second, so that a thousand come and go per minute."""
_STORM = """
import mmap, time
while True:
    maps = [mmap.mmap(-1, 4096 * (1 + place % 7)) for place in range(400)]
    time.sleep(0.5)
    [each.close() for each in maps]
"""
_GROWTH_AT_MOST = 1.05


class Held(NamedTuple):
    """What the program holds at a moment."""

    rss: int
    """KiB."""
    descriptors: int
    threads: int
    children: int


def _held(pid: int) -> Held:
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    descriptors = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - a count
    return Held(int(fields["VmRSS"].split()[0]), descriptors, int(fields["Threads"]), len(children))


class _Churn:
    """Processes that come and go, and one whose map keeps changing."""

    def __init__(self) -> None:
        self._storm = subprocess.Popen([sys.executable, "-c", _STORM])
        self._living: list[subprocess.Popen[bytes]] = []

    def turn(self) -> None:
        """Replace those that have ended."""
        self._living = [child for child in self._living if child.poll() is None]
        while len(self._living) < _CHILDREN:
            self._living.append(subprocess.Popen(["sleep", f"{random.uniform(0.5, 1.5):.2f}"]))  # noqa: S311 - a pace

    def close(self) -> None:
        for child in (self._storm, *self._living):
            child.kill()
            child.wait()


@contextlib.contextmanager
def _churn() -> Iterator[_Churn]:
    churn = _Churn()
    try:
        yield churn
    finally:
        churn.close()


def soak(minutes: float, command: Sequence[str]) -> list[Held]:
    """Run the tour; return what was held every ten seconds. Raise RuntimeError if the program ends."""
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    samples: list[Held] = []
    with _churn() as churn, Drained(command, environment, "/") as screen:
        screen.drain(3.0)
        start = time.monotonic()
        look, gap = start, start + _GAP_EVERY
        turn = 0
        while (now := time.monotonic()) - start < minutes * 60:
            churn.turn()
            screen.type(_TOUR[turn % len(_TOUR)])
            turn += 1
            screen.drain(_KEY_SECONDS)
            screen.forget()
            if now >= gap:
                gap = now + _GAP_EVERY
                screen.process.send_signal(signal.SIGSTOP)
                time.sleep(_GAP_SECONDS)
                screen.process.send_signal(signal.SIGCONT)
            if now >= look:
                look = now + _LOOK_SECONDS
                samples.append(_held(screen.process.pid))
                print(f"{now - start:6.0f} s  {samples[-1]}", flush=True)
    return samples


def _complaints(samples: Sequence[Held]) -> Iterator[str]:
    """Compare the middle third with the last one."""
    third = len(samples) // 3
    middle, last = samples[third : 2 * third], samples[2 * third :]
    for name, most in (("rss", _GROWTH_AT_MOST), ("descriptors", 1.2), ("threads", 1.2), ("children", 1.2)):
        before, after = (max(getattr(each, name) for each in part) for part in (middle, last))
        if after > before * most + (1 if name != "rss" else 0):
            yield f"{name} grew from {before} to {after}"


def main() -> int:
    """Run from the command line."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    command = sys.argv[2:] or [sys.executable, "-m", "mmexplorer", "--interval", "0.2"]
    samples = soak(minutes, command)
    found = list(_complaints(samples))
    print("\n".join(found) or f"nothing grew in {minutes:g} minutes")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
