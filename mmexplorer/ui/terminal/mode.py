"""What the app changes about the terminal, and how to undo all of it without the app's help."""

import contextlib
import os
import signal
import termios
from typing import Any

STDIN, STDERR = 0, 2
"""The descriptors that Textual reads from and draws on."""
_CANCEL = "\x18"
"""Cancels a truncated escape sequence."""
LEAVE = (
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l"  # synchronised output, bracketed paste, line wrap, in-band resize
    "\x1b[?1016l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1004l"  # mouse, focus
    "\x1b[<u\x1b[?1049l\x1b[?25h"  # keyboard protocol, alternate screen, cursor
)


class TerminalMode:
    """The settings of standard input before the app changed them."""

    def __init__(self) -> None:
        self.settings: list[Any] | None = None
        """As returned by tcgetattr(3); None while the app isn't on the terminal."""

    def begin(self) -> None:
        """Save the settings before they are changed."""
        with contextlib.suppress(termios.error):
            self.settings = termios.tcgetattr(STDIN)

    def restore_settings(self) -> None:
        """Restore the settings; SIGTTOU is blocked, so that a background process isn't stopped."""
        settings, self.settings = self.settings, None
        if settings is None:
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        with contextlib.suppress(termios.error):
            termios.tcsetattr(STDIN, termios.TCSANOW, settings)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def restore(self) -> None:
        """Undo everything, unless already done, without waiting for a terminal that doesn't read."""
        if self.settings is None:
            return
        self.restore_settings()
        # Opened again, because O_NONBLOCK belongs to the open file description, which other processes share.
        with contextlib.suppress(OSError):
            descriptor = os.open(os.ttyname(STDERR), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                os.write(descriptor, (_CANCEL + LEAVE).encode())
            finally:
                os.close(descriptor)
