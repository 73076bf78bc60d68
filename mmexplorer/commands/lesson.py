"""`mmexplorer lesson`: lists the lessons, shows one on the screen, or prints its plan with notes for the teacher."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.screens.labs import add_screen_arguments, refuse_screen_options, show_labs
from mmexplorer.commands.screens.terminal import need_terminal
from mmexplorer.commands.shared.exit import DONE, WRONG_USAGE, CommandFailure
from mmexplorer.labs.lesson import Lesson
from mmexplorer.labs.registry import all_lessons, find_lesson
from mmexplorer.present.json.lesson import lesson_document, list_document
from mmexplorer.present.labs.lesson import LESSON_COLUMNS, plan_text
from mmexplorer.present.text.column import plain_table

_WIDTH = 100


def add_arguments(parser: ArgumentParser) -> None:
    """Declare which lesson to show, and how."""
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="the name of a lesson or its minutes; without it, list the lessons"
    )
    parser.add_argument("--notes", action="store_true", help="print its plan with the teacher's notes on each stop")
    add_screen_arguments(parser, "stop of the lesson")


def run(arguments: Namespace) -> int:
    """Show the lesson on the screen, or print it. Raises CommandFailure."""
    _refuse_contradictions(arguments)
    if arguments.name is None:
        _list(json=arguments.json)
        return DONE
    lesson = _named(arguments.name)
    if arguments.json:
        print(lesson_document(lesson))
        return DONE
    if arguments.notes:
        for text in plan_text(lesson, _WIDTH):
            print(text)
        return DONE
    return _on_screen(lesson, arguments)


def _refuse_contradictions(arguments: Namespace) -> None:
    """Raises CommandFailure for options that make no sense together."""
    if arguments.notes and arguments.name is None:
        raise CommandFailure("--notes needs the name of a lesson", WRONG_USAGE)
    if arguments.name is not None and not (arguments.json or arguments.notes):
        return
    if arguments.record is not None:
        raise CommandFailure("--log needs a lesson to be played", WRONG_USAGE)
    if arguments.at or arguments.auto or arguments.big:
        raise CommandFailure("--from, --auto and --big are for a lesson on the screen", WRONG_USAGE)
    refuse_screen_options(arguments)


def _on_screen(lesson: Lesson, arguments: Namespace) -> int:
    if arguments.at > len(lesson.stops):
        raise CommandFailure(f"{lesson.name} has {len(lesson.stops)} stops", WRONG_USAGE)
    need_terminal("a lesson", "mmexplorer lesson NAME --notes prints one")
    return show_labs(arguments, lesson=lesson)


def _named(name: str) -> Lesson:
    lesson = find_lesson(name)
    if lesson is None:
        there_are = ", ".join(lesson.name for lesson in all_lessons())
        raise CommandFailure(f"no lesson called {name}; the lessons are {there_are}", WRONG_USAGE)
    return lesson


def _list(*, json: bool) -> None:
    if json:
        print(list_document(all_lessons()))
        return
    for text in plain_table(LESSON_COLUMNS, all_lessons()):
        print(text)
