"""The command line: defines the arguments, runs the command, and returns its exit status."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from mmexplorer import __version__
from mmexplorer.commands.registry import COMMANDS, OPEN, RECORD, command
from mmexplorer.commands.shared import streams
from mmexplorer.commands.shared.exit import CANNOT_READ, CLOSED_PIPE, INTERRUPTED, WRONG_USAGE, CommandFailure
from mmexplorer.model.typed import Any

_EPILOG = (
    "Exit status: 0 done; 1 the process or file is gone or can't be read, as stderr says, or a check of a lab failed,"
    " or diff finds its limit exceeded; 2 wrong usage; 3 a lab can't run here; 130 interrupted; 141 nobody reads the"
    " output; 129 and 143 the screen was ended by SIGHUP or SIGTERM."
)

_BEFORE_A_COMMAND = {"start_on": None, "interval": None, "theme": "", "log": None}
"""What the explorer's options are if they aren't given."""
_EXPLORER_OPTIONS = {"start_on": "-p", "interval": "--interval", "theme": "--theme", "log": "--log"}
_USED_BY = {OPEN: ("theme",), "lab": ("interval", "theme", "log"), "lesson": ("interval", "theme", "log")}
"""Which of them mean something to a command that shows a screen."""

_NO_MEMORY = "there isn't enough memory for the answer: see ulimit -v and the limit of the cgroup"


def answer(argv: Sequence[str]) -> int:
    """Run the command line `argv`, without the program's name, and return the exit status."""
    if not streams.prepare():
        return CANNOT_READ
    try:
        try:
            return _run(argv)
        except MemoryError:
            raise CommandFailure(_NO_MEMORY) from None
        finally:
            sys.stdout.flush()
    except CommandFailure as failure:
        streams.say(failure.line)
        streams.details(*failure.details)
        return failure.status
    except BrokenPipeError:
        streams.discard_stdout()
        return CLOSED_PIPE
    except OSError as error:
        # Failed reads become reasons; what is left is a failure to write the answer.
        return streams.cannot_write(error)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(argv: Sequence[str]) -> int:
    argv, program = _without_program(argv)
    argv = _with_open(argv)
    arguments = parsed(argv, program)
    if arguments.command is None:
        from mmexplorer.commands import explorer  # noqa: PLC0415 - no command needs it

        return explorer.run(arguments)
    _refuse_explorer_options(arguments)
    return command(arguments.command).run(arguments)


def _refuse_explorer_options(arguments: Namespace) -> None:
    """Raises CommandFailure for an option before a command that doesn't use it."""
    for name, option in _EXPLORER_OPTIONS.items():
        given = getattr(arguments, name) != _BEFORE_A_COMMAND[name]
        if given and name not in _USED_BY.get(arguments.command, ()):
            lost = f"{option} before a command is for the explorer: {arguments.command} doesn't use it there"
            raise CommandFailure(lost, WRONG_USAGE)


def _without_program(argv: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Split off what follows `--`, if that is a command with arguments of its own."""
    if not argv or argv[0] != RECORD or "--" not in argv:
        return argv, ()
    at = list(argv).index("--")
    return argv[:at], argv[at + 1 :]


def _with_open(argv: Sequence[str]) -> Sequence[str]:
    """Insert the command `open` before a file given in place of a command. Raises CommandFailure for neither."""
    if not argv or argv[0] in COMMANDS or (argv[0].startswith("-") and argv[0] != "-"):
        return argv
    if argv[0] == "-" or "/" in argv[0] or os.path.lexists(argv[0]):
        return [OPEN, *argv]
    lacking = f"{argv[0]} is neither a command nor a file; mmexplorer --help lists the commands"
    raise CommandFailure(lacking, WRONG_USAGE)


def parsed(argv: Sequence[str], program: Sequence[str] = ()) -> Namespace:
    """Parse the command line, without the `program` that a command is to run. Exits if it asks for help or is wrong."""
    if argv and argv[0] in COMMANDS:
        one = _declared(streams.Parser(prog=f"mmexplorer {argv[0]}", **_described(argv[0])), argv[0])
        arguments, unknown = one.parse_known_args(argv[1:])
        if not unknown:  # which the parser of the whole program reports
            return Namespace(**{"program": program} | _BEFORE_A_COMMAND | vars(arguments))
    return _parser(argv).parse_args(argv, Namespace(program=program))


def _parser(argv: Sequence[str]) -> ArgumentParser:
    """Make the parser; if `argv` begins with a command, only that command is included.

    Otherwise all are listed for `--help`, and those named in `argv` declare their arguments.
    """
    from mmexplorer.commands import explorer  # noqa: PLC0415 - see above

    parser = streams.Parser(
        prog="mmexplorer",
        description="See virtual memory on Linux: processes, their regions, and the ELF segments behind them, live.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"mmexplorer {__version__}")
    explorer.add_arguments(parser)
    parser.set_defaults(command=None, **_BEFORE_A_COMMAND)
    # Given a `prog`, argparse doesn't format the help, and so doesn't ask for the terminal's size.
    commands = parser.add_subparsers(title="commands in plain text", metavar="COMMAND|FILE", prog=parser.prog)
    for name in argv[:1] if argv and argv[0] in COMMANDS else COMMANDS:
        one = commands.add_parser(name, help=COMMANDS[name], **_described(name))
        if name in argv:
            _declared(one, name)
    return parser


def _described(name: str) -> dict[str, Any]:
    """Return how the parser of a command is made."""
    what = COMMANDS[name]
    # free gives -h the meaning it has in free(1), not help.
    return {"description": f"{what[0].upper()}{what[1:]}.", "epilog": _EPILOG, "conflict_handler": "resolve"}


def _declared(parser: ArgumentParser, name: str) -> ArgumentParser:
    """Declare the arguments of a command."""
    if name != OPEN:
        parser.add_argument("--json", action="store_true", help=f"one JSON document, mmexplorer/{name}/1")
    parser.set_defaults(command=name)
    command(name).add_arguments(parser)
    return parser
