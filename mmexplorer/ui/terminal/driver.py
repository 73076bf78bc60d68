"""Textual's driver, for a terminal that may close, stop reading, stop and continue, or send anything at any rate."""

import asyncio
import codecs
import contextlib
import os
import select
import signal
import termios
import threading
import tty
from collections.abc import Callable
from typing import Any, Protocol, cast

from textual import constants
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Callback, Resize
from textual.geometry import Size
from textual.message import Message

from mmexplorer.ui.terminal.events import PasteCutter, Waiting
from mmexplorer.ui.terminal.mode import LEAVE, STDERR, TerminalMode
from mmexplorer.ui.terminal.writer import Writer

_CHUNK = 1 << 16
_TICK_MILLISECONDS = 100
"""After this, an ESC that nothing follows is the key."""
_LAST_WORDS_SECONDS = 0.5
_AT_ONCE = 16
"""Messages posted to the app at once; more follow when it has handled these."""
_UNPAINTED_SECONDS = 0.2
"""Seconds since the last painting after which further messages wait until the screen is painted."""
_STUCK_SECONDS = 0.5
"""Seconds after the app handled the messages until more follow without a painting."""

_ENTER = (
    "\x1b[?1049h\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h"  # alternate screen, mouse
    "\x1b[?25l\x1b[?1004h\x1b[?2004h\x1b[?7l"  # no cursor, focus, bracketed paste, no line wrap
)
_KEYBOARD = "\x1b[>25u"
"""kitty's keyboard protocol: unambiguous keys, all of them, with their text."""
_ASK_SYNCHRONISED = "\x1b[?2026$p"
_ASK_IN_BAND_RESIZE = "\x1b[?2048$p"


class HasTerminal(Protocol):
    """What an app that uses this driver must also have."""

    terminal: TerminalMode

    def report(self, error: Exception) -> None:
        """Report an exception, from any thread."""
        ...


class TerminalDriver(LinuxDriver):
    """Sets up the terminal, and restores it."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._output: Writer | None = None
        self._reader: threading.Thread | None = None
        self._wake: tuple[int, int] | None = None
        self._waiting = Waiting()
        self._on_their_way = 0
        self._painted_at = 0.0
        self._stuck: asyncio.TimerHandle | None = None
        self._stopped = False
        signal.signal(signal.SIGTSTP, self._on_stop)
        signal.signal(signal.SIGCONT, self._on_continue)

    @property
    def _own(self) -> HasTerminal:
        return cast("HasTerminal", self._app)

    # Setting up and restoring

    def start_application_mode(self) -> None:
        """Set up the terminal, and start the threads that read and write."""
        self._own.terminal.begin()
        self._output = Writer(STDERR, self._repaint_soon)
        self._output.start()
        self._take()
        self._wake = os.pipe2(os.O_CLOEXEC)
        self._reader = threading.Thread(target=self._read_until_stopped, name="terminal-input", daemon=True)
        self._reader.start()
        signal.signal(signal.SIGWINCH, self._on_resize)
        self._in_loop(self._send_size)

    def _take(self) -> None:
        with contextlib.suppress(termios.error):
            settings = termios.tcgetattr(self.fileno)
            settings[tty.LFLAG] = self._patch_lflag(settings[tty.LFLAG])
            settings[tty.IFLAG] = self._patch_iflag(settings[tty.IFLAG])
            settings[tty.CC][termios.VMIN] = 1
            termios.tcsetattr(self.fileno, termios.TCSANOW, settings)
        self.write(_ENTER)
        if not constants.DISABLE_KITTY_KEY:
            self.write(_KEYBOARD)
        self._request_terminal_sync_mode_support()
        self.write(_ASK_IN_BAND_RESIZE)

    def disable_input(self) -> None:
        """Stop reading."""
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        wake, self._wake = self._wake, None
        if wake is None:
            return
        os.close(wake[1])
        if self._reader is not None:
            self._reader.join(_LAST_WORDS_SECONDS)
        with contextlib.suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)

    def stop_application_mode(self) -> None:
        """Restore the terminal."""
        self.disable_input()
        self.write(LEAVE)
        self.close()

    def close(self) -> None:
        """Write what is pending; the settings are restored even if the terminal doesn't read it."""
        output, self._output = self._output, None
        if output is not None and output.end(_LAST_WORDS_SECONDS):
            self._own.terminal.restore_settings()
        else:
            self._own.terminal.restore()

    def write(self, data: str) -> None:
        """Queue `data` for writing."""
        if self._output is not None:
            self._output.write(data)

    def _on_resize(self, *_: object) -> None:
        """Send the new size from the loop: this handler may have interrupted the holder of the queue's lock."""
        if not self._in_band_window_resize:
            self._in_loop(self._send_size)

    # Stopping and continuing

    @property
    def can_suspend(self) -> bool:
        """Whether a shell in the same session waits for us to stop."""
        try:
            return os.getsid(os.getppid()) == os.getsid(0)
        except OSError:
            return False

    def _on_stop(self, *_: object) -> None:
        """Restore the terminal and stop, as Ctrl+Z makes other programs do."""
        if self._auto_restart and not self._stopped and self._output is not None:
            self.suspend_application_mode()
            self._stopped = self._must_signal_resume = True
        os.kill(os.getpid(), signal.SIGSTOP)

    def _on_continue(self, *_: object) -> None:
        """Set up the terminal again, after Ctrl+Z or after a SIGSTOP during which others used it."""
        if self._stopped and not self._in_foreground():
            os.kill(os.getpid(), signal.SIGSTOP)
        elif self._stopped:
            self._stopped = False
            self.resume_application_mode()
            self._repaint_soon()
            self._signal_resume()
        elif self._output is not None and self._in_foreground():
            self._take()
            self._repaint_soon()

    def _signal_resume(self) -> None:
        if self._must_signal_resume:
            self._must_signal_resume = False
            self._in_loop(lambda: self._app.post_message(self.SignalResume()))

    def _in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:  # gone, or not our controlling terminal, which has no background
            return True

    def _repaint_soon(self) -> None:
        self._in_loop(lambda: self._app.refresh(layout=True))

    def _in_loop(self, act: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(act)

    # Reading

    def _read_until_stopped(self) -> None:
        wake = self._wake
        assert wake is not None  # noqa: S101 - created before the thread; for the type checker
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        poll.register(wake[0], 0)
        reader = _Reader()
        try:
            while wake[0] not in (ready := dict(poll.poll(_TICK_MILLISECONDS if reader.waits else None))):
                data = os.read(self.fileno, _CHUNK) if ready else None
                if data == b"":
                    return
                self._pass_on(reader, data)
        except OSError:
            return  # the terminal is gone, which the watch also notices
        finally:
            os.close(wake[0])

    def _pass_on(self, reader: "_Reader", data: bytes | None) -> None:
        try:
            for message in reader.messages(data):
                self.process_message(message)
        except Exception as error:  # noqa: BLE001 - no terminal input may stop the reading
            reader.begin_again()
            self._own.report(error)

    def send_message(self, message: Message) -> None:
        """Deliver keys at once, and mouse events as fast as the screen can follow."""
        urgent = self._waiting.put(message)
        self._in_loop(self._deliver_more if urgent else self._deliver_when_painted)

    def _deliver_when_painted(self) -> None:
        if not self._on_their_way:
            self._deliver_more()

    def _deliver_more(self) -> None:
        messages = self._waiting.take(_AT_ONCE - self._on_their_way)
        for message in messages:
            self._app.post_message(message)
        if messages and not self._on_their_way:
            self._app.post_message(Callback(self._taken_in))  # `call_later` would make a new function for each
        self._on_their_way += len(messages)

    def _taken_in(self) -> None:
        if self._loop.time() - self._painted_at < _UNPAINTED_SECONDS:
            self._on_their_way = 0
            self._deliver_more()
        else:
            # Not earlier: while the app is busy with them it isn't stuck, and more would pile up.
            self._stuck = self._loop.call_later(_STUCK_SECONDS, self._painted)
            self._app.call_after_refresh(self._painted)

    def _painted(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
        self._painted_at = self._loop.time()
        self._on_their_way = 0
        self._deliver_more()

    def _send_size(self) -> None:
        size = Size(*self._get_terminal_size())
        self.send_message(Resize(size, size).set_sender(self._app))


class _Reader:
    """Parses whatever the terminal sends into messages."""

    def __init__(self) -> None:
        self.begin_again()

    def begin_again(self) -> None:
        """Discard any partial input."""
        self._parser = XTermParser()
        self._paste = PasteCutter()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def waits(self) -> bool:
        """Whether the input so far may be the beginning of something, or a key by itself if nothing follows."""
        return self._parser._timeout_time is not None  # noqa: SLF001 - otherwise it would have to be asked all the time

    def messages(self, data: bytes | None) -> list[Message]:
        """Return the messages in `data`; None means that nothing arrived for a while."""
        if data is None:
            return list(self._parser.tick())
        text = self._paste.cut(self._decoder.decode(data))
        return [*(self._parser.feed(text) if text else ()), *self._parser.tick()]
