"""The lab process: started, sent requests through pipes, timed out, ended. The only process we ever modify."""

import errno
import marshal
import os
import resource
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from mmexplorer.kernel.interpreter import interpreter
from mmexplorer.kernel.lab.replies import answered, bytes_wanted, errno_in_words, fault_of, unanswered, understood
from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.labs.operations import mmap, munmap, ready, touch
from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.model.process.signals import signal_name
from mmexplorer.model.typed import TYPE_CHECKING, Any
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import mutable, replace
from mmexplorer.parse.process.stat import parse_stat
from mmexplorer.parse.process.statm import parse_statm
from mmexplorer.parse.process.status import parse_status

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from mmexplorer.labs.lab import Limits

ANSWER_SECONDS = 20.0
"""Long enough to touch a gigabyte on a slow machine."""

_PROGRAM = "mmexplorer.kernel.lab.child"
_CHUNK = 65536
_REAP_SECONDS = 5.0
_ANSWER_AT_MOST = 1 << 24
"""Bytes."""
_STOPPED = frozenset("Tt")


class ChildEndedError(Exception):
    """The child ended, or was ended; the message says how."""


class ChildTimeoutError(Exception):
    """The child did not reply in time."""


_PASSED_ON = ("LD_LIBRARY_PATH", "PATH", "TMPDIR", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")


def _environment() -> dict[str, str]:
    """Return only what the interpreter and systemd need: nothing that would affect malloc or the dynamic linker."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def _lower(pid: int, which: int, wanted: int) -> None:
    """Set a soft and hard limit, never above the current hard one: only root could raise that."""
    hard = resource.prlimit(pid, which)[1]
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.prlimit(pid, which, (limit, limit))


@cache
def _spawner() -> "Executor":
    """Return a thread that lives as long as the program."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - the screens have it loaded, a command needs none

    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="lab-spawner")


def _spawned(make: Callable[..., subprocess.Popen[bytes]], *arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
    """Start a process from a thread that lives as long as the program. Raises OSError, also if there is no thread.

    PR_SET_PDEATHSIG fires when the *thread* that made the process ends; so it may be requested from any thread.
    """
    if threading.current_thread() is threading.main_thread():
        return make(*arguments, **options)
    try:
        made = _spawner().submit(make, *arguments, **options)
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, str(error)) from error
    return made.result()


class ChildPipe:
    """A running lab child. Used by one thread at a time, except for `kill`."""

    def __init__(
        self,
        limits: "Limits",
        command: Sequence[str],
        *,
        prefix: Sequence[str] = (),
        ended_by: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Start it without waiting until it is ready. Raises OSError if that fails.

        `prefix` is a command that becomes `command` by execve(2); `ended_by` is the signal that ends it, SIGTERM if it
        must clean up.
        """
        self._ended_by = ended_by
        self._popen = _spawned(
            subprocess.Popen,
            [*prefix, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env=_environment(),
        )
        self._buffer = b""
        self._why = ""
        """Why we ended it; "" if we didn't."""
        try:
            _lower(self.pid, resource.RLIMIT_CORE, 0)
            _lower(self.pid, resource.RLIMIT_CPU, limits.cpu_seconds)
            _lower(self.pid, resource.RLIMIT_AS, limits.address_space)
        except ProcessLookupError:
            return  # it ended at once; the first request will report how

    @property
    def pid(self) -> int:
        """Its pid, even after it has ended."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether it is still running."""
        return self._popen.poll() is None

    def exceeded_limit(self, wanted: int) -> int | None:
        """Return the RLIMIT_AS in bytes if `wanted` more bytes would exceed it; None if not, or if it has ended."""
        try:
            soft = resource.prlimit(self.pid, resource.RLIMIT_AS)[0]
        except ProcessLookupError:
            return None
        statm = LiveProcfs().parsed(f"{self.pid}/statm", partial(parse_statm, page_size=page_size()))
        used = 0 if isinstance(statm, Unavailable) else statm.size
        return soft if soft != resource.RLIM_INFINITY and used + wanted > soft else None

    def send(self, request: bytes) -> None:
        """Write one request. Raises ChildEndedError."""
        assert self._popen.stdin is not None  # noqa: S101 - a PIPE; for the type checker
        try:
            self._popen.stdin.write(request)
        except (BrokenPipeError, ValueError) as error:
            raise ChildEndedError(self.how_it_ended()) from error

    def receive(self, deadline: float) -> dict[str, Any]:
        """Wait for one line until `deadline` (monotonic clock). Raises ChildEndedError, ChildTimeoutError."""
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
            if len(self._buffer) > _ANSWER_AT_MOST:
                raise self._not_ours()
        text, _, self._buffer = self._buffer.partition(b"\n")
        message = understood(text)
        if message is None:
            raise self._not_ours()
        return message

    def _not_ours(self) -> ChildEndedError:
        """End a program that has replaced the child, or that writes to its pipe."""
        self.end("gave an answer that isn't the lab process's, and was ended")
        return ChildEndedError(self._why)

    @property
    def stopped(self) -> bool:
        """Return whether someone stopped it: SIGSTOP, SIGTSTP, or a debugger."""
        stat = LiveProcfs().parsed(f"{self.pid}/stat", parse_stat)
        return not isinstance(stat, Unavailable) and stat.state in _STOPPED

    def output(self) -> str:
        """Return what the program printed since the last call."""
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
        """Reap it and report how it ended: "was ended by SIGSEGV", "exited with status 3", or why we ended it."""
        if self._why:
            return self._why
        try:
            code = self._popen.wait(_REAP_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            code = self._popen.wait()
        if code >= 0:
            return f"exited with status {code}"
        return f"was ended by {signal_name(-code)}"

    def end(self, why: str) -> None:
        """End it; `why` becomes the answer to all later requests."""
        self._why = why
        self._end()

    def _end(self) -> None:
        self.kill()
        if self._ended_by is not signal.SIGKILL:
            try:
                self._popen.wait(_REAP_SECONDS)
            except subprocess.TimeoutExpired:
                self._popen.kill()
        self._popen.wait()  # with a limit this would sleep between looks

    def kill(self) -> None:
        """Kill it at once; may be called from any thread."""
        self._popen.send_signal(self._ended_by)

    def close(self) -> None:
        """End it, wait for it, close the pipes."""
        self._end()
        for pipe in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            if pipe is not None:
                pipe.close()


@mutable
class _Mapping:
    """The result of `map`: `touched` bytes of its `size` have been written to."""

    name: str
    size: int
    touched: int = 0


def _usual_limits() -> "Limits":
    from mmexplorer.labs.lab import Limits  # noqa: PLC0415 - Explore, which plays no labs, rarely starts the process

    return Limits()


class LabChild:
    """Implements `LabProcess`. Requests are handled one at a time, from any thread; `close` interrupts a request."""

    def __init__(self, limits: "Limits | None" = None, *, folder: str = "") -> None:
        self._limits = limits
        self.folder = folder
        """Where the child makes temporary files; may be set before `start`."""
        self.prefix: Sequence[str] = ()
        """A command that becomes the child by execve(2); may be set before `start`."""
        self._child: ChildPipe | None = None
        self._lock = threading.Lock()
        self._not_running = "the lab process isn't running"
        self._mappings: list[_Mapping] = []

    @property
    def pid(self) -> int | None:
        """The child's pid; None while it isn't running."""
        child = self._child
        return child.pid if child is not None and child.running else None

    @property
    def mapped(self) -> int:
        """How many of the mappings made by `map` still exist."""
        return len(self._mappings) if self.pid is not None else 0

    def start(self) -> None:
        """Start the child if it isn't running, without waiting until it is ready."""
        with self._lock:
            if self.pid is not None:
                return
            self._drop()
            try:
                limits = self._limits or _usual_limits()
                command = interpreter(_PROGRAM, str(os.getpid()), str(limits.touched), self.folder)
                self._child = ChildPipe(limits, command, prefix=self.prefix)
            except OSError as error:
                self._not_running = f"the lab process couldn't be started: {errno_in_words(error.errno or 0)}"

    def ask(self, operation: Operation, timeout: float = ANSWER_SECONDS) -> LabReply:
        """Carry out one operation. A child that does not reply within `timeout` seconds is ended."""
        with self._lock:
            child = self._child
            if child is None:
                return LabReply(call="", ok=False, error=self._not_running)
            return self._asked(child, operation, time.monotonic() + timeout)

    def _asked(self, child: ChildPipe, operation: Operation, deadline: float) -> LabReply:
        doing: Mapping[str, Any] = {}
        fault = None
        try:
            child.send(marshal.dumps({"op": operation.name, **operation.arguments}))
            while "errno" not in (message := child.receive(deadline)):
                doing = message if "doing" in message else doing
                fault = fault_of(message["signal"]) if "signal" in message else fault
        except ChildTimeoutError:
            why = (
                "was stopped by another process and was ended"
                if child.stopped
                else "didn't answer in time and was ended"
            )
            child.end(why)
            return unanswered(doing, fault, child.output(), why)
        except ChildEndedError as end:
            return unanswered(doing, fault, child.output(), str(end))
        limit = child.exceeded_limit(bytes_wanted(operation)) if message["errno"] else None
        return answered(message, operation, fault, child.output(), limit)

    def wait_ready(self) -> None:
        """Wait until the child has started up, no longer than for a reply."""
        self.ask(ready())

    def map(self, size: int) -> LabReply:
        """Map `size` bytes of private anonymous memory, readable and writable."""
        name = f"mapping {time.monotonic_ns()}"
        reply = self._weighed(mmap(name, size))
        if reply.ok:
            self._mappings.append(_Mapping(name, size))
        return reply

    def touch(self, size: int) -> LabReply:
        """Write one byte to each page of the next `size` bytes of the newest mapping."""
        if not self._mappings:
            return LabReply("", ok=False, error="nothing is mapped yet")
        newest = self._mappings[-1]
        length = min(size, newest.size - newest.touched)
        if length <= 0:
            return LabReply("", ok=False, error="every page of the newest mapping has already been touched")
        reply = self._weighed(touch(newest.name, length, offset=newest.touched))
        if reply.ok:
            newest.touched += length
        return reply

    def unmap(self) -> LabReply:
        """Unmap the newest mapping."""
        if not self._mappings:
            return LabReply("", ok=False, error="nothing is mapped")
        reply = self._weighed(munmap(self._mappings[-1].name))
        if reply.ok:
            self._mappings.pop()
        return reply

    def _weighed(self, operation: Operation) -> LabReply:
        """Carry out an operation, and add to its figures the changes of `VmSize` and `VmRSS` in bytes."""
        self.wait_ready()  # otherwise the interpreter's start-up would be counted too
        before = self._sizes()
        reply = self.ask(operation)
        after = self._sizes()
        changes = {name: after[name] - before[name] for name in after.keys() & before.keys()}
        return replace(reply, figures={**reply.figures, **changes})

    def _sizes(self) -> dict[str, int]:
        status = LiveProcfs().read(f"{self.pid}/status")
        if isinstance(status, Unavailable):
            return {}
        parsed = parse_status(status)
        return {name: size for name in ("VmSize", "VmRSS") if (size := parsed.size(name)) is not None}

    def close(self) -> None:
        """End the child and wait until nothing of it is left."""
        child = self._child
        if child is not None:
            child.kill()
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._child is not None:
            self._child.close()
        self._child = None
        self._not_running = "the lab process isn't running"
        self._mappings.clear()
