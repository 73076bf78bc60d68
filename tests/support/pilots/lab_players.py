"""Plays labs as a user would, without a screen."""

from collections.abc import Callable, Iterator

from mmexplorer.kernel.lab.player import Session
from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import Choice, Lab, Number, Step
from mmexplorer.labs.outcome import Outcome, Verdict
from mmexplorer.labs.protocol import LabReply
from mmexplorer.model.unavailable import Cause, Unavailable


def played(lab: Lab, before_step: Callable[[Session], None] = lambda _session: None) -> Iterator[Outcome]:
    """Play a lab to its end, or to the first step that fails; stop the process afterwards."""
    session = Session(lab)
    try:
        while True:
            before_step(session)
            outcome = session.perform()
            if outcome is None:
                return
            yield outcome
            session.forward()
    finally:
        session.close()


def failures(outcome: Outcome) -> list[str]:
    """Return the failed checks with all measurements, for a test's message."""
    failed = [f"{outcome.step.title}: {verdict}" for verdict in outcome.verdicts if not verdict.passed]
    return [*failed, str(outcome.figures.numbers), str(outcome.replies)] if failed else []


def predicts(step: Step) -> bool:
    """Return whether a step asks for a prediction, and not only for an action."""
    return step.question is not None and step.own is None


def outcome_of(step: Step, *, passed: bool = True, right: bool | None = None) -> Outcome:
    """Return an outcome without a process."""
    gone = Unavailable(Cause.GONE, "never there")
    return Outcome(
        step=step,
        prepared=(),
        replies=(LabReply("call", ok=passed),),
        before=gone,
        after=gone,
        figures=Figures({}, {}, "never there"),
        verdicts=(Verdict("it holds", passed),),
        predicted=None,
        answer="",
        right=right,
        explanation="",
    )


A_CHOICE = Choice("Which?", ("one", "another"), 1)
A_NUMBER = Number("How much?", "kB", "rss_change", scale=1024, within=2)
