"""Ends the program when it is told to, or when its terminal is gone, whether or not the event loop still answers."""

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
"""What the app has, once told, to end by itself."""
LEAVE_SECONDS = 3.0
"""What it has once the person left: a lab process may have to be ended."""
_SIGNAL = 128
"""Added to the number of a signal, the exit status that a shell shows."""

_ENDING = (
    *(Signals.SIGHUP, Signals.SIGINT, Signals.SIGQUIT, Signals.SIGTERM, Signals.SIGUSR1, Signals.SIGUSR2),
    *(Signals.SIGALRM, Signals.SIGVTALRM, Signals.SIGPROF, Signals.SIGIO, Signals.SIGPWR, Signals.SIGXCPU),
    *(Signals.SIGSTKFLT, *range(Signals.SIGRTMIN, Signals.SIGRTMAX + 1)),
)
"""Signals that end a program, and would leave the terminal raw and in the alternate screen."""


class Ends(Protocol):
    """What can be asked to end, from any thread, with an exit status."""

    def ask_to_end(self, status: int) -> None:
        """End soon."""
        ...


class Watch(threading.Thread):
    """Waits in a thread of its own for signals and for the end of the terminal.

    Signals come through the descriptor of `signal.set_wakeup_fd`, which the interpreter writes to whatever the main
    thread is doing. Nothing else here may use that: asyncio's add_signal_handler would take it.
    """

    def __init__(self, app: Ends, restore: Callable[[], None]) -> None:
        super().__init__(name="watch", daemon=True)
        self._app = app
        self._restore = restore
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._status = 0
        self._deadline: float | None = None

    def begin(self) -> None:
        """Watch from now on; to be called by the main thread."""
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup(1) wants it
                signal.signal(number, _noted)
        self.start()

    def leaving(self, status: int) -> None:
        """Note that the app ends by itself with `status`; if that takes too long, it is ended."""
        self._end_within(LEAVE_SECONDS, status)
        os.write(self._write, b"\0")

    def run(self) -> None:
        """Wait."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        poll.register(STDIN, 0)  # POLLHUP and POLLERR come unasked
        while True:
            for descriptor, _ in poll.poll(self._milliseconds()):
                if descriptor == self._read:
                    self._heed(os.read(self._read, 4096))
                else:
                    poll.unregister(STDIN)
                    self._told(Signals.SIGHUP)
            if self._deadline is not None and time.monotonic() >= self._deadline:
                self._restore()
                os._exit(self._status)

    def _milliseconds(self) -> int | None:
        return None if self._deadline is None else max(0, int((self._deadline - time.monotonic()) * 1000) + 1)

    def _heed(self, numbers: bytes) -> None:
        for number in numbers:
            if number in _ENDING:
                self._told(number)

    def _told(self, number: int) -> None:
        status = _SIGNAL + number
        self._end_within(ANSWER_SECONDS, status)
        self._app.ask_to_end(status)

    def _end_within(self, seconds: float, status: int) -> None:
        deadline = time.monotonic() + seconds
        if self._deadline is None:
            self._status = status
        self._deadline = min(deadline, self._deadline or deadline)


def _noted(_number: int, _frame: object) -> None:
    """Nothing: the number is written to the descriptor of the watch because a signal has a handler at all."""
