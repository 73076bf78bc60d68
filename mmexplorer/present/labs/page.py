"""The text of the Labs screen: the introduction, a step with its question and what happened, the score."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from mmexplorer.labs.lab import A_GUESS, Choice, Lab, Number, Question, Step
from mmexplorer.labs.lesson import Course
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.state import LabState
from mmexplorer.labs.text import counted, pieces
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.labs.calls import printed
from mmexplorer.present.labs.lesson import course_lines, plan_lines
from mmexplorer.present.labs.list import needs
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, plain, span
from mmexplorer.present.text.wrap import wrapped

LETTERS = "abcdef"
"""The keys of a question's options; digits select screens, and g goes to a step."""


class Page(Enum):
    """Which part of a lab or lesson is shown."""

    INTRO = "what it is about"
    STEP = "a step"
    SCORE = "how it went"
    LESSON = "what the lesson is about"
    LESSON_END = "how the lesson went"


class LabPage(NamedTuple):
    """A page of a lab."""

    number: int
    """The lab's place in the chapter's order, from 1."""
    lab: Lab
    page: Page = Page.INTRO
    state: LabState | None = None
    """Its progress; None while it isn't open."""
    lack: Unavailable | None = None
    """Why it can't be played here; None if it can."""
    course: Course | None = None
    """The progress of the lesson; None outside a lesson."""

    @property
    def key(self) -> tuple[object, ...]:
        """The identity of the text; changes when a step is done."""
        if self.state is None or self.page in _OF_LESSON:
            return (self.lab.name, self.page)
        return (self.lab.name, self.page, self.state.index, self.state.outcome is not None)


_OF_LESSON = frozenset({Page.LESSON, Page.LESSON_END})

_WIDE = 80
"""Cells; any width will do for counting words."""

_PASSED, _FAILED = span("✓ ", Tone.ADDED), span("✗ ", Tone.ERROR)


def _marked(text: str) -> Line:
    """Return a text with the glossary's terms highlighted."""
    return tuple(span(piece, Tone.ACCENT if term else Tone.NORMAL) for piece, term in pieces(text) if piece)


def page_title(shown: LabPage) -> tuple[Line, Line]:
    """Return title and summary: `14 Ask for memory: mmap`, `step 2 of 3`."""
    lab, state, course = shown.lab, shown.state, shown.course
    if course is not None and shown.page in _OF_LESSON:
        summary = f"{course.lesson.minutes} minutes" if shown.page is Page.LESSON else "how it went"
        return line(span("the lesson", Tone.BRIGHT)), line(span(summary, Tone.DIM))
    title = line(span(f"{shown.number} ", Tone.DIM), span(lab.title, Tone.BRIGHT))
    summary = counted(len(lab.steps), "steps")
    if state is not None and shown.page is not Page.INTRO:
        summary = "how it went" if shown.page is Page.SCORE else f"step {state.index + 1} of {len(lab.steps)}"
    return title, line(span(summary, Tone.DIM))


def page_lines(shown: LabPage, width: int) -> tuple[Line, ...]:
    """Return the text of the page without what happened in a step that is done."""
    state, course = shown.state, shown.course
    if course is not None and shown.page in _OF_LESSON:
        at_end = shown.page is Page.LESSON_END
        return tuple(course_lines(course, width) if at_end else plan_lines(course.lesson, width))
    if state is None or shown.page is Page.INTRO:
        return tuple(intro_lines(shown.lab, shown.lack, width))
    if shown.page is Page.SCORE:
        return tuple(score_lines(shown.lab, state.outcomes, width))
    return (*step_lines(state.step, state.predicted, state.outcome, width), EMPTY)


def happened_lines(shown: LabPage, width: int) -> tuple[Line, ...]:
    """Return what happened in a step that is done, shown below that text; nothing otherwise."""
    outcome = shown.state.outcome if shown.state is not None and shown.page is Page.STEP else None
    return () if outcome is None else tuple(outcome_lines(outcome, width))


def words_to_read(shown: LabPage) -> int:
    """Return the number of words the reader hasn't seen yet: only what happened, once the step is done."""
    lines = happened_lines(shown, _WIDE) or page_lines(shown, _WIDE)
    return sum(len(plain(row).split()) for row in lines)


def intro_lines(lab: Lab, lack: Unavailable | None, width: int) -> Iterator[Line]:
    """Yield what the lab is about, and why it can't be played here if so."""
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
    """Yield what is about to happen and the question; once the step is done, the right option is marked."""
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
        near = f"Within {counted(question.within, question.unit)} counts as right."
        yield from wrapped(line(span(near, Tone.DIM)), width)
    if question.guess and outcome is None:
        yield from wrapped(line(span(A_GUESS, Tone.DIM)), width)


def _was(outcome: Outcome | None, option: str) -> bool | None:
    """Return whether the option was right; None while that isn't known."""
    return None if outcome is None or not outcome.answer else outcome.answer == option


def _option(index: int, option: Line, width: int, *, said: bool, was: bool | None) -> Iterator[Line]:
    tone = Tone.ADDED if was else Tone.ERROR if said and was is False else Tone.ACCENT if said else Tone.NORMAL
    mark = {True: "✓", False: "✗" if said else " ", None: "▸" if said else " "}[was]
    toned = tuple(piece if piece.tone is not Tone.NORMAL else piece._replace(tone=tone) for piece in option)
    yield from wrapped(toned, width, line(span(f"{mark} ", tone), span(f"{LETTERS[index]}) ", Tone.ACCENT)))


def outcome_lines(outcome: Outcome, width: int) -> Iterator[Line]:
    """Yield what happened: prediction and answer, the program's output, the explanation, the checks."""
    yield _rule("what happened", width)
    yield from wrapped(_verdict(outcome), width)
    lines = [text for reply in (*outcome.prepared, *outcome.replies) for text in printed(reply)]
    for place, text in enumerate(lines):
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
    """Compare the prediction with what happened."""
    question = outcome.step.question
    if not outcome.passed:
        return line(span("This step went wrong. What failed is shown below.", Tone.ERROR))
    if question is None:
        return line("Done.")
    if isinstance(question, Number) and not question.figure:
        own = "an example, because you gave no number" if outcome.predicted is None else f"your {outcome.predicted}"
        return line(f"Done with {own}.")
    if not outcome.answer:
        return line(span("The answer couldn't be measured.", Tone.WARN))
    return _judged(question, outcome)


def _judged(question: Question, outcome: Outcome) -> Line:
    was = (span("it was "), span(_quoted(question, outcome.answer), Tone.BRIGHT))
    if outcome.predicted is None:
        return (span("You made no prediction; "), *was, span("."))
    judged = span("Right", Tone.ADDED) if outcome.right else span("No", Tone.ERROR)
    said = span(_quoted(question, prediction(question, outcome.predicted)), Tone.BRIGHT)
    if outcome.right and isinstance(question, Choice):
        return (judged, span(": you said "), said, span("."))
    feedback = f" {outcome.feedback}" if outcome.feedback else ""
    return (judged, span(": you said "), said, span("; "), *was, span(f".{feedback}"))


def _quoted(question: Question, text: str) -> str:
    return text if isinstance(question, Number) else f"“{text.translate(_INNER_QUOTES)}”"


_INNER_QUOTES = str.maketrans("“”", "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}")


def prediction(question: Question, predicted: int) -> str:
    """Return a prediction in words."""
    if isinstance(question, Choice):
        return question.options[predicted]
    return counted(predicted, question.unit)


def score_lines(lab: Lab, outcomes: Sequence[Outcome], width: int) -> Iterator[Line]:
    """Yield the result of the lab, step by step."""
    judged = [outcome for outcome in outcomes if outcome.right is not None]
    right = sum(bool(outcome.right) for outcome in judged)
    yield from wrapped(line(span(f"Done: {lab.title}", Tone.BRIGHT)), width)
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


_SCORED = {True: (_PASSED, "right"), False: (_FAILED, "wrong"), None: (span("· ", Tone.DIM), "no prediction")}


def _predicted(right: int, asked: int) -> Line:
    if not asked:
        return line("You made no predictions this time. Next time, guess before you look.")
    praise = " All of them." if right == asked else ""
    return line("You predicted ", span(f"{right} of {asked}", Tone.BRIGHT), f" right.{praise}")


def glossary_lines(terms: Mapping[str, str], width: int) -> Iterator[Line]:
    """Yield each term followed by its meaning."""
    if not terms:
        yield from wrapped(line("This page uses no terms from the glossary."), width)
    for place, (term, meaning) in enumerate(terms.items()):
        if place:
            yield EMPTY
        yield line(span(term, Tone.ACCENT))
        yield from wrapped(line(meaning), width, line("  "))
