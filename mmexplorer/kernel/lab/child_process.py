"""The lab child as a program at the end of three pipes: spawn it, send a line, await a line, end it."""

import json
import os
import resource
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from signal import Signals
from typing import Any

from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.labs.lab import Limits
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.statm import parse_statm

_PROGRAM = os.path.join(os.path.dirname(__file__), "child.py")  # noqa: PTH118, PTH120 - a str for argv
_CHUNK = 65536
_REAP_SECONDS = 5.0

_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lab-spawner")
"""PR_SET_PDEATHSIG fires when the *thread* that made the child ends: this one lives as long as the program, so a child
may be asked for from any thread."""


class ChildEndedError(Exception):
    """The child ended, or was ended; the message says how."""


class ChildTimeoutError(Exception):
    """The child did not answer in time."""


_PASSED_ON = ("LD_LIBRARY_PATH", "PATH", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")


def _environment() -> dict[str, str]:
    """Nothing that would change how malloc or the dynamic linker behave, but for what interpreter and systemd need."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def _lower(pid: int, which: int, wanted: int) -> None:
    """Set a limit, soft and hard, never above the hard one it has: only root could raise that."""
    hard = resource.prlimit(pid, which)[1]
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.prlimit(pid, which, (limit, limit))


class ChildPipe:
    """A running lab child. Used by one thread at a time, but for `kill`."""

    def __init__(self, limits: Limits, folder: str = "", prefix: Sequence[str] = ()) -> None:
        """Spawn it; doesn't wait until it is ready. Raises OSError if it can't be started.

        `folder` is where it makes temporary files; `prefix` a command that becomes the child by execve(2).
        """
        self._popen = _spawner.submit(
            subprocess.Popen,
            [*prefix, sys.executable, "-I", "-S", _PROGRAM, str(os.getpid()), str(limits.touched), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env=_environment(),
        ).result()
        self._buffer = b""
        try:
            _lower(self.pid, resource.RLIMIT_CORE, 0)
            _lower(self.pid, resource.RLIMIT_CPU, limits.cpu_seconds)
            _lower(self.pid, resource.RLIMIT_AS, limits.address_space)
        except ProcessLookupError:
            return  # it ended at once; the first request will say how

    @property
    def pid(self) -> int:
        """Its pid, also after its end."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def address_space_limit(self) -> int | None:
        """The RLIMIT_AS in force, in bytes; None for no limit or no process."""
        try:
            soft = resource.prlimit(self.pid, resource.RLIMIT_AS)[0]
        except ProcessLookupError:
            return None
        return None if soft == resource.RLIM_INFINITY else soft

    def address_space(self) -> int:
        """How many bytes of address space it has now: the first figure of statm; 0 once it has ended."""
        statm = Procfs().parsed(f"{self.pid}/statm", partial(parse_statm, page_size=page_size()))
        return 0 if isinstance(statm, Unavailable) else statm.size

    def send(self, request: Mapping[str, Any]) -> None:
        """Write one request. Raises ChildEndedError."""
        assert self._popen.stdin is not None  # noqa: S101 - a PIPE; for the type checker
        try:
            self._popen.stdin.write(json.dumps(request).encode() + b"\n")
        except (BrokenPipeError, ValueError) as error:
            raise ChildEndedError(self.how_it_ended()) from error

    def receive(self, deadline: float) -> dict[str, Any]:
        """Await one line until `deadline` of the monotonic clock. Raises ChildEndedError, ChildTimeoutError."""
        assert self._popen.stdout is not None  # noqa: S101 - a PIPE
        poll = select.poll()
        poll.register(self._popen.stdout, select.POLLIN)
        while b"\n" not in self._buffer:
            if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
                raise ChildTimeoutError
            chunk = self._popen.stdout.read(_CHUNK)
            if not chunk:
                raise ChildEndedError(self.how_it_ended())
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\n")
        message: dict[str, Any] = json.loads(text)
        return message

    def output(self) -> str:
        """What the program printed since the last call."""
        assert self._popen.stderr is not None  # noqa: S101 - a PIPE
        poll = select.poll()
        poll.register(self._popen.stderr, select.POLLIN)
        text = b""
        while poll.poll(0):
            chunk = self._popen.stderr.read(_CHUNK)
            if not chunk:
                break
            text += chunk
        return text.decode("utf-8", "backslashreplace")

    def how_it_ended(self) -> str:
        """Reap it and say how it ended: "was ended by SIGSEGV", "exited with status 3"."""
        try:
            code = self._popen.wait(_REAP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._popen.wait()
        if code >= 0:
            return f"exited with status {code}"
        return f"was ended by {Signals(-code).name}"

    def kill(self) -> None:
        """End it at once; from any thread."""
        self._popen.kill()

    def close(self) -> None:
        """End it, wait for it, close the pipes."""
        self.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            if pipe is not None:
                pipe.close()
