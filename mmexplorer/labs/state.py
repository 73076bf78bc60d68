"""The progress of a lab (predict, do, verify, go on) as a frozen state, and the moves from it."""

import re
from enum import Enum

from mmexplorer.labs.lab import Choice, Lab, Number, Question, Step
from mmexplorer.labs.outcome import Outcome
from mmexplorer.model.value import NamedTuple, frozen, replace

_NUMBER = re.compile(r"[+-]?\d[\d,_ ]*", re.ASCII)
_DIGITS_AT_MOST = 20


class Phase(Enum):
    """What the current step is waiting for."""

    PREDICT = "a prediction"
    DO = "being done"
    """Predicted, or there is nothing to predict."""
    DONE = "going on"


class Score(NamedTuple):
    """How the predictions went."""

    right: int
    asked: int
    """The number of questions so far whose answer could be measured."""


class NoAnswer(NamedTuple):
    """Why a text isn't an answer to the question."""

    sentence: str
    """Lower case, no full stop. Contains nothing that was typed."""


@frozen
class LabState:
    """The progress of a lab. Every move returns another state; an impossible move returns the same."""

    lab: Lab
    index: int = 0
    """The current step; at most the first one that isn't done."""
    predicted: int | None = None
    """The prediction for the first step that isn't done."""
    outcomes: tuple[Outcome, ...] = ()
    """The outcomes of the steps done so far."""

    @property
    def step(self) -> Step:
        """The current step."""
        return self.lab.steps[self.index]

    @property
    def outcome(self) -> Outcome | None:
        """What happened in the current step; None until it is done."""
        return self.outcomes[self.index] if self.index < len(self.outcomes) else None

    @property
    def phase(self) -> Phase:
        """What the current step is waiting for."""
        if self.outcome is not None:
            return Phase.DONE
        return Phase.PREDICT if self.step.question is not None and self.predicted is None else Phase.DO

    @property
    def finished(self) -> bool:
        """Whether every step is done."""
        return len(self.outcomes) == len(self.lab.steps)

    @property
    def stuck(self) -> bool:
        """Whether the last step done failed, so that the following ones can't be done."""
        return bool(self.outcomes) and not self.outcomes[-1].passed

    @property
    def score(self) -> Score:
        """How many predictions were right so far."""
        judged = [outcome for outcome in self.outcomes if outcome.right is not None]
        return Score(right=sum(bool(outcome.right) for outcome in judged), asked=len(judged))

    def answered(self, text: str) -> "LabState | NoAnswer":
        """Predict; the prediction may be changed until the step is done."""
        if self.step.question is None or self.phase is Phase.DONE:
            return self
        answer = understood(self.step.question, text)
        return answer if isinstance(answer, NoAnswer) else replace(self, predicted=answer)

    def done(self, outcome: Outcome) -> "LabState":
        """Add the outcome of the step."""
        if self.phase is Phase.DONE or outcome.step is not self.step:
            return self
        return replace(self, outcomes=(*self.outcomes, outcome), predicted=None)

    def forward(self) -> "LabState":
        """Go to the next step if this one is done and nothing failed."""
        last = self.index == len(self.lab.steps) - 1
        if self.phase is not Phase.DONE or last or (self.stuck and self.index == len(self.outcomes) - 1):
            return self
        return replace(self, index=self.index + 1)

    def back(self) -> "LabState":
        """Go back to the previous step; what was done stays done."""
        return replace(self, index=max(0, self.index - 1))

    def restarted(self) -> "LabState":
        """Return to the first step, with nothing done."""
        return LabState(self.lab)


def understood(question: Question, text: str) -> int | NoAnswer:
    """Parse an answer: return the index of an option, or a number in the question's unit.

    An option is chosen by its number, from 1. A number may have separators, a sign and the unit after it.
    """
    return _option(question, text.strip()) if isinstance(question, Choice) else _number(question, text.strip())


def objection(question: Question, begun: str) -> str:
    """Return the sentence that says what is expected; "" if what was typed so far can become an answer."""
    unit = question.unit if isinstance(question, Number) else ""
    ends = ("", "0", *(unit[start:] for start in range(1, len(unit))))
    answers = [understood(question, begun.strip() + end) for end in ends]
    wrong = [answer.sentence for answer in answers if isinstance(answer, NoAnswer)]
    return wrong[0] if begun.strip() and len(wrong) == len(answers) else ""


def _option(question: Choice, typed: str) -> int | NoAnswer:
    count = len(question.options)
    if typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS_AT_MOST and 1 <= int(typed) <= count:
        return int(typed) - 1
    return NoAnswer(f"type a number from 1 to {count}")


def _number(question: Number, typed: str) -> int | NoAnswer:
    digits = typed.removesuffix(question.unit).strip()
    if _NUMBER.fullmatch(digits) and len(digits) <= _DIGITS_AT_MOST:
        return int(re.sub("[,_ ]", "", digits))
    of = f" of {question.unit}" if question.unit else ""
    return NoAnswer(f"type a whole number{of}, such as 12,345")
