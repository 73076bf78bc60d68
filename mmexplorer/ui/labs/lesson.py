"""The lesson being taught on the Labs screen: its progress, its list of stops, and the notes on a step."""

import time
from collections.abc import Callable, Sequence

from textual.binding import Binding

from mmexplorer.labs.lab import Lab
from mmexplorer.labs.lesson import Course, Lesson
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.registry import located
from mmexplorer.labs.state import LabState
from mmexplorer.present.labs.lesson import NO_NOTES, StopRow, lesson_line, notes_lines, plan_lines
from mmexplorer.present.labs.list import LabRow
from mmexplorer.present.labs.page import Page
from mmexplorer.present.text.line import EMPTY, Line
from mmexplorer.ui.widgets.text_box import TextBox

_NOTES_WIDTH = 84


def typed_number(text: str, most: int) -> int | None:
    """Parse a number from 1 to `most`; return None for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)):
        return None
    return int(text) if 1 <= int(text) <= most else None


def where_expected(most: int) -> str:
    """Return the sentence that asks for such a number."""
    return f"type a number from 1 to {most}"


class LessonControls:
    """Keeps the progress of the lesson; empty without one."""

    def __init__(self, lesson: Lesson | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.course = None if lesson is None else Course(lesson)
        self._clock = clock
        self._began: float | None = None
        """When the first stop began."""

    @property
    def index(self) -> int:
        """The current stop; -1 before the first, and without a lesson."""
        return -1 if self.course is None else self.course.index

    @property
    def page(self) -> Page:
        """The page shown before the first stop, and after the last."""
        return Page.LESSON_END if self.course is not None and self.course.over else Page.LESSON

    def most(self, lab: Lab) -> int:
        """Return the number of stops, or without a lesson the number of steps of `lab`."""
        return len(lab.steps if self.course is None else self.course.lesson.stops)

    def turn(self, index: int) -> tuple[Lab, int] | None:
        """Go to a stop; return its lab and the index of its step, or None past either end."""
        if self.course is None:
            return None
        self.course = self.course.at(index)
        if self._began is None:
            self._began = self._clock()
        return None if self.course.stop is None else located(self.course.stop)

    def take(self, outcome: Outcome | None) -> None:
        """Record the outcome at this stop."""
        if self.course is not None and outcome is not None:
            self.course = self.course.with_outcome(outcome)

    def line(self, width: int) -> Line:
        """Return the line at the top."""
        if self.course is None:
            return EMPTY
        return lesson_line(self.course, 0.0 if self._began is None else self._clock() - self._began, width)

    def rows(self, labs: Sequence[LabRow]) -> list[StopRow]:
        """Return the stops as a list; `labs` says which of them can be played here."""
        course = self.course
        if course is None:
            return []
        of_name = {row.lab.name: row for row in labs}
        return [
            StopRow(place, stop, of_name[stop.lab], current=place == course.index, done=place in course.outcomes)
            for place, stop in enumerate(course.lesson.stops)
        ]

    def notes(self, state: LabState | None) -> "NotesScreen":
        """Return the teacher's notes on this step, or before the first stop the plan of the lesson."""
        course = self.course
        if course is not None and (course.stop is None or state is None):
            return NotesScreen("The lesson", lambda width: tuple(plan_lines(course.lesson, width)))
        if state is None:
            return NotesScreen("For the teacher", lambda _width: (NO_NOTES,))
        lab, step = state.lab, state.step.title
        minutes = None if course is None or course.stop is None else course.stop.minutes
        return NotesScreen("For the teacher", lambda width: tuple(notes_lines(lab, step, minutes, width)))


class NotesScreen(TextBox):
    """Also closed by the key that opened it."""

    BINDINGS = [Binding("n", "dismiss", "Close", show=False)]

    def __init__(self, title: str, lines_for: Callable[[int], tuple[Line, ...]]) -> None:
        super().__init__(title, _NOTES_WIDTH, lines_for)
