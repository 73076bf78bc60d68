"""Lessons as JSON: `mmexplorer/lesson-list/1` and `mmexplorer/lesson/1`."""

from collections.abc import Sequence

from mmexplorer.labs.lesson import Lesson, Stop
from mmexplorer.labs.lessons.notes import note
from mmexplorer.present.json.document import document


def list_document(lessons: Sequence[Lesson]) -> str:
    """Return the list of lessons."""
    return document("lesson-list", {"lessons": [_about(lesson) for lesson in lessons]})


def lesson_document(lesson: Lesson) -> str:
    """Return a lesson with its stops."""
    return document(
        "lesson", {**_about(lesson), "learn": lesson.learn, "stops": [_stop(stop) for stop in lesson.stops]}
    )


def _about(lesson: Lesson) -> dict[str, object]:
    return {"name": lesson.name, "title": lesson.title, "minutes": lesson.minutes}


def _stop(stop: Stop) -> dict[str, object]:
    return {**stop._asdict(), "note": note(stop.lab, stop.step) or None}
