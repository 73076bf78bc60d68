"""Plays labs with a real process: serves `LabStage` and `LabSession` of `labs/session.py`."""

import threading
from collections.abc import Iterator, Sequence

from mmexplorer.kernel.lab_host import ANSWER_SECONDS, LabProcess
from mmexplorer.kernel.lab_measure import measure
from mmexplorer.kernel.lab_needs import lacking
from mmexplorer.labs.answers import NoAnswer
from mmexplorer.labs.engine import Phase, Play
from mmexplorer.labs.operations import ready
from mmexplorer.labs.verify import outcome
from mmexplorer.model.lab import Lab, LabReply, Measurement, Operation, Outcome, Step
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable


class LabRunner:
    """Serves `LabStage`."""

    def lacks(self, lab: Lab) -> Unavailable | None:
        """Why the lab can't be played here; None if it can."""
        return lacking(lab)

    def open(self, lab: Lab) -> "Session":
        """Begin to play; the process is started by the first step."""
        return Session(lab)


class Session:
    """Serves `LabSession`. One step is done at a time; `close` interrupts it."""

    def __init__(self, lab: Lab, timeout: float = ANSWER_SECONDS) -> None:
        self._play = Play(lab)
        self._process = LabProcess(lab.limits)
        self._timeout = timeout
        self._ranges: dict[str, Range] = {}
        self._calls: tuple[LabReply, ...] = ()
        self._closed = False
        self._busy = False
        self._step_lock = threading.Lock()
        self._move_lock = threading.Lock()

    @property
    def play(self) -> Play:
        """How far it is."""
        return self._play

    @property
    def pid(self) -> int | None:
        """The lab process; None while there is none."""
        return self._process.pid

    @property
    def watched(self) -> Range | None:
        """The range whose pages the current step watches; None while it isn't there."""
        return self._ranges.get(self._play.step.watch)

    @property
    def calls(self) -> tuple[LabReply, ...]:
        """Every reply since the start or the last restart."""
        return self._calls

    def answer(self, text: str) -> str:
        """Predict; gives "" or a sentence that says what kind of answer is wanted, or that it is too late."""
        with self._move_lock:
            if self._busy:
                return "the step is being done"
            answered = self._play.answered(text)
            if isinstance(answered, NoAnswer):
                return answered.sentence
            self._play = answered
            return ""

    def perform(self) -> Outcome | None:
        """Do the current step and measure."""
        with self._step_lock:
            with self._move_lock:
                play = self._play
                if self._closed or play.phase is Phase.DONE:
                    return None
                self._busy = True
            result = self._performed(play.step, play.predicted)
            with self._move_lock:
                self._play = play.done(result)
                self._busy = False
            return result

    def forward(self) -> None:
        """Look at the next step; not while one is being done."""
        with self._move_lock:
            self._play = self._play if self._busy else self._play.forward()

    def back(self) -> None:
        """Look at the step before; not while one is being done."""
        with self._move_lock:
            self._play = self._play if self._busy else self._play.back()

    def restart(self) -> None:
        """Begin again, with a new process. A step that is being done is given up."""
        self._process.close()
        with self._step_lock, self._move_lock:
            self._process.close()
            self._ranges.clear()
            self._calls = ()
            self._play = self._play.restarted()

    def close(self) -> None:
        """End the process."""
        self._closed = True
        self._process.close()

    def _performed(self, step: Step, predicted: int | None) -> Outcome:
        if step.fresh:
            self._process.close()
            self._ranges.clear()
        first = step.fresh or not self._play.outcomes
        if first:
            self._process.start()
        prepared = tuple(self._done(step.prepare))
        # The first request waits until the child is ready: only then is there something to measure.
        before = self._measured(step) if self._ready(first) else _NO_PROCESS
        replies = tuple(self._done(step.operations))
        after = self._measured(step)
        return outcome(step, predicted, prepared=prepared, replies=replies, before=before, after=after)

    def _ready(self, first: bool) -> bool:  # noqa: FBT001 - says itself
        return not first or self._process.ask(ready(), self._timeout).ok

    def _done(self, operations: Sequence[Operation]) -> Iterator[LabReply]:
        """Have the operations done until one of them fails."""
        for operation in operations:
            reply = self._process.ask(operation, self._timeout)
            self._calls = (*self._calls, reply)
            if reply.ok and operation.name == "mmap":
                self._ranges[str(operation.arguments["name"])] = Range(reply.start, reply.end)
            yield reply
            if not reply.ok:
                return

    def _measured(self, step: Step) -> Measurement | Unavailable:
        pid = self._process.pid
        return _NO_PROCESS if pid is None else measure(pid, self._ranges.get(step.watch))


_NO_PROCESS = Unavailable(Cause.GONE, "the lab process has ended")
