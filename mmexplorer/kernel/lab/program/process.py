"""A C program of the chapter in place of the lab process: compiled, run from stop to stop, ended, removed."""

import json
import os
import signal
import time
from collections.abc import Mapping, Sequence

from mmexplorer.kernel.interpreter import interpreter
from mmexplorer.kernel.lab.child_process import ANSWER_SECONDS, ChildEndedError, ChildPipe, ChildTimeoutError
from mmexplorer.kernel.lab.replies import answered, as_strace, errno_in_words, fault_of, unanswered
from mmexplorer.kernel.system.oom import KernelLog
from mmexplorer.labs.c_program import HEADER, source, stops, with_stops
from mmexplorer.labs.lab import Limits
from mmexplorer.labs.protocol import Fault, LabReply, Operation
from mmexplorer.model.typed import Any
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import replace

_STAND_IN = os.path.join(os.path.dirname(__file__), "stand_in.py")  # noqa: PTH118, PTH120 - a str for argv
_KEEPER = "mmexplorer.kernel.lab.program.keeper"
_LIMITS = Limits(address_space=4 << 30, cpu_seconds=60)
"""For the keeper, the compiler and the program."""
_PATIENCE = 45.0
"""Seconds: a compiler has 30."""


class ProgramProcess:
    """Carries out the operations `build`, `launch`, `go_to` and `finish`; used like `LabChild`."""

    def __init__(self) -> None:
        self.folder = ""
        self.prefix: Sequence[str] = ()
        self._keeper: ChildPipe | None = None
        self._pid: int | None = None
        self._why = "the program isn't running"

    @property
    def pid(self) -> int | None:
        """The program's pid; None while it isn't running."""
        return self._pid

    def start(self) -> None:
        """Start the keeper, from any thread; `launch` then runs the program."""
        if self._keeper is not None and self._keeper.running:
            return
        try:
            self._keeper = ChildPipe(
                _LIMITS, interpreter(_KEEPER, str(os.getpid()), _STAND_IN), ended_by=signal.SIGTERM
            )
        except OSError as error:
            self._why = f"the program couldn't be started: {errno_in_words(error.errno or 0)}"

    def ask(self, operation: Operation, timeout: float = ANSWER_SECONDS) -> LabReply:
        """Carry out one operation."""
        return self._asked(_request(operation), operation, max(timeout, _PATIENCE) if timeout else 0)

    def copy(self, name: str) -> str:
        """Put a copy of that file of `labs/programs/` where it can be edited; return its path, "" if that fails."""
        self.start()
        request = {"op": "copy", "name": name, "text": source(name)}
        try:
            return str(self._exchange(request, time.monotonic() + _PATIENCE)[0].get("path", ""))
        except (ChildEndedError, ChildTimeoutError):
            return ""

    def run_file(self, path: str) -> LabReply:
        """Compile that file and run it to the end, with limits on time, memory, processes and files."""
        self.start()
        request = {"op": "run_copy", "path": os.path.abspath(path), "header": source(HEADER)}  # noqa: PTH100 - a str
        return self._asked(request, Operation("run_copy", {}), _PATIENCE)

    def close(self) -> None:
        """End the program and its keeper, leaving nothing."""
        keeper, self._keeper, self._pid = self._keeper, None, None
        if keeper is not None:
            keeper.close()

    def _asked(self, request: Mapping[str, Any], operation: Operation, timeout: float) -> LabReply:
        keeper = self._keeper
        if keeper is None:
            return LabReply("", ok=False, error=self._why)
        try:
            message, fault = self._exchange(request, time.monotonic() + timeout)
        except ChildTimeoutError:
            keeper.end("didn't answer in time and was ended")
            return unanswered({}, None, "", "didn't answer in time and was ended")
        except ChildEndedError as end:
            return unanswered({}, None, "", str(end))
        reply = replace(answered(message, operation, fault, "", None), output=message.get("output", ""))
        ended = message.get("ended", "")
        pid, self._pid = self._pid, message.get("pid", self._pid if not ended else None)
        return _ended(reply, ended, pid) if ended else reply

    def _exchange(self, request: Mapping[str, Any], deadline: float) -> tuple[Mapping[str, Any], Fault | None]:
        """Exchange one request. Raises ChildEndedError, ChildTimeoutError."""
        keeper = self._keeper
        if keeper is None:
            raise ChildEndedError(self._why)
        fault = None
        keeper.send(json.dumps(request).encode() + b"\n")
        while "errno" not in (message := keeper.receive(deadline)):
            fault = fault_of(message["signal"]) if "signal" in message else fault
        return message, fault


class EditedCopy:
    """Implements `OwnProgram`: a copy of a program of the chapter in a directory that is removed with us."""

    def __init__(self, name: str) -> None:
        self._process = ProgramProcess()
        self._name = name

    @property
    def path(self) -> str:
        """Its path, created when first requested; "" if that fails."""
        return self._process.copy(self._name)

    def run(self) -> LabReply:
        """Compile it as it is now and run it, confined."""
        return self._process.run_file(self.path)

    def close(self) -> None:
        """End it, and remove it."""
        self._process.close()


def _request(operation: Operation) -> dict[str, Any]:
    """Build a request: for `build`, which names a file of `labs/programs/`, add its text."""
    request: dict[str, Any] = {"op": operation.name, **operation.arguments}
    if operation.name == "build":
        text = source(str(operation.arguments["name"]))
        request |= {"text": text, "paused": with_stops(text), "header": source(HEADER), "stops": stops(text)}
    return request


def _ended(reply: LabReply, ended: str, pid: int | None) -> LabReply:
    """Say how the program ended, as strace(1) does, and what the kernel logged about it."""
    logged = [] if reply.fault is None or pid is None else [_kernels_line(pid)]
    return replace(
        reply,
        call="\n".join([reply.call, f"+++ {as_strace(ended)} +++", *logged]).strip("\n"),
        ok=False,
        error=f"the program {ended}",
        ended=ended,
    )


def _kernels_line(pid: int) -> str:
    """Return what the kernel logged about a fatal fault: `show_signal_msg` in arch/x86/mm/fault.c and the like."""
    log = KernelLog()
    try:
        lines = log.faults(pid)
    finally:
        log.close()
    if isinstance(lines, Unavailable):
        return f"/* {lines.reason} */"
    return f"kernel log: {lines[-1]}" if lines else "/* the kernel log has no line about it */"
