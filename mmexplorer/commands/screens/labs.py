"""The Labs screen, as shown by `lab` and `lesson`."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from mmexplorer.commands.arguments.interval import USUAL
from mmexplorer.commands.arguments.theme import add_theme
from mmexplorer.commands.shared.exit import WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.run_log import add_log, logged
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.lesson import Lesson
from mmexplorer.labs.registry import all_labs

_MOST = 999


def add_screen_arguments(parser: ArgumentParser, what: str) -> None:
    """Declare how the screen starts; `what` names the units counted by `--from`."""
    parser.add_argument("--auto", action="store_true", help="play it automatically")
    parser.add_argument(
        "--from",
        dest="at",
        type=_number,
        default=0,
        metavar="N",
        help=f"start at the Nth {what}; the ones before it are done first",
    )
    parser.add_argument(
        "--big", action="store_true", help="show one pane with space between the lines, for a projector"
    )
    add_log(parser)
    add_theme(parser)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_MOST)) or int(text) == 0:
        raise ArgumentTypeError("a number from 1 up")
    return int(text)


def refuse_screen_options(arguments: Namespace) -> None:
    """Raises CommandFailure for options of the screen, of which a command in plain text makes no use."""
    given = {
        "--interval": arguments.interval,
        "--theme": arguments.theme,
        "--log before the command": arguments.log,
    }
    for option, value in given.items():
        if value:
            raise CommandFailure(f"{option} is for the screen", WRONG_USAGE)


def show_labs(arguments: Namespace, lab: Lab | None = None, lesson: Lesson | None = None) -> int:
    """Show it until the user quits; return the exit status. Needs a terminal."""
    # The plain commands don't need Textual.
    from mmexplorer.commands.screens.live import show  # noqa: PLC0415
    from mmexplorer.ui.modes import LabsStart, Start  # noqa: PLC0415

    own = lab if lab is not None and lab not in all_labs() else None
    named = "" if lab is None else lab.name
    labs = LabsStart(named, own=own, auto=arguments.auto, lesson=lesson, at=arguments.at, big=arguments.big)
    start = Start("labs", interval=arguments.interval or USUAL, labs=labs, theme=arguments.theme)
    with logged(arguments.record) as when_done:
        return show(start, arguments.log, when_done)
