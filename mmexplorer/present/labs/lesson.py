"""A lesson as text: the progress line, the list of stops, the plan, the result, the teacher's notes."""

from collections.abc import Iterator

from mmexplorer.labs.lab import Lab
from mmexplorer.labs.lesson import Course, Lesson, Stop
from mmexplorer.labs.lessons.notes import note
from mmexplorer.labs.registry import located
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.labs.list import LabRow, lab_mark
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import EMPTY, Line, Tone, cell_count, line, plain, span
from mmexplorer.present.text.wrap import wrapped

NO_NOTES: Line = (span("There are no notes on this step."),)

_BAR = 20
_MINUTE = 60


def lesson_line(course: Course, seconds: float, width: int) -> Line:
    """Return the progress line: the current stop, the planned time, the time elapsed.

    `seconds`: since the first stop began. Parts that don't fit `width` cells are left out, the last first.
    """
    lesson = course.lesson
    count = len(lesson.stops)
    where = "before the first stop" if course.index < 0 else "at the end" if course.over else ""
    filled = _BAR * max(0, min(course.index + 1, count)) // count
    parts = (
        (
            span(" Lesson ", Tone.DIM),
            span(lesson.title, Tone.BRIGHT),
            span(" · ", Tone.DIM),
            span(where or f"stop {course.index + 1} of {count}", Tone.ACCENT),
        ),
        (span(f"  planned {course.minutes_before} of {lesson.minutes} min"),),
        (span(f", {seconds / _MINUTE:.0f} min elapsed", Tone.DIM),),
        (span("  "), span("█" * filled, Tone.ACCENT), span("░" * (_BAR - filled), Tone.DIM)),
    )
    row: Line = EMPTY
    for part in parts:
        if cell_count((*row, *part)) > width:
            break
        row += part
    return row or parts[0]


class StopRow(NamedTuple):
    """A stop in the list."""

    place: int
    """Its index, from 0."""
    stop: Stop
    lab: LabRow
    """The lab it belongs to, which knows whether it can be played here."""
    current: bool = False
    right: bool | None = None
    """Whether the prediction was right; None if there was none."""
    done: bool = False


def stop_mark(row: StopRow) -> str:
    """Return the sign before the row: ✓ done, ▸ current, ✗ can't be played here."""
    return "✓" if row.done else "▸" if row.current else "✗" if lab_mark(row.lab) == "✗" else ""


def stop_tone(row: StopRow) -> Tone | None:
    """Return the tone of a stop that can't be played here; None for others."""
    return Tone.DIM if row.lab.lack is not None else None


def _what(row: StopRow) -> Line:
    return line(
        span(f"{row.place + 1:>2} ", Tone.DIM),
        span(row.stop.step, Tone.ACCENT if row.current else Tone.NORMAL),
    )


STOP_COLUMNS: tuple[Column[StopRow], ...] = (
    Column("stop", "STOP", 20, _what, flexible=True, help="The step."),
    Column("minutes", "MIN", 3, lambda row: line(str(row.stop.minutes)), align="right", help="How long it takes."),
)

LESSON_COLUMNS: tuple[Column[Lesson], ...] = (
    Column("name", "NAME", 12, lambda lesson: line(lesson.name)),
    Column("minutes", "MINUTES", 7, lambda lesson: line(str(lesson.minutes)), align="right"),
    Column("stops", "STOPS", 5, lambda lesson: line(str(len(lesson.stops))), align="right"),
    Column("title", "TITLE", 30, lambda lesson: line(lesson.title), flexible=True),
)
"""The columns of `mmexplorer lesson`."""


def plan_lines(lesson: Lesson, width: int) -> Iterator[Line]:
    """Yield what the lesson is about, and its stops with the minute at which each begins."""
    yield from wrapped(line(span(lesson.title, Tone.BRIGHT)), width)
    yield EMPTY
    yield from wrapped(line(lesson.learn), width)
    yield EMPTY
    yield from wrapped(line(f"It takes {lesson.minutes} minutes and has {len(lesson.stops)} stops."), width)
    yield EMPTY
    minute = 0
    for number, stop in enumerate(lesson.stops, 1):
        first = (span(f"{number:>2}  ", Tone.DIM), span(f"{minute:>2} min  ", Tone.DIM))
        yield from wrapped((span(stop.step), span(f"  {located(stop)[0].title}", Tone.DIM)), width, first)
        minute += stop.minutes


def course_lines(course: Course, width: int) -> Iterator[Line]:
    """Yield the result of the lesson, stop by stop."""
    yield from wrapped(line(span(f"Done: {course.lesson.title}", Tone.BRIGHT)), width)
    yield EMPTY
    judged = [outcome for outcome in course.outcomes.values() if outcome.right is not None]
    if judged:
        right = sum(bool(outcome.right) for outcome in judged)
        score = line("You predicted ", span(f"{right} of {len(judged)}", Tone.BRIGHT), " right.")
    else:
        score = line("You made no predictions.")
    yield from wrapped(score, width)
    yield EMPTY
    for index, stop in enumerate(course.lesson.stops):
        outcome = course.outcomes.get(index)
        remark = "left out" if outcome is None else _REMARKS[outcome.right]
        yield from wrapped((span(stop.step), span(f"  {remark}", Tone.DIM)), width, line(f"{index + 1:>2}  "))


_REMARKS = {True: "right", False: "wrong", None: "no prediction"}


def notes_lines(lab: Lab, step: str, minutes: int | None, width: int) -> Iterator[Line]:
    """Yield the teacher's notes on a step; `minutes`: its time in the lesson, None outside a lesson."""
    yield from wrapped(_notes_title(lab, step, minutes), width)
    yield EMPTY
    yield from _note_lines(lab, step, width)


def _notes_title(lab: Lab, step: str, minutes: int | None) -> Line:
    time = "" if minutes is None else f"  {minutes} min"
    return (span(step, Tone.BRIGHT), span(f"  {lab.title}{time}", Tone.DIM))


def _note_lines(lab: Lab, step: str, width: int) -> Iterator[Line]:
    sentence = note(lab.name, step)
    yield from wrapped(line(sentence), width) if sentence else (NO_NOTES,)


def plan_text(lesson: Lesson, width: int) -> Iterator[str]:
    """Yield the lesson with all its notes, to be printed."""
    yield from (plain(row) for row in (*plan_lines(lesson, width), *_notes_of_stops(lesson, width)))


def _notes_of_stops(lesson: Lesson, width: int) -> Iterator[Line]:
    for number, stop in enumerate(lesson.stops, 1):
        lab = located(stop)[0]
        title = _notes_title(lab, stop.step, stop.minutes)
        yield EMPTY
        yield from wrapped(line(f"--- {number}: ", *title, " ---"), width)
        yield from _note_lines(lab, stop.step, width)
