"""What is changed of the terminal while the app is on it, and how all of it is undone without the app's help."""

import contextlib
import os
import signal
import termios
from typing import Any

STDIN, STDERR = 0, 2
"""Descriptors: what Textual reads, and what it draws on."""
_CANCEL = "\x18"
"""Ends an escape sequence that was cut short."""
LEAVE = (
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l"  # synchronised output, bracketed paste, line wrap, in-band resize
    "\x1b[?1016l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1004l"  # the mouse, the focus
    "\x1b[<u\x1b[?1049l\x1b[?25h"  # the keyboard protocol, the alternate screen, the cursor
)


class TerminalMode:
    """The settings of standard input before the app changed them."""

    def __init__(self) -> None:
        self.settings: list[Any] | None = None
        """As tcgetattr(3) gives them; None while the app isn't on the terminal."""

    def begin(self) -> None:
        """Remember the settings, which are about to be changed."""
        with contextlib.suppress(termios.error):
            self.settings = termios.tcgetattr(STDIN)

    def restore_settings(self) -> None:
        """Give the settings back; a background process is not stopped for it."""
        settings, self.settings = self.settings, None
        if settings is None:
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        with contextlib.suppress(termios.error):
            termios.tcsetattr(STDIN, termios.TCSANOW, settings)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def restore(self) -> None:
        """Undo everything, unless that is done, without waiting for a terminal that reads nothing."""
        if self.settings is None:
            return
        self.restore_settings()
        # Opened once more, since not to wait is a property of what was opened, which others share with us.
        with contextlib.suppress(OSError):
            descriptor = os.open(os.ttyname(STDERR), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                os.write(descriptor, (_CANCEL + LEAVE).encode())
            finally:
                os.close(descriptor)
