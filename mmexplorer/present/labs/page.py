"""What the Labs screen says: what a lab is about, a step with its question, what happened in it, the score."""

from collections.abc import Iterator, Mapping, Sequence

from mmexplorer.labs.lab import Choice, Lab, Number, Question, Step
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.text import pieces
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.labs.plain import needs
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped

LETTERS = "abcdefgh"
"""The options of a question; digits are the keys of the screens."""

_PASSED, _FAILED = span("✓ ", Tone.ADDED), span("✗ ", Tone.ERROR)


def _marked(text: str) -> Line:
    """A text in which the terms that the glossary explains stand out."""
    return tuple(span(piece, Tone.ACCENT if term else Tone.NORMAL) for piece, term in pieces(text) if piece)


def intro_lines(lab: Lab, lack: Unavailable | None, width: int) -> Iterator[Line]:
    """Tell what the lab is about, and whether it can be played here."""
    yield from wrapped(line(span(lab.title, Tone.BRIGHT)), width)
    yield EMPTY
    yield from wrapped(_marked(lab.learn), width)
    yield EMPTY
    if lack is not None:
        yield from wrapped(line(span(f"It can't be played here: {lack.reason}.", Tone.WARN)), width)
        if lack.remedy:
            yield from wrapped(line(f"Instead: {lack.remedy}."), width)
        yield EMPTY
    yield from wrapped(line(f"It needs {', '.join(needs(lab))}."), width)
    yield EMPTY
    for number, step in enumerate(lab.steps, 1):
        yield from wrapped(_marked(step.title), width, line(span(f"{number:>2}  ", Tone.DIM)))


def step_lines(step: Step, predicted: int | None, outcome: Outcome | None, width: int) -> Iterator[Line]:
    """Tell what is about to happen and ask; once it is done, the options say which of them it was."""
    yield from wrapped(line(span(step.title, Tone.BRIGHT)), width)
    yield EMPTY
    yield from wrapped(_marked(step.text), width)
    question = step.question
    if question is None:
        return
    yield EMPTY
    yield from wrapped((span("? ", Tone.ACCENT), *_marked(question.ask)), width)
    if isinstance(question, Choice):
        said = outcome.predicted if outcome is not None else predicted
        for index, option in enumerate(question.options):
            yield from _option(index, _marked(option), width, said=said == index, was=_was(outcome, option))
    elif question.within and outcome is None:
        near = f"Up to {question.within:,} {question.unit} beside it counts as right."
        yield from wrapped(line(span(near, Tone.DIM)), width)


def _was(outcome: Outcome | None, option: str) -> bool | None:
    """Whether the option turned out to be the right one; None while that isn't known."""
    return None if outcome is None or not outcome.answer else outcome.answer == option


def _option(index: int, option: Line, width: int, *, said: bool, was: bool | None) -> Iterator[Line]:
    tone = Tone.ADDED if was else Tone.ERROR if said and was is False else Tone.ACCENT if said else Tone.NORMAL
    mark = {True: "✓", False: "✗" if said else " ", None: "▸" if said else " "}[was]
    toned = tuple(piece if piece.tone is not Tone.NORMAL else piece._replace(tone=tone) for piece in option)
    yield from wrapped(toned, width, line(span(f"{mark} ", tone), span(f"{LETTERS[index]}) ", Tone.ACCENT)))


def outcome_lines(outcome: Outcome, width: int) -> Iterator[Line]:
    """Tell what happened beside what was said, why, what the program printed and what was checked."""
    yield _rule("what happened", width)
    yield from wrapped(_verdict(outcome), width)
    printed = [text for reply in (*outcome.prepared, *outcome.replies) for text in reply.output.splitlines()]
    for place, text in enumerate(printed):
        yield from wrapped(line(text), width, line(span("           " if place else "it printed ", Tone.DIM)))
    if outcome.explanation:
        yield EMPTY
        yield from wrapped(_marked(outcome.explanation), width)
    yield EMPTY
    for verdict in outcome.verdicts:
        why = line(span(f": {verdict.why}", Tone.WARN)) if verdict.why else EMPTY
        yield from wrapped((*_marked(verdict.words), *why), width, (_PASSED if verdict.passed else _FAILED,))


def _rule(title: str, width: int) -> Line:
    return line(span(f"── {title} ", Tone.DIM), span("─" * max(0, width - len(title) - 4), Tone.DIM))


def _verdict(outcome: Outcome) -> Line:
    """Put what happened beside what was said."""
    question = outcome.step.question
    if not outcome.passed:
        return line(span("This step did not go as it should; below stands what failed.", Tone.ERROR))
    if question is None:
        return line("It was done.")
    if isinstance(question, Number) and not question.figure:
        own = "an example, since you said nothing" if outcome.predicted is None else f"your {outcome.predicted}"
        return line(f"It was done with {own}.")
    if not outcome.answer:
        return line(span("The answer could not be measured.", Tone.WARN))
    return _judged(question, outcome)


def _judged(question: Question, outcome: Outcome) -> Line:
    was = (span("it was "), span(_quoted(question, outcome.answer), Tone.BRIGHT))
    if outcome.predicted is None:
        return (span("You made no prediction; "), *was, span("."))
    judged = span("Right", Tone.ADDED) if outcome.right else span("Not so", Tone.ERROR)
    said = span(_quoted(question, prediction(question, outcome.predicted)), Tone.BRIGHT)
    if outcome.right and isinstance(question, Choice):
        return (judged, span(": you said "), said, span(", and so it was."))
    return (judged, span(": you said "), said, span(", and "), *was, span("."))


def _quoted(question: Question, text: str) -> str:
    return text if isinstance(question, Number) else f"“{text}”"


def prediction(question: Question, predicted: int) -> str:
    """What was predicted, in words."""
    if isinstance(question, Choice):
        return question.options[predicted]
    return f"{predicted:,} {question.unit}"


def score_lines(lab: Lab, outcomes: Sequence[Outcome], width: int) -> Iterator[Line]:
    """Tell how the lab went, step by step."""
    judged = [outcome for outcome in outcomes if outcome.right is not None]
    right = sum(bool(outcome.right) for outcome in judged)
    yield from wrapped(line(span(f"{lab.title}: done", Tone.BRIGHT)), width)
    yield EMPTY
    yield from wrapped(_predicted(right, len(judged)), width)
    checks = [verdict for outcome in outcomes for verdict in outcome.verdicts]
    passed = sum(verdict.passed for verdict in checks)
    verdict = line("The machine passed ", span(f"{passed} of {len(checks)}", Tone.BRIGHT), " checks.")
    yield from wrapped(verdict, width)
    yield EMPTY
    for number, outcome in enumerate(outcomes, 1):
        mark, remark = _SCORED[outcome.right]
        first = (mark, span(f"{number:>2}  ", Tone.DIM))
        yield from wrapped((span(outcome.step.title), span(f"  {remark}", Tone.DIM)), width, first)


_SCORED = {True: (_PASSED, "right"), False: (_FAILED, "not so"), None: (span("· ", Tone.DIM), "no prediction")}


def _predicted(right: int, asked: int) -> Line:
    if not asked:
        return line("You made no predictions this time: next time guess before you look.")
    praise = " All of them." if right == asked else ""
    return line("You predicted ", span(f"{right} of {asked}", Tone.BRIGHT), f" right.{praise}")


def glossary_lines(terms: Mapping[str, str], width: int) -> Iterator[Line]:
    """Give each term above its meaning."""
    if not terms:
        yield line("This page uses no term that the glossary explains.")
    for place, (term, meaning) in enumerate(terms.items()):
        if place:
            yield EMPTY
        yield line(span(term, Tone.ACCENT))
        yield from wrapped(line(meaning), width, line("  "))
