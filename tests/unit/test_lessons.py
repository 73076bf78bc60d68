"""The lessons as data, and as text."""

import json

import pytest

from mmexplorer.cli import main
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
from mmexplorer.present.text.line import EMPTY, line, plain
from mmexplorer.present.text.wrap import spaced_out
from mmexplorer.ui.labs.lesson import typed_number
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
    assert [row.split("  ")[-1] for row in told[4:8]] == ["right", "wrong", "no prediction", "left out"]


def test_the_line_at_the_top_says_how_far_it_is_and_leaves_out_what_has_no_room() -> None:
    course = Course(SHORT).at(2)
    whole = plain(lesson_line(course, 600, 160))
    assert " stop 3 of 7 " in whole
    assert whole.count("█") == 8
    assert " planned 6 of 20 min, 10 min elapsed  █" in whole
    assert [len(plain(lesson_line(course, 600, width))) <= width for width in (160, 80, 60, 50)] == [True] * 4
    assert "before the first stop" in plain(lesson_line(Course(SHORT), 0, 80))
    assert "at the end" in plain(lesson_line(Course(SHORT).at(99), 0, 80))


def test_the_plan_says_when_each_stop_begins() -> None:
    rows = [plain(row) for row in plan_lines(SHORT, 80)]
    assert "It takes 20 minutes and has 7 stops." in rows
    assert [row for row in rows if row.lstrip().startswith("3 ")] == [
        " 3   6 min  Read before writing  Memory on demand"
    ]


def test_the_printed_plan_has_every_note() -> None:
    text = " ".join(" ".join(plan_text(SHORT, 100)).split())
    assert [stop for stop in SHORT.stops if note(stop.lab, stop.step) not in text] == []


def test_the_notes_of_a_step_without_one_say_so() -> None:
    assert "There are no notes on this step." in [
        plain(row) for row in notes_lines(located(SHORT.stops[0])[0], "Another", None, 80)
    ]


def test_the_list_marks_where_the_lesson_is_and_what_cannot_be_done_here() -> None:
    lab = find("mmap")
    assert lab is not None
    row = StopRow(0, SHORT.stops[0], LabRow(1, lab))
    lacking = row._replace(lab=LabRow(1, lab, Unavailable(Cause.UNSUPPORTED, "not here")))
    marks = [stop_mark(each) for each in (row, row._replace(current=True), row._replace(done=True), lacking)]
    assert marks == ["", "▸", "✓", "✗"]


def test_the_command_lists_prints_and_writes_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lesson"]) == 0
    assert [row.split()[:3] for row in capsys.readouterr().out.splitlines()[1:]] == [
        [lesson.name, str(lesson.minutes), str(len(lesson.stops))] for lesson in LESSONS
    ]
    assert main(["lesson", "20", "--notes"]) == 0
    assert "show of hands" in capsys.readouterr().out
    assert main(["lesson", "--json"]) == 0
    assert [each["minutes"] for each in json.loads(capsys.readouterr().out)["lessons"]] == [20, 50, 90]
    assert main(["lesson", "50-minutes", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "mmexplorer/lesson/1"
    assert [stop["step"] for stop in told["stops"]] == [stop.step for stop in LESSONS[1].stops]
    assert all(stop["note"] for stop in told["stops"])


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["lesson", "7"], "no lesson called 7; the lessons are 20-minutes"),
        (["lesson", "20", "--from", "8"], "20-minutes has 7 stops"),
        (["lab", "mmap", "--from", "4"], "the number of one of its steps"),
        (["lab", "--from", "1"], "needs the name of a lab"),
        (["lab", "mmap", "--run", "--from", "99"], "--from is for the screen"),
        (["lab", "mmap", "--json", "--from", "2"], "--from is for the screen"),
        (["lab", "mmap", "--run", "--sheet"], "--sheet can't be combined with --run"),
        (["lab", "mmap", "--sheet", "--json"], "--sheet can't be combined with --run, --list or --json"),
        (["lab", "mmap", "--sheet", "--key", "--json"], "--sheet can't be combined with --run, --list or --json"),
        (["lab", "mmap", "--list"], "--list is of all labs"),
        (["lab", "--list", "--run"], "--list is of all labs"),
        (["lab", "--run"], "--run needs the name of a lab"),
        (["lab", "--list", "--auto"], "--auto and --big are for the screen"),
        (["lab", "mmap", "--json", "--big"], "--auto and --big are for the screen"),
        (["lesson", "--notes"], "--notes needs the name of a lesson"),
        (["lesson", "--from", "2"], "--from, --auto and --big are for a lesson on the screen"),
        (["lesson", "20", "--notes", "--auto"], "--from, --auto and --big are for a lesson on the screen"),
        (["lesson", "20", "--json", "--big"], "--from, --auto and --big are for a lesson on the screen"),
        (["lesson", "--log", "x"], "--log needs a lesson to be played"),
        (["bytes", "1", "0x1000", "--as", "code", "--json"], "--as is for text"),
        (["free", "--json", "-h"], "--json is in bytes: leave out -h"),
        (["elf", "/bin/true", "--at", "3"], "--at and --pid go with -p"),
        (["lab", "mmap", "--run", "--theme", "dark"], "--theme is for the screen"),
        (["--interval", "1", "lab", "--list"], "--interval is for the screen"),
        (["--log", "x", "lab", "mmap", "--json"], "--log before the command is for the screen"),
        (["--theme", "dark", "lesson"], "--theme is for the screen"),
        (["--interval", "2", "lesson", "20", "--notes"], "--interval is for the screen"),
    ],
)
def test_what_there_is_not_is_wrong_usage(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    assert said in capsys.readouterr().err


def test_a_typed_number_is_one_of_those_there_are() -> None:
    assert [typed_number(text, 17) for text in ("1", "17", "0", "18", "-1", "", "x", "٣", "001")] == [
        1, 17, None, None, None, None, None, None, None,
    ]  # fmt: skip


def test_lines_with_room_between_them() -> None:
    one, two = line("one"), line("two")
    assert spaced_out((EMPTY, one, EMPTY, EMPTY, two)) == (one, EMPTY, two, EMPTY)
