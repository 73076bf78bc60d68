"""A pty that is only drained: no emulator stands between what a program writes and the clock."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence

COLUMNS, LINES = 160, 48
LIMIT = 30.0
"""Seconds after which something that is waited for is given up."""

_ESCAPES = re.compile(rb"\x1b(?:\[[0-9;:<=>?$]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[()][0-9A-B]|.)")


class Drained:
    """Runs `argv` in a pty and keeps the bytes that it writes; use as a context manager."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
        self.raw = bytearray()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=dict(environment), cwd=folder
        )
        os.close(slave)

    def __enter__(self) -> "Drained":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def read(self, seconds: float) -> bool:
        """Take in what is written within `seconds`; False at the end of the output."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError:  # EIO: the last writer has closed its end
            return False
        self.raw += chunk
        return bool(chunk)

    def drain(self, seconds: float) -> None:
        """Take in everything for `seconds`."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if not self.read(left):
                raise RuntimeError(f"{self.process.args!r} ended: {self.text[-300:]!r}")

    @property
    def text(self) -> bytes:
        """What was written, less the escape sequences."""
        return _ESCAPES.sub(b"", bytes(self.raw))

    def seconds_until(self, marks: Sequence[re.Pattern[bytes]]) -> float:
        """Give the seconds from the start until each of `marks` was written."""
        end = self.started + LIMIT
        while self.read(max(0.0, end - time.perf_counter())):
            now = time.perf_counter()
            text = self.text
            if all(mark.search(text) for mark in marks):
                return now - self.started
            if now > end:
                break
        raise RuntimeError(f"{self.process.args!r} never showed {marks}: {self.text[-300:]!r}")


def cpu_seconds(pid: int) -> float:
    """Give the processor time of a process, its threads and its waited-for children (`proc_pid_stat(5)`, 14 to 17)."""
    with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - as short as it gets
        fields = stat.read().rpartition(b")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End a child when the block is left."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()
