"""The command line: defines the arguments, runs the command, and returns its exit status."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from mmexplorer import __version__
from mmexplorer.commands import explorer
from mmexplorer.commands.registry import COMMANDS, OPEN, RECORD, command
from mmexplorer.commands.shared import streams
from mmexplorer.commands.shared.exit import CANNOT_READ, CLOSED_PIPE, INTERRUPTED, WRONG_USAGE, CommandFailure

_EPILOG = (
    "Exit status: 0 done; 1 the process or file is gone or can't be read, as stderr says, or a check of a lab failed,"
    " or diff finds its limit exceeded; 2 wrong usage; 3 a lab can't run here; 130 interrupted; 141 nobody reads the"
    " output; 129 and 143 the screen was ended by SIGHUP or SIGTERM."
)

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
    arguments = _parser(argv).parse_args(argv, Namespace(program=program))
    if arguments.command is None:
        return explorer.run(arguments)
    if arguments.start_on is not None:
        lost = f"-p before a command is for the explorer: {arguments.command} doesn't use it there"
        raise CommandFailure(lost, WRONG_USAGE)
    return command(arguments.command).run(arguments)


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


def _parser(argv: Sequence[str]) -> ArgumentParser:
    """Make the parser; if `argv` begins with a command, only that command is included.

    Otherwise all are listed for `--help`, and those named in `argv` declare their arguments.
    """
    parser = streams.Parser(
        prog="mmexplorer",
        description="See virtual memory on Linux: processes, their regions, and the ELF segments behind them, live.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"mmexplorer {__version__}")
    explorer.add_arguments(parser)
    parser.set_defaults(command=None)
    # Given a `prog`, argparse doesn't format the help, and so doesn't ask for the terminal's size.
    commands = parser.add_subparsers(title="commands in plain text", metavar="COMMAND|FILE", prog=parser.prog)
    named = argv[0] if argv and argv[0] in COMMANDS else None
    for name, what in COMMANDS.items() if named is None else ((named, COMMANDS[named]),):
        # free gives -h the meaning it has in free(1), not help.
        one = commands.add_parser(
            name, help=what, description=f"{what[0].upper()}{what[1:]}.", epilog=_EPILOG, conflict_handler="resolve"
        )
        if name != OPEN:
            one.add_argument("--json", action="store_true", help=f"one JSON document, mmexplorer/{name}/1")
        one.set_defaults(command=name)
        if name in argv:
            command(name).add_arguments(one)
    return parser
