"""A pty that is only drained: no emulator between what a program writes and the clock."""

import bisect
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Self

COLUMNS, LINES = 160, 48
LIMIT = 30.0
"""Seconds after which waiting is given up."""

_QUIET = 0.1
"""Seconds without output after which the output so far is searched."""

_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-9;:<=>?$]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[()][0-9A-B]|.)"
)

_MOVES = re.compile(rb"\x1b\[[0-9;]*[CHf]")
"""What moves the cursor on, maybe over cells that are blank already."""


class Drained:
    """Runs `argv` in a pty and keeps its output; use as a context manager."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
        self._chunks: list[tuple[float, bytes]] = []
        """The output, each chunk with the seconds since the start."""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._started = time.perf_counter()
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=dict(environment), cwd=folder
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def text(self, chunks: int | None = None) -> bytes:
        """Return the output, or its first `chunks`, without escape sequences; a space where the cursor moved."""
        return _ESCAPES.sub(b"", _MOVES.sub(b" ", b"".join(chunk for _, chunk in self._chunks[:chunks])))

    @property
    def size(self) -> int:
        """Bytes written."""
        return sum(len(chunk) for _, chunk in self._chunks)

    def type(self, keys: str) -> None:
        """Send `keys`."""
        os.write(self._master, keys.encode())

    def forget(self) -> None:
        """Drop the output so far."""
        self._chunks.clear()

    def drain(self, seconds: float) -> None:
        """Read all output for `seconds`."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def wait(self) -> None:
        """Read the next output; raise if it takes too long."""
        if not self._read(LIMIT):
            raise RuntimeError(f"{self.process.args!r} wrote nothing")

    def seconds_until(self, marks: Sequence[re.Pattern[bytes]]) -> float:
        """Return the seconds from the start until the last of `marks` was written.

        Searches only while the program is quiet, so that a full pty never holds it up.
        """

        def shown(chunks: int) -> bool:
            text = self.text(chunks)
            return all(mark.search(text) for mark in marks)

        while self._read(_QUIET) or not shown(len(self._chunks)):
            if time.perf_counter() - self._started > LIMIT:
                raise RuntimeError(f"{self.process.args!r} never showed {marks}: {self.text()[-300:]!r}")
        return self._chunks[bisect.bisect_left(range(1, len(self._chunks)), x=True, key=shown)][0]

    def _read(self, seconds: float) -> bool:
        """Read output for up to `seconds`; return False if there is none."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError as error:  # EIO: the last writer has closed its end
            raise RuntimeError(f"{self.process.args!r} ended: {self.text()[-300:]!r}") from error
        self._chunks.append((time.perf_counter() - self._started, chunk))
        return True


def cpu_nanoseconds(pid: int) -> int:
    """Return the CPU time of a process and its threads, from its clock (`clock_getcpuclockid(3)`)."""
    return time.clock_gettime_ns((~pid << 3) | 2)
