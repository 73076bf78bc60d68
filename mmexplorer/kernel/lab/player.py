"""Plays labs with a real process: implements `LabStage` and `LabSession` of `labs/interfaces.py`."""

import threading
from collections.abc import Callable, Iterator, Sequence

from mmexplorer.kernel.lab.child_process import ANSWER_SECONDS, LabChild
from mmexplorer.kernel.lab.measurement import LabProcesses, surroundings, watched_pages
from mmexplorer.kernel.lab.requirements import disk_folder, lacking
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.labs.lab import Lab, Need, Step
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.operations import ready
from mmexplorer.labs.outcome import Outcome, outcome
from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.labs.state import LabState, NoAnswer, Phase
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import Range
from mmexplorer.model.typed import TYPE_CHECKING
from mmexplorer.model.unavailable import Cause, Unavailable

if TYPE_CHECKING:
    from mmexplorer.kernel.lab.oom_cgroup import OomCgroup
    from mmexplorer.kernel.lab.program.process import EditedCopy, ProgramProcess


class LabRunner:
    """Implements `LabStage`."""

    def __init__(self, when_done: Callable[[Lab, Outcome], None] | None = None) -> None:
        """`when_done` is called after each completed step, in the thread that ran it."""
        self._when_done = when_done

    def lacks(self, lab: Lab) -> Unavailable | None:
        """Return why the lab can't be played here; None if it can."""
        return lacking(lab)

    def open(self, lab: Lab) -> "Session":
        """Start playing; the first step starts the process."""
        return Session(lab, when_done=self._when_done)

    def own_program(self, lab: Lab) -> "EditedCopy":
        """Copy the C program of a lab that has one."""
        from mmexplorer.kernel.lab.program.process import EditedCopy  # noqa: PLC0415 - as in `_program`

        return EditedCopy(lab.source)


class Session:
    """Implements `LabSession`. Runs one step at a time; `close` interrupts it."""

    def __init__(
        self,
        lab: Lab,
        timeout: float = ANSWER_SECONDS,
        when_done: Callable[[Lab, Outcome], None] | None = None,
    ) -> None:
        self._when_done = when_done
        self._state = LabState(lab)
        self._simulator = None if lab.simulator is None else lab.simulator()
        self._cgroup = _cgroup(lab.memory_limit) if lab.memory_limit else None
        self._process = _program() if lab.source else LabChild(lab.limits)
        self._timeout = timeout
        self._ranges: dict[str, Range] = {}
        self._processes = LabProcesses()
        self._calls: tuple[LabReply, ...] = ()
        self._closed = False
        self._prepared = False
        self._busy = False
        self._step_lock = threading.Lock()
        self._move_lock = threading.Lock()

    @property
    def state(self) -> LabState:
        """The current progress."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The lab process; None if there is none."""
        return self._process.pid

    @property
    def watched(self) -> Range | None:
        """The range whose pages the current step watches; None while it doesn't exist."""
        return self._ranges.get(self._state.step.watch)

    def pages(self) -> PageStates | Unavailable | None:
        """Read the pages the step watches, even while it runs; None while there are none."""
        pid, watched = self.pid, self.watched
        return None if pid is None or watched is None else watched_pages(pid, watched)

    @property
    def calls(self) -> tuple[LabReply, ...]:
        """All replies since the start or the last restart."""
        return self._calls

    def answer(self, text: str) -> str:
        """Record a prediction; return "" or a sentence saying what answer is expected, or that it's too late."""
        with self._move_lock:
            if self._busy:
                return "the step is being done"
            answered = self._state.answered(text)
            if isinstance(answered, NoAnswer):
                return answered.sentence
            self._state = answered
            return ""

    def prepare(self) -> None:
        """Start the process that the current step needs, without waiting for it; otherwise `perform` does that."""
        with self._step_lock:
            if not self._closed and self._state.phase is not Phase.DONE and self._needs_process:
                self._launch()

    def perform(self) -> Outcome | None:
        """Run the current step and measure."""
        with self._step_lock:
            with self._move_lock:
                state = self._state
                if self._closed or state.phase is Phase.DONE:
                    return None
                self._busy = True
            result = self._performed(state.step, state.predicted)
            with self._move_lock:
                self._state = state.done(result)
                self._busy = False
            if self._when_done is not None:
                self._when_done(state.lab, result)
            return result

    def forward(self) -> None:
        """Show the next step, unless one is running."""
        with self._move_lock:
            self._state = self._state if self._busy else self._state.forward()

    def back(self) -> None:
        """Show the previous step, unless one is running."""
        with self._move_lock:
            self._state = self._state if self._busy else self._state.back()

    def restart(self) -> None:
        """Start over with a new process; abandons a running step."""
        self._process.close()
        with self._step_lock, self._move_lock:
            self._forget()
            self._calls = ()
            self._state = self._state.restarted()

    def close(self) -> None:
        """End the process; abandons a running step."""
        self._closed = True
        self._process.close()
        with self._step_lock:
            self._end()

    def _end(self) -> None:
        self._process.close()
        if self._cgroup is not None:
            self._cgroup.close()

    def _forget(self) -> None:
        """End the process, and forget what it had."""
        self._end()
        self._ranges.clear()
        self._processes.clear()
        self._prepared = False

    @property
    def _needs_process(self) -> bool:
        """Whether the current step needs a new process that isn't there yet."""
        first = self._state.step.fresh or not self._state.outcomes
        return first and not self._prepared and self._simulator is None

    def _launch(self) -> None:
        self._forget()
        self._process.folder = disk_folder() if Need.DISK in self._state.lab.needs else ""
        self._process.prefix = () if self._cgroup is None else self._cgroup.prepare()
        self._process.start()
        self._prepared = True

    def _performed(self, step: Step, predicted: int | None) -> Outcome:
        if self._simulator is not None:
            replies = tuple(self._done(_operations(step, predicted)))
            return outcome(step, predicted, prepared=(), replies=replies, before=_SIMULATED, after=_SIMULATED)
        if self._needs_process:
            self._launch()
        first, self._prepared = self._prepared, False
        prepared = (*self._confined(first), *self._done(step.prepare))
        # The first request waits until the child is ready: only then can it be measured.
        before = self._measured(step) if self._ready(first) else _NO_PROCESS
        around = self._around()
        replies = tuple(self._done(_operations(step, predicted)))
        after = self._measured(step)
        return outcome(
            step,
            predicted,
            prepared=prepared,
            replies=replies,
            before=before,
            after=after,
            around=(around, self._around()),
        )

    def _confined(self, first: bool) -> tuple[LabReply, ...]:  # noqa: FBT001 - self-explanatory
        """Confine the process to its cgroup, for a lab that needs that; end it if that can't be verified."""
        if self._cgroup is None or not self._ready(first) or (pid := self._process.pid) is None:
            return ()
        why = self._cgroup.confine(pid) if first else self._cgroup.proved(pid)
        reply = LabReply("\n".join(self._cgroup.log) if first else "", ok=not why, error=why)
        if why:
            self._end()
        if not first and not why:
            return ()
        self._calls = (*self._calls, reply)
        return (reply,)

    def _around(self) -> dict[str, int]:
        if not self._state.lab.surroundings:
            return {}
        of_cgroup = () if self._cgroup is None else self._cgroup.readings()
        return dict((*surroundings(LiveProcfs(), self._process.pid), *of_cgroup))

    def _ready(self, first: bool) -> bool:  # noqa: FBT001 - self-explanatory
        return not first or self._process.ask(ready(), self._timeout).ok

    def _done(self, operations: Sequence[Operation]) -> Iterator[LabReply]:
        """Carry out the operations until one of them fails."""
        for operation in operations:
            reply = self._asked(operation)
            self._calls = (*self._calls, reply)
            if reply.ok and operation.name == "mmap":
                self._ranges[str(operation.arguments["name"])] = Range(reply.start, reply.end)
            if reply.ok:
                self._processes.note(operation, reply)
            yield reply
            if not reply.ok:
                return

    def _asked(self, operation: Operation) -> LabReply:
        if self._simulator is not None:
            return self._simulator.ask(operation)
        return self._process.ask(operation, self._timeout)

    def _measured(self, step: Step) -> Measurement | Unavailable:
        pid = self._process.pid
        return _NO_PROCESS if pid is None else self._processes.measured(pid, self._ranges.get(step.watch), step.program)


def _cgroup(limit: int) -> "OomCgroup":
    from mmexplorer.kernel.lab.oom_cgroup import OomCgroup  # noqa: PLC0415 - for one lab only

    return OomCgroup(limit)


def _program() -> "ProgramProcess":
    from mmexplorer.kernel.lab.program.process import ProgramProcess  # noqa: PLC0415 - for labs with a C program

    return ProgramProcess()


def _operations(step: Step, answer: int | None) -> tuple[Operation, ...]:
    return step.operations if step.own is None or answer is None else step.own(answer)


_NO_PROCESS = Unavailable(Cause.GONE, "the lab process has ended")
_SIMULATED = Unavailable(Cause.NOT_READ, "there is no process: this lab only computes")
