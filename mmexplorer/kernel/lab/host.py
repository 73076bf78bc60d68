"""Owns the lab child: start, ask, time out, end. The only process that mmexplorer ever changes."""

import errno
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from signal import Signals
from typing import Any

from mmexplorer.kernel.lab.child_process import ChildEndedError, ChildPipe, ChildTimeoutError
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.labs.lab import Limits
from mmexplorer.labs.operations import mmap, munmap, ready, touch
from mmexplorer.labs.protocol import Fault, LabReply, Operation
from mmexplorer.model.amount import format_size
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.status import parse_status

ANSWER_SECONDS = 20.0
"""A gigabyte can be touched in this time on a slow machine."""

_SI_CODES = {
    Signals.SIGSEGV: {1: "SEGV_MAPERR", 2: "SEGV_ACCERR", 3: "SEGV_BNDERR", 4: "SEGV_PKUERR", 0x80: "SI_KERNEL"},
    Signals.SIGBUS: {1: "BUS_ADRALN", 2: "BUS_ADRERR", 3: "BUS_OBJERR", 4: "BUS_MCEERR_AR", 0x80: "SI_KERNEL"},
}


class LabChild:
    """Serves `LabProcess`. Requests are answered one at a time, from any thread; `close` also interrupts a request."""

    def __init__(self, limits: Limits | None = None, *, folder: str = "", prefix: Sequence[str] = ()) -> None:
        """`prefix`: see `ChildPipe`."""
        self._limits = limits or Limits()
        self.folder = folder
        """Where the child makes temporary files; may be set before `start`."""
        self._prefix = prefix
        self._child: ChildPipe | None = None
        self._lock = threading.Lock()
        self._not_running = "the lab process isn't running"
        self._mappings: list[_Mapping] = []

    @property
    def pid(self) -> int | None:
        """The child's pid; None while it doesn't run."""
        child = self._child
        return child.pid if child is not None and child.running else None

    @property
    def mapped(self) -> int:
        """How many of the mappings that `map` made are still there."""
        return len(self._mappings) if self.pid is not None else 0

    def start(self) -> None:
        """Spawn the child if it doesn't run; doesn't wait until it is ready."""
        with self._lock:
            if self.pid is not None:
                return
            self._drop()
            try:
                self._child = ChildPipe(self._limits, self.folder, self._prefix)
            except OSError as error:
                self._not_running = f"the lab process could not be started: {_named(error.errno or 0)}"

    def ask(self, operation: Operation, timeout: float = ANSWER_SECONDS) -> LabReply:
        """Have one operation done. A child that does not answer within `timeout` seconds is ended."""
        with self._lock:
            child = self._child
            if child is None:
                return LabReply(call="", ok=False, error=self._not_running)
            return self._asked(child, operation, time.monotonic() + timeout)

    def _asked(self, child: ChildPipe, operation: Operation, deadline: float) -> LabReply:
        doing: Mapping[str, Any] = {}
        fault = None
        try:
            child.send({"op": operation.name, **operation.arguments})
            while "errno" not in (message := child.receive(deadline)):
                doing = message if "doing" in message else doing
                fault = _fault(message["signal"]) if "signal" in message else fault
        except ChildTimeoutError:
            child.kill()
            child.how_it_ended()
            return _without_answer(child, doing, fault, "did not answer in time and was ended")
        except ChildEndedError as end:
            return _without_answer(child, doing, fault, str(end))
        return _answer(child, message, operation, fault)

    def wait_ready(self) -> None:
        """Wait until the child has started up, at most as long as for an answer."""
        self.ask(ready())

    def map(self, size: int) -> LabReply:
        """Map `size` bytes of private anonymous memory, readable and writable."""
        name = f"mapping {time.monotonic_ns()}"
        reply = self._weighed(mmap(name, size))
        if reply.ok:
            self._mappings.append(_Mapping(name, size))
        return reply

    def touch(self, size: int) -> LabReply:
        """Write one byte into each of the next `size` bytes' pages of the newest mapping."""
        if not self._mappings:
            return LabReply("", ok=False, error="nothing is mapped yet")
        newest = self._mappings[-1]
        length = min(size, newest.size - newest.touched)
        if length <= 0:
            return LabReply("", ok=False, error="every page of the newest mapping is touched already")
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
        """Have it done, and add to the figures by how many bytes `VmSize` and `VmRSS` changed on it."""
        self.wait_ready()  # until then the interpreter's own start would be counted, too
        before = self._sizes()
        reply = self.ask(operation)
        after = self._sizes()
        changes = {name: after[name] - before[name] for name in after.keys() & before.keys()}
        return replace(reply, figures={**reply.figures, **changes})

    def _sizes(self) -> dict[str, int]:
        status = Procfs().read(f"{self.pid}/status")
        if isinstance(status, Unavailable):
            return {}
        parsed = parse_status(status)
        return {name: size for name in ("VmSize", "VmRSS") if (size := parsed.size(name)) is not None}

    def close(self) -> None:
        """End the child and wait for it; nothing of it is left."""
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


def _answer(child: ChildPipe, message: Mapping[str, Any], operation: Operation, fault: Fault | None) -> LabReply:
    failed = message["errno"]
    return LabReply(
        call="\n".join([*message["calls"], *_signal_line(fault)]),
        ok=not failed,
        error=message.get("refused") or (_refusal(child, failed, operation) if failed else ""),
        start=message["start"],
        end=message["end"],
        figures=message["figures"],
        fault=fault,
        output=child.output(),
    )


def _without_answer(child: ChildPipe, doing: Mapping[str, Any], fault: Fault | None, ended: str) -> LabReply:
    """What there is to say of a request that the child did not outlive; the log reads as strace(1)'s does."""
    lines = [*_called(doing), *_signal_line(fault), f"+++ {ended.removeprefix('was ')} +++"]
    start = doing.get("address", 0)
    return LabReply(
        call="\n".join(lines),
        ok=False,
        error=f"the lab process {ended}",
        start=start,
        end=start + len(_called(doing)),
        fault=fault,
        ended=ended,
        output=child.output(),
    )


def _called(doing: Mapping[str, Any]) -> list[str]:
    return [doing["doing"]] if doing else []


def _signal_line(fault: Fault | None) -> list[str]:
    if fault is None:
        return []
    address = f"{fault.address:#x}" if fault.address else "NULL"
    return [f"--- {fault.signal} {{si_signo={fault.signal}, si_code={fault.code}, si_addr={address}}} ---"]


class _Mapping:
    """What `map` made: `touched` bytes of its `size` have been written to."""

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size
        self.touched = 0


def _named(failed: int) -> str:
    """An errno as "ENOMEM: cannot allocate memory"."""
    words = os.strerror(failed)
    return f"{errno.errorcode.get(failed, failed)}: {words[:1].lower()}{words[1:]}"


def _refusal(child: ChildPipe, failed: int, operation: Operation) -> str:
    """The errno in words, with what stands behind an ENOMEM: the limit, or the promise the kernel would not give."""
    if failed != errno.ENOMEM or operation.name not in {"mmap", "malloc"}:
        return _named(failed)
    limit = child.address_space_limit()
    wanted = operation.arguments.get("length") or operation.arguments.get("size") or 0
    if limit is not None and child.address_space() + int(wanted) > limit:
        return f"{_named(failed)}; RLIMIT_AS allows {format_size(limit)}"
    return f"{_named(failed)}; the kernel does not promise that much (vm.overcommit_memory, proc_sys_vm(5))"


def _fault(siginfo: Mapping[str, int]) -> Fault:
    signal = Signals(siginfo["signo"])
    return Fault(signal.name, _SI_CODES[signal].get(siginfo["code"], str(siginfo["code"])), siginfo["address"])
