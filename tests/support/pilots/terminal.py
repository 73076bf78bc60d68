"""The real program in a real pty, seen through a terminal emulator (pyte)."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

from tests.support.patience import PATIENCE
from tests.support.readable import readable

ESCAPE = "\x1b[27u"
"""The key as sent by terminals that distinguish it from the start of a sequence; followed by a key, it isn't Alt."""


_PRIVATE_CSI = re.compile(rb"\x1b\[[<>=?][0-9;$]*[a-zA-Z]")
"""Mode settings and queries (mouse, kitty keys, synchronised output), parts of which pyte would print."""

_UNFINISHED = re.compile(rb"\x1b(\[[<>=?]?[0-9;$]*)?$")
"""An escape sequence cut off at the end of a read."""

PATIENT = f"""
from mmexplorer.ui.terminal import driver, watch
driver._LAST_WORDS_SECONDS = watch.ANSWER_SECONDS = watch.LEAVE_SECONDS = {PATIENCE}
"""
"""Makes a program wait for its terminal when it leaves.

Of itself it gives up, as it should, if nobody reads its last words for half a second: we may be that slow.
"""


class Terminal:
    """Runs `argv` in a pty of `columns` x `lines`; use as a context manager."""

    def __init__(
        self,
        argv: Sequence[str],
        columns: int = 160,
        lines: int = 48,
        env: Mapping[str, str] | None = None,
        *,
        controlling: bool = False,
    ) -> None:
        """Start the program; `controlling` makes the pty its controlling terminal, as a login does."""
        self.raw = bytearray()
        """Everything the program wrote."""
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._lines: dict[int, str] = {}
        self._held = b""
        self._closed = False
        self._master, slave = pty.openpty()
        _set_size(slave, columns, lines)
        self.settings_before = termios.tcgetattr(slave)
        self._slave = slave
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *argv] if controlling else argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=not controlling,
            env={**_environment(), "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the terminal, once."""
        for descriptor in (self._master, self._slave) if not self._closed else ():
            os.close(descriptor)
        self._closed = True

    @property
    def text(self) -> str:
        """The text on the screen, line by line. pyte's own `display` would visit every cell again."""
        for row in self.screen.dirty:
            line = self.screen.buffer[row]
            self._lines[row] = "".join(line[column].data for column in range(self.screen.columns))
        self.screen.dirty.clear()
        return "\n".join(self._lines[row] for row in range(self.screen.lines))

    @property
    def settings(self) -> list[object]:
        """The current line settings of the terminal."""
        return list(termios.tcgetattr(self._slave))

    def send(self, keys: str) -> None:
        """Type `keys`."""
        os.write(self._master, keys.encode())

    def flood(self, data: bytes) -> None:
        """Send as much as the program accepts, and read what it writes meanwhile."""
        poll = select.poll()
        poll.register(self._master, select.POLLIN | select.POLLOUT)
        while data:
            ready = sum(events for _, events in poll.poll(PATIENCE * 1000))
            assert ready, f"{len(data)} bytes are not read"
            if ready & select.POLLIN:
                self.read(0)
            if ready & select.POLLOUT:
                data = data[os.write(self._master, data[:2048]) :]

    def resize(self, columns: int, lines: int) -> None:
        """Resize the terminal, as a window manager does."""
        self.screen.resize(lines, columns)
        _set_size(self._master, columns, lines)
        self.process.send_signal(signal.SIGWINCH)

    def read(self, seconds: float) -> bool:
        """Read what the program writes within `seconds`; return False at the end of its output."""
        if not readable(self._master, seconds):
            return True
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError:  # EIO: the last writer has closed its end
            return False
        self.raw += chunk
        text = self._held + chunk
        cut = _UNFINISHED.search(text)
        self._held = text[cut.start() :] if cut else b""
        self._stream.feed(_PRIVATE_CSI.sub(b"", text.removesuffix(self._held)))
        return bool(chunk)

    def wait_for(self, condition: str | Callable[[str], bool], seconds: float = PATIENCE) -> str:
        """Read until a text is on the screen, or a condition on the screen's text holds; return that text."""
        holds = (lambda text: condition in text) if isinstance(condition, str) else condition
        end = time.monotonic() + seconds
        while not holds(self.text):
            if time.monotonic() > end:
                raise AssertionError(f"not on the screen within {seconds} s: {condition!r}\n{self.text}")
            self.read(0.05)
        return self.text

    def wait_exit(self, seconds: float = PATIENCE) -> int:
        """Read until the program has ended; return its exit status."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still running after {seconds} s\n{self.text}"
            self.read(0.05)
        with contextlib.suppress(OSError):
            while readable(self._master) and self.read(0):
                pass
        return self.process.returncode


def _environment() -> dict[str, str]:
    """Return our environment without variables of a test runner that a program would trust more than its terminal."""
    return {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}


def _set_size(descriptor: int, columns: int, lines: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
