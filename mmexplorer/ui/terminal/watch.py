"""Ends the program on a signal, or when its terminal is gone, even if the event loop no longer responds."""

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from signal import Signals
from typing import Protocol

from mmexplorer.ui.terminal.mode import STDIN

ANSWER_SECONDS = 1.0
"""Time in seconds for the app to exit after a signal."""
LEAVE_SECONDS = 3.0
"""Seconds for the app to exit after the user quits; it may have to stop a lab process."""
_SIGNAL = 128
"""Added to a signal's number for the exit status, as shells do."""

_ENDING = (
    *(Signals.SIGHUP, Signals.SIGINT, Signals.SIGQUIT, Signals.SIGTERM, Signals.SIGUSR1, Signals.SIGUSR2),
    *(Signals.SIGALRM, Signals.SIGVTALRM, Signals.SIGPROF, Signals.SIGIO, Signals.SIGPWR, Signals.SIGXCPU),
    *(Signals.SIGSTKFLT, *range(Signals.SIGRTMIN, Signals.SIGRTMAX + 1)),
)
"""Signals that end a program, and would leave the terminal raw and in the alternate screen."""


class Ends(Protocol):
    """Can be asked from any thread to exit with a status."""

    def ask_to_end(self, status: int) -> None:
        """Exit soon."""
        ...


class Watch(threading.Thread):
    """A thread that waits for signals and for the end of the terminal.

    Signals arrive through the descriptor of `signal.set_wakeup_fd`, which the interpreter writes to whatever the main
    thread is doing. Nothing else here may use it: asyncio's add_signal_handler would replace it.
    """

    def __init__(self, app: Ends, restore: Callable[[], None]) -> None:
        super().__init__(name="watch", daemon=True)
        self._app = app
        self._restore = restore
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._status = 0
        self._deadline: float | None = None

    def begin(self) -> None:
        """Start watching; call this from the main thread."""
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # ignored signals stay ignored, as nohup(1) requires
                signal.signal(number, _noted)
        self.start()

    def leaving(self, status: int) -> None:
        """Expect the app to exit by itself with `status`; if it takes too long, end the process."""
        self._end_within(LEAVE_SECONDS, status)
        os.write(self._write, b"\0")

    def run(self) -> None:
        """Wait for signals and deadlines."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        poll.register(STDIN, 0)  # POLLHUP and POLLERR are always reported
        while True:
            for descriptor, _ in poll.poll(self._milliseconds()):
                if descriptor == self._read:
                    self._handle(os.read(self._read, 4096))
                else:
                    poll.unregister(STDIN)
                    self._signalled(Signals.SIGHUP)
            if self._deadline is not None and time.monotonic() >= self._deadline:
                self._restore()
                os._exit(self._status)

    def _milliseconds(self) -> int | None:
        return None if self._deadline is None else max(0, int((self._deadline - time.monotonic()) * 1000) + 1)

    def _handle(self, numbers: bytes) -> None:
        for number in numbers:
            if number in _ENDING:
                self._signalled(number)

    def _signalled(self, number: int) -> None:
        status = _SIGNAL + number
        self._end_within(ANSWER_SECONDS, status)
        self._app.ask_to_end(status)

    def _end_within(self, seconds: float, status: int) -> None:
        deadline = time.monotonic() + seconds
        if self._deadline is None:
            self._status = status
        self._deadline = min(deadline, self._deadline or deadline)


def _noted(_number: int, _frame: object) -> None:
    """Do nothing: having a handler is what makes the interpreter write the number to the watch's descriptor."""
