"""All labs and lessons: the `LAB` of each module in `labs/chapter/`, the `LESSON` of each in `labs/lessons/`."""

import importlib
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from mmexplorer.labs import chapter, lessons
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.lesson import Lesson, Stop
from mmexplorer.model.typed import Any


@cache
def all_labs() -> tuple[Lab, ...]:
    """Return the labs in the chapter's order."""
    labs: list[Lab] = list(_values(chapter, "LAB"))
    return tuple(sorted(labs, key=lambda lab: lab.order))


def find(name: str) -> Lab | None:
    """Return the lab of that name; None if there is none. Imports only its own module, which is called the same."""
    module = f"{chapter.__name__}.{name.replace('-', '_')}"
    if not name or "." in name:
        return None
    try:
        lab: Lab | None = getattr(importlib.import_module(module), "LAB", None)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None
    return lab if lab is not None and lab.name == name else None


@cache
def all_lessons() -> tuple[Lesson, ...]:
    """Return the lessons, the shortest first."""
    found: list[Lesson] = list(_values(lessons, "LESSON"))
    return tuple(sorted(found, key=lambda lesson: lesson.minutes))


def find_lesson(name: str) -> Lesson | None:
    """Return the lesson of that name, or of that many minutes; None if there is none."""
    return next((lesson for lesson in all_lessons() if name in (lesson.name, str(lesson.minutes))), None)


def located(stop: Stop) -> tuple[Lab, int]:
    """Return the lab of a stop and the index of its step. Raises LookupError if there is no such step."""
    lab = find(stop.lab)
    if lab is None:
        raise LookupError(f"no lab {stop.lab}")
    titles = [step.title for step in lab.steps]
    if stop.step not in titles:
        raise LookupError(f"no step {stop.step} in {stop.lab}")
    return lab, titles.index(stop.step)


def _values(package: ModuleType, name: str) -> Iterator[Any]:
    """Yield the value of a name in each module of a package."""
    import pkgutil  # noqa: PLC0415 - brings typing and inspect with it, which are larger than all labs

    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        found = importlib.import_module(module.name)
        if hasattr(found, name):
            yield getattr(found, name)
