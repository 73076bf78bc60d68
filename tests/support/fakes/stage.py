"""A `LabStage` without a process: each step is done at once, or when the test allows it, with the given result."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from mmexplorer.labs.lab import Lab, Step
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.outcome import Outcome, outcome
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.state import LabState, NoAnswer, Phase
from mmexplorer.model.memory.pages import PageState, PageStates, Run
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.fakes.spaces import anonymous, regions

START, SIZE, PAGE = 0x7F3A_4580_0000, 100 << 20, 4096
TOUCHED = START + 1000 * PAGE
CALL = "mmap(NULL, 104857600, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f3a45800000"
PID = 9100

BEFORE = Measurement(regions(), {"VmSize": 13 << 20, "Rss": 9 << 20, "VmPTE": 52 << 10, "min_flt": 100})
AFTER = Measurement(
    tuple(sorted((*regions(), anonymous(START, START + SIZE)))),
    {"VmSize": 113 << 20, "Rss": 13 << 20, "VmPTE": 60 << 10, "min_flt": 1100},
    PageStates(
        Range(START, START + SIZE),
        PAGE,
        (Run(START, TOUCHED, PageState.ANONYMOUS), Run(TOUCHED, START + SIZE, PageState.ABSENT)),
    ),
)
MAPPED = LabReply(CALL, ok=True, start=START, end=START + SIZE)
KILLED = LabReply(
    "+++ killed by SIGKILL +++", ok=False, error="the lab process was ended by SIGKILL", ended="was ended by SIGKILL"
)
_GONE = Unavailable(Cause.GONE, "the lab process has ended")


def as_it_should(step: Step, predicted: int | None) -> Outcome:
    """Return an outcome with 100 MiB mapped, in which all checks of the step hold."""
    judged = outcome(step, predicted, prepared=(), replies=(MAPPED,), before=BEFORE, after=AFTER)
    verdicts = tuple(replace(verdict, passed=True, why="") for verdict in judged.verdicts)
    return replace(judged, verdicts=verdicts)


def killed(step: Step, predicted: int | None) -> Outcome:
    """Return the outcome when the process is killed from outside."""
    return outcome(step, predicted, prepared=(), replies=(KILLED,), before=BEFORE, after=_GONE)


class FakeSession:
    """A fake `LabSession`."""

    def __init__(self, stage: "FakeStage", lab: Lab) -> None:
        self._stage = stage
        self.state = LabState(lab)
        self.pid: int | None = None
        self.watched: Range | None = None
        self.live: PageStates | None = None
        """The pages in the middle of a step."""
        self.calls: tuple[LabReply, ...] = ()
        self.closed = False
        self.restarts = 0

    def pages(self) -> PageStates | None:
        """Return the current state of the watched pages."""
        return self.live

    def answer(self, text: str) -> str:
        """Predict."""
        answered = self.state.answered(text)
        if isinstance(answered, NoAnswer):
            return answered.sentence
        self.state = answered
        return ""

    def perform(self) -> Outcome | None:
        """Do the step as soon as the stage allows it."""
        self._stage.performed += 1
        self._stage.gate.wait()
        if self.closed or self.state.phase is Phase.DONE:
            return None
        result = self._stage.result(self.state.step, self.state.predicted)
        self.pid = PID if isinstance(result.after, Measurement) else None
        self.calls = (*self.calls, *result.replies)
        self.state = self.state.done(result)
        return result

    def forward(self) -> None:
        """Go to the next step."""
        self.state = self.state.forward()

    def back(self) -> None:
        """Go to the previous step."""
        self.state = self.state.back()

    def restart(self) -> None:
        """Restart the lab."""
        self.restarts += 1
        self.calls = ()
        self.state = self.state.restarted()

    def close(self) -> None:
        """End the session; a waiting step continues."""
        self.closed = True
        self.pid = None
        self._stage.gate.set()


class FakeOwnProgram:
    """A fake `OwnProgram`, whose runs are only counted."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.runs = 0
        self.closed = False
        self.reply = LabReply(
            "cc", ok=False, ended="was ended by SIGSEGV", output="hello\nSegmentation fault\n", error="it ended"
        )

    def run(self) -> LabReply:
        """Count a run."""
        self.runs += 1
        return self.reply

    def close(self) -> None:
        """Record the call."""
        self.closed = True


class FakeStage:
    """A fake `LabStage`."""

    def __init__(self, lacks: Mapping[str, Unavailable] | None = None) -> None:
        self._lacks = lacks or {}
        self.gate = threading.Event()
        """While cleared, a step that has begun doesn't end."""
        self.gate.set()
        self.performed = 0
        """Number of steps requested."""
        self.result: Callable[[Step, int | None], Outcome] = as_it_should
        self.sessions: list[FakeSession] = []
        self.own = FakeOwnProgram("/nowhere/write_null.c")

    def lacks(self, lab: Lab) -> Unavailable | None:
        """Return why a lab can't be played."""
        return self._lacks.get(lab.name)

    def open(self, lab: Lab) -> FakeSession:
        """Open a session."""
        self.sessions.append(FakeSession(self, lab))
        return self.sessions[-1]

    def own_program(self, _lab: Lab) -> FakeOwnProgram:
        """Return the only program."""
        return self.own
