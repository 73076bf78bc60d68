"""What happened in a step: the checks, the prediction compared with the measurement, the explanation."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from mmexplorer.labs.figures import Figures, MissingFigureError
from mmexplorer.labs.lab import Choice, Expect, Number, Question, Step
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.step_figures import figures
from mmexplorer.labs.text import counted, filled
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen


@frozen
class Verdict:
    """The result of a check."""

    words: str
    passed: bool
    why: str = ""
    """Why it failed, if the figures for it are missing or a call failed."""


@frozen
class Outcome:
    """What happened in a step."""

    step: Step
    prepared: tuple[LabReply, ...]
    replies: tuple[LabReply, ...]
    before: Measurement | Unavailable
    after: Measurement | Unavailable
    """Unavailable if the process has ended."""
    figures: Figures
    verdicts: tuple[Verdict, ...]
    predicted: int | None
    """The prediction: the index of an option, or a number in the question's unit; None if there was none."""
    answer: str
    """The right answer in words; "" if there was no question or it couldn't be measured."""
    right: bool | None
    """Whether the prediction was right; None if there was none."""
    explanation: str
    """The explanation with its figures; terms are still marked."""

    @property
    def passed(self) -> bool:
        """Whether every check held."""
        return all(verdict.passed for verdict in self.verdicts)

    @property
    def feedback(self) -> str:
        """The sentence for the wrong option that was chosen; "" if there is none."""
        question = self.step.question
        if self.right is not False or self.predicted is None or not isinstance(question, Choice):
            return ""
        return question.feedback[self.predicted] if question.feedback else ""


def outcome(
    step: Step,
    predicted: int | None,
    *,
    prepared: Sequence[LabReply],
    replies: Sequence[LabReply],
    before: Measurement | Unavailable,
    after: Measurement | Unavailable,
    around: Sequence[Mapping[str, int]] = ({}, {}),
) -> Outcome:
    """Judge a step. `replies`: those of its operations, as far as they were done.

    `around`: the figures of the machine and the cgroup before and after, `MACHINE` of `labs/figures.py`.
    """
    measured = figures(before, after, replies, around)
    calls = tuple(_calls(step, (*prepared, *replies), replies))
    # After a failed call, the checks would only repeat that it failed.
    failed = not all(verdict.passed for verdict in calls)
    answer, right = (None, None) if failed else _judged(step.question, predicted, measured)
    return Outcome(
        step=step,
        prepared=tuple(prepared),
        replies=tuple(replies),
        before=before,
        after=after,
        figures=measured,
        verdicts=calls
        if failed
        else (*calls, *(_verdict(check.words, check.holds, measured) for check in step.checks)),
        predicted=predicted,
        answer=answer or "",
        right=right,
        explanation="" if failed else _explanation(step, measured),
    )


def _calls(step: Step, everything: Sequence[LabReply], replies: Sequence[LabReply]) -> Iterator[Verdict]:
    """Yield whether the operations turned out as the step expects: any that didn't, and the last."""
    last = replies[-1] if replies else None
    for reply in everything:
        if reply is not last and not reply.ok:
            yield Verdict("every earlier call succeeds", passed=False, why=reply.error)
    if last is None:
        return
    if step.expect is Expect.END:
        yield Verdict("the process ends", passed=bool(last.ended), why="" if last.ended else "it is still running")
    elif step.expect is Expect.REFUSAL:
        refused = not last.ok and not last.ended
        yield Verdict("the kernel refuses", passed=refused, why="" if refused else last.error or "it succeeded")
    elif not last.ok and (last.ended or step.expect is not Expect.EITHER):
        yield Verdict("the call succeeds", passed=False, why=last.error)


def _verdict(words: str, holds: Callable[[Figures], bool], measured: Figures) -> Verdict:
    try:
        return Verdict(filled(words, measured), passed=holds(measured))
    except MissingFigureError as missing:
        return Verdict(filled(words, measured), passed=False, why=str(missing))


def _judged(question: Question | None, predicted: int | None, measured: Figures) -> tuple[str | None, bool | None]:
    if question is None:
        return None, None
    try:
        if isinstance(question, Choice):
            index = right_option(question, measured)
            return question.options[index], None if predicted is None else predicted == index
        if not question.figure:
            return None, None
        return _number_judged(question, predicted, measured[question.figure])
    except MissingFigureError:
        return None, None


def right_option(question: Choice, measured: Figures) -> int:
    """Return the index of the right option, given the figures. Raises MissingFigureError."""
    return question.right if isinstance(question.right, int) else question.right(measured)


def _number_judged(question: Number, predicted: int | None, value: int) -> tuple[str, bool | None]:
    words = counted(round(value / question.scale), question.unit)
    if predicted is None:
        return words, None
    return words, abs(predicted - value / question.scale) <= question.within


def _explanation(step: Step, measured: Figures) -> str:
    parts = [step.explanation]
    for remark in step.remarks:
        try:
            applies = remark.when(measured)
        except MissingFigureError:
            applies = False
        if applies:
            parts.append(remark.text)
    return filled(" ".join(parts), measured)
