"""The lessons as data, and as text."""

import pytest

from mmexplorer.labs.lesson import Course, Lesson, Stop
from mmexplorer.labs.lessons.notes import NOTES, note
from mmexplorer.labs.registry import all_lessons, find, find_lesson, located
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.labs.lesson import (
    StopRow,
    course_lines,
    lesson_line,
    notes_lines,
    plan_lines,
    plan_text,
    stop_mark,
)
from mmexplorer.present.labs.list import LabRow
from mmexplorer.present.text.line import plain
from tests.support.pilots.lab_players import outcome_of

LESSONS = all_lessons()
SHORT = LESSONS[0]


def test_there_is_one_for_each_length_of_a_class() -> None:
    assert [lesson.minutes for lesson in LESSONS] == [20, 50, 90]
    assert [find_lesson(lesson.name) for lesson in LESSONS] == list(LESSONS)
    assert find_lesson("50") is LESSONS[1]
    assert find_lesson("5") is None


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_stop_is_a_step_that_there_is_with_a_note(lesson: Lesson) -> None:
    places = [located(stop) for stop in lesson.stops]
    assert len(set(lesson.stops)) == len(lesson.stops)
    assert [stop for stop in lesson.stops if not note(stop.lab, stop.step)] == []
    for name in {stop.lab for stop in lesson.stops}:
        indices = [index for lab, index in places if lab.name == name]
        assert indices == sorted(indices), f"{name} would have to begin again in the middle"


def test_every_note_belongs_to_a_step_of_a_lesson() -> None:
    used = {(stop.lab, stop.step) for lesson in LESSONS for stop in lesson.stops}
    assert {(lab, step) for lab, steps in NOTES.items() for step in steps} == used


@pytest.mark.parametrize("stop", [Stop("mmaps", "Map 100 MiB", 1), Stop("mmap", "Map 1 MiB", 1)])
def test_a_stop_that_there_is_not_is_an_error(stop: Stop) -> None:
    with pytest.raises(LookupError):
        located(stop)


def test_a_course_goes_from_stop_to_stop_and_not_beyond_its_ends() -> None:
    course = Course(SHORT)
    assert (course.stop, course.over, course.minutes_before) == (None, False, 0)
    course = course.at(2)
    assert course.stop == SHORT.stops[2]
    assert course.minutes_before == SHORT.stops[0].minutes + SHORT.stops[1].minutes
    assert course.at(-7).index == -1
    end = course.at(99)
    assert (end.stop, end.over, end.minutes_before) == (None, True, SHORT.minutes)


def test_the_end_tells_what_became_of_each_stop() -> None:
    course = Course(SHORT)
    for index, right in enumerate((True, False, None)):
        lab, step = located(SHORT.stops[index])
        course = course.at(index).with_outcome(outcome_of(lab.steps[step], right=right))
    told = [plain(row) for row in course_lines(course.at(99), 80)]
    assert "You predicted 1 of 2 right." in told
    assert [row.split("  ")[-1] for row in told[4:8]] == ["right", "not so", "no prediction", "left out"]


def test_the_line_at_the_top_says_how_far_it_is_and_leaves_out_what_has_no_room() -> None:
    course = Course(SHORT).at(2)
    whole = plain(lesson_line(course, 600, 160))
    assert " stop 3 of 7 " in whole
    assert whole.count("█") == 8
    assert whole.endswith("planned 6 of 20 min, 10 have passed")
    assert [len(plain(lesson_line(course, 600, width))) <= width for width in (160, 80, 60, 50)] == [True] * 4
    assert "before the first stop" in plain(lesson_line(Course(SHORT), 0, 80))
    assert "at its end" in plain(lesson_line(Course(SHORT).at(99), 0, 80))


def test_the_plan_says_when_each_stop_begins() -> None:
    rows = [plain(row) for row in plan_lines(SHORT, 80)]
    assert "It takes 20 minutes and has 7 stops." in rows
    assert [row for row in rows if row.lstrip().startswith("3 ")] == [" 3   6 min  Read before writing  demand-paging"]


def test_the_printed_plan_has_every_note() -> None:
    text = " ".join(" ".join(plan_text(SHORT, 100)).split())
    assert [stop for stop in SHORT.stops if note(stop.lab, stop.step) not in text] == []


def test_the_notes_of_a_step_without_one_say_so() -> None:
    assert "There is no note on this step." in [plain(row) for row in notes_lines("mmap", "Another", None, 80)]


def test_the_list_marks_where_the_lesson_is_and_what_cannot_be_done_here() -> None:
    lab = find("mmap")
    assert lab is not None
    row = StopRow(0, SHORT.stops[0], LabRow(1, lab))
    lacking = row._replace(lab=LabRow(1, lab, Unavailable(Cause.UNSUPPORTED, "not here")))
    marks = [stop_mark(each) for each in (row, row._replace(current=True), row._replace(done=True), lacking)]
    assert marks == ["", "▸", "✓", "✗"]
