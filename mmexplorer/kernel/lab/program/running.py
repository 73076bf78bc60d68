"""A running program: the messages from its pipe, its output, how it ended. Used only by the keeper."""

import contextlib
import errno
import json
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable

from mmexplorer.kernel.lab.program.confine import end_descendants

TOLD_TO, TOLD_FROM = 100, 101
"""The program's descriptors, as in `labs/programs/told.h`."""
OUTPUT_AT_MOST = 65536
PASSED_ON = ("LD_LIBRARY_PATH",)
"""What an interpreter used as a stand-in may need."""


class Program:
    """A running program: its messages, its output, how it ended."""

    def __init__(
        self, command: list[str], text: str, before: Callable[[], None], descriptor: int | None = None
    ) -> None:
        """Run it; `before` is called between fork and execve. Raises OSError.

        If there is a `descriptor`, execute that: another user, to whom `before` may switch, may have no access to the
        directory.
        """
        self.rows = text.split("\n")
        self.line = 0
        self.calls: list[str] = []
        self.output = b""
        self.dropped = 0
        self.ended = ""
        told, self.told_in = os.pipe()
        go, self.go_out = os.pipe()
        self.told_out, self._buffer = told, b""
        self.printed, printed_in = os.pipe()
        os.dup2(self.told_in, TOLD_TO)
        os.dup2(go, TOLD_FROM)
        file = () if descriptor is None else (descriptor,)
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        try:
            self.popen = subprocess.Popen(
                command, executable=f"/proc/self/fd/{descriptor}" if file else None,
                stdin=subprocess.DEVNULL, stdout=printed_in, stderr=printed_in,
                pass_fds=(TOLD_TO, TOLD_FROM, *file), preexec_fn=before,  # noqa: PLW1509 - the keeper has one thread
                start_new_session=True, env=environment, cwd="/",
            )  # fmt: skip
        finally:
            for end in (self.told_in, go, printed_in, TOLD_TO, TOLD_FROM):
                os.close(end)

    def go_on(self) -> None:
        """Let it execute the statement it waits before."""
        self.calls.append(self.rows[self.line - 1].strip())
        with contextlib.suppress(BrokenPipeError):
            os.write(self.go_out, b"g")

    def wait(self, seconds: float) -> bool:
        """Wait until it stops before another line or ends; kill it after that many seconds. Return False at its end."""
        deadline = time.monotonic() + seconds
        while not self._stopped():
            if self.popen.poll() is not None:
                self._drain()
                self.ended = self.ended or how_it_ended(self.popen.returncode)
                return False
            if time.monotonic() > deadline:
                self.end(f"didn't finish within {seconds} s and was ended")
                return False
            ready = select.select([self.told_out, self.printed], [], [], 0.05)[0]
            if self.printed in ready:
                self._take_output()
            if self.told_out in ready:
                self._take_told()
        self._drain()
        return True

    def _stopped(self) -> bool:
        """Read messages up to a line number; return whether there was one."""
        while b"\n" in self._buffer:
            row, _, self._buffer = self._buffer.partition(b"\n")
            kind, _, rest = row.decode(errors="replace").partition(" ")
            if kind == "line":
                self.line = int(rest)
                return True
            if kind == "call":
                self.calls.append(as_strace(rest))
            elif kind == "signal":
                number, code, address = map(int, rest.split())
                send({"signal": {"signo": number, "code": code, "address": address}})
        return False

    def _take_told(self) -> None:
        part = os.read(self.told_out, 4096)
        self._buffer += part
        if not part:
            time.sleep(0.005)  # it has closed the pipe and is about to end

    def _take_output(self) -> None:
        part = os.read(self.printed, 65536)
        room = OUTPUT_AT_MOST - len(self.output)
        self.output += part[:room]
        self.dropped += max(0, len(part) - room)
        if not part:
            time.sleep(0.005)

    def _drain(self) -> None:
        """Read what is already available."""
        for descriptor, take in ((self.printed, self._take_output), (self.told_out, self._take_told)):
            while select.select([descriptor], [], [], 0)[0]:
                before = len(self.output) + self.dropped + len(self._buffer)
                take()
                if len(self.output) + self.dropped + len(self._buffer) == before:
                    break
        if self.popen.returncode is not None:
            self._stopped()

    def end(self, why: str) -> None:
        """End it."""
        self.ended = why
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        self._drain()

    def close(self) -> None:
        """End it and everything it started; close the pipes."""
        if self.popen.poll() is None:
            self.end("was ended")
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, signal.SIGKILL)
        end_descendants()
        for descriptor in (self.told_out, self.go_out, self.printed):
            os.close(descriptor)


def how_it_ended(code: int) -> str:
    """Say in words how it ended."""
    return f"exited with status {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"


def as_strace(told: str) -> str:
    """Format a call as strace(1) does: no blanks in combined flags, an errno by its name."""
    call = told.replace(" | ", "|")
    failed = re.search(r" = -1 (\d+)$", call)
    if failed is None:
        return call
    number = int(failed[1])
    return f"{call[: failed.start()]} = -1 {errno.errorcode.get(number, number)} ({os.strerror(number)})"


def as_shell(code: int) -> str:
    """Return what a shell prints about a program ended by a signal: bash(1)."""
    return f"{signal.strsignal(-code)}\n" if code < 0 else ""


def as_status(code: int) -> int:
    """Return the exit status a shell reports: bash(1), EXIT STATUS."""
    return code if code >= 0 else 128 - code


def send(message: dict[str, object]) -> None:
    """Write one line to the requester."""
    os.write(1, json.dumps(message).encode() + b"\n")
