"""A thread that writes to the terminal. If the terminal doesn't read, output is dropped rather than waited for."""

import os
import select
import threading
from collections.abc import Callable

from textual._ansi_sequences import SYNC_END, SYNC_START

_PENDING_AT_MOST = 1 << 20
"""Characters: a few full paints of a large screen."""
_LOOK_AGAIN = 0.2


class Writer(threading.Thread):
    """`write` never blocks. `missed` is called, in this thread, when the terminal reads again after output was dropped.

    A frame that Textual marks as synchronised is written at once. Output to a terminal that is gone is discarded.
    """

    def __init__(self, descriptor: int, missed: Callable[[], None]) -> None:
        super().__init__(name="terminal-output", daemon=True)
        self._descriptor = descriptor
        self._missed = missed
        self._turn = threading.Condition()
        self._pending: list[str] = []
        self._size = 0
        self._in_frame = False
        """Whether more of the frame is to come."""
        self._dropping = self._ending = self._gone = False

    def write(self, text: str) -> None:
        """Queue a text."""
        with self._turn:
            if self._size + len(text) > _PENDING_AT_MOST:
                self._dropping = True
                self._pending.clear()
                self._size = 0
            if not self._dropping and not self._gone:
                self._pending.append(text)
                self._size += len(text)
            self._in_frame = text != SYNC_END and (self._in_frame or text == SYNC_START)
            if not self._in_frame:
                self._turn.notify()

    def end(self, seconds: float) -> bool:
        """Write what is pending and end; return False if that took longer than `seconds`, or output was dropped."""
        with self._turn:
            self._ending = True
            self._turn.notify()
        self.join(seconds)
        return not self.is_alive() and not self._dropping

    def run(self) -> None:
        """Write until told to end."""
        while (text := self._next()) is not None:
            if not self._write(memoryview(text.encode("utf-8", "replace"))):
                self._gone = True
                return

    def _next(self) -> str | None:
        with self._turn:
            if self._dropping:  # what was pending then is written, and nothing was queued since
                self._dropping = False
                self._missed()
            self._turn.wait_for(lambda: (self._pending and not self._in_frame) or self._ending or self._dropping)
            text = "".join(self._pending)
            self._pending.clear()
            self._size = 0
            return text if text or self._dropping or not self._ending else None

    def _write(self, data: memoryview) -> bool:
        """Write everything; return False if the terminal is gone."""
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:  # another process that shares the terminal set O_NONBLOCK
                waiting = select.poll()
                waiting.register(self._descriptor, select.POLLOUT)
                waiting.poll(1000 * _LOOK_AGAIN)
            except OSError:
                return False
        return True
