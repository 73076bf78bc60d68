"""The command line: what can be asked for, and the composition of the parts that answer it.

Everything but the arguments is imported when it is needed, so that `--version` and JSON never load Textual.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mmexplorer import __version__
from mmexplorer.commands.exit import CLOSED_PIPE, INTERRUPTED, CommandFailure
from mmexplorer.present.text.clean import clean

if TYPE_CHECKING:
    from mmexplorer.labs.interfaces import LabStage
    from mmexplorer.model.process import ProcessKey
    from mmexplorer.model.source import SystemSource
    from mmexplorer.ui.labs.start import LabsStart

_LONGEST_INTERVAL = 60.0
_SHORTEST_INTERVAL = 0.1

_EPILOG = "Exit status: 0 done; 1 the process or file is gone or can't be read, as stderr says; 2 wrong usage."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv`, without the program's name, and give the exit status."""
    try:
        try:
            return _run(_parser().parse_args(argv))
        finally:
            sys.stdout.flush()
    except CommandFailure as failure:
        for line in (f"mmexplorer: {failure.line}", *failure.details):
            sys.stderr.write(f"{clean(line)}\n")
        return failure.status
    except BrokenPipeError:
        _discard_stdout()
        return CLOSED_PIPE
    except OSError as error:
        # Everything that is read gives a reason instead; what is left is writing the answer.
        _discard_stdout()
        sys.stderr.write(f"mmexplorer: the answer can't be written: {error.strerror}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command is None:
        return _explore(arguments)
    if arguments.command == "lab" and not (arguments.list or arguments.run or arguments.json):
        return _labs(arguments)
    command = importlib.import_module(f"mmexplorer.commands.{arguments.command}")
    run: Callable[[argparse.Namespace], int] = command.run
    return run(arguments)


def _explore(arguments: argparse.Namespace) -> int:
    """Start the application with Explore."""
    _need_terminal("the explorer", "for text or JSON see mmexplorer --help")
    target = None
    if arguments.pid is not None:
        from mmexplorer.commands.find_process import find_process  # noqa: PLC0415 - as the module's docstring says
        from mmexplorer.kernel.procfs import LiveProcfs  # noqa: PLC0415

        target = find_process(LiveProcfs(), arguments.pid)
    return _start(target, arguments.interval, None)


def _labs(arguments: argparse.Namespace) -> int:
    """Start the application with the Labs screen."""
    from mmexplorer.commands.lab import named  # noqa: PLC0415

    name = named(arguments.name).name if arguments.name is not None else ""
    _need_terminal("the screen of the labs", "mmexplorer lab NAME --run plays one in plain text, --list names them")
    from mmexplorer.ui.labs.start import LabsStart  # noqa: PLC0415

    return _start(None, arguments.interval, LabsStart(name, auto=arguments.auto))


def _need_terminal(what: str, instead: str) -> None:
    # Textual reads stdin and draws on stderr, while stdout tells whether a person or a program asked.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise CommandFailure(f"{what} needs a terminal; {instead}")
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise CommandFailure(f"{what} needs a terminal that can move its cursor, and TERM says this one can't")


def _start(target: "ProcessKey | None", interval: float, labs: "LabsStart | None") -> int:
    """Compose the application with the live machine, and run it."""
    from mmexplorer.kernel.elf.images import ElfCache  # noqa: PLC0415
    from mmexplorer.kernel.lab.child_process import LabChild  # noqa: PLC0415
    from mmexplorer.kernel.process.live_source import LiveSource  # noqa: PLC0415
    from mmexplorer.kernel.procfs import LiveProcfs  # noqa: PLC0415
    from mmexplorer.ui.app import Services, run_app  # noqa: PLC0415 - Textual

    procfs = LiveProcfs()
    return run_app(
        Services(LiveSource(procfs, ElfCache(procfs)), LabChild(), _system, _lab_stage), target, interval, labs
    )


def _system() -> "SystemSource":
    from mmexplorer.kernel.system.live_source import LiveSystem  # noqa: PLC0415

    return LiveSystem()


def _lab_stage() -> "LabStage":
    from mmexplorer.kernel.lab.session import LabRunner  # noqa: PLC0415

    return LabRunner()


def _discard_stdout() -> None:
    """Let the interpreter's own flush at exit go nowhere, instead of failing on the closed pipe again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mmexplorer",
        description="See virtual memory on Linux: processes, their regions, and the ELF segments behind them, live.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"mmexplorer {__version__}")
    parser.add_argument("-p", dest="pid", metavar="PID|NAME", help="start on this process")
    parser.add_argument(
        "--interval", type=_interval, default=1.0, metavar="S", help="seconds between two looks, 0.1 to 60 (default 1)"
    )
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands in plain text", metavar="COMMAND")
    for declare in (_ps, _maps, _elf, _free, _sar, _lab, _symbols):
        declare(commands)
    return parser


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for what add_subparsers gives


def _ps(commands: "_Commands[argparse.ArgumentParser]") -> None:
    _command(commands, "ps", "the processes of the machine")


def _maps(commands: "_Commands[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "maps", "the regions of a process with their counters")
    parser.add_argument("pid", metavar="PID|NAME", help="the process")


def _elf(commands: "_Commands[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "elf", "the program headers and sections of a file, or of all that a process loaded")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", metavar="FILE", help="an ELF file")
    what.add_argument("-p", dest="pid", metavar="PID|NAME", help="a process")


def _free(commands: "_Commands[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "free", "the memory of the machine as free(1) counts it", short_help=False)
    units = parser.add_mutually_exclusive_group()
    for letter, unit in (("b", "bytes"), ("k", "KiB, the default"), ("m", "MiB"), ("g", "GiB"), ("h", "what fits")):
        units.add_argument(f"-{letter}", dest="unit", action="store_const", const=letter, help=f"in {unit}")
    parser.set_defaults(unit="k")


def _sar(commands: "_Commands[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "sar", "memory, swap or paging over time as sar(1) counts them")
    parser.add_argument("interval", nargs="?", type=_interval, default=1.0, metavar="INTERVAL", help="seconds")
    parser.add_argument("count", nargs="?", type=_count, metavar="COUNT", help="rows; without it until interrupted")
    reports = parser.add_mutually_exclusive_group()
    for letter, report in (("r", "memory, the default"), ("S", "swap space"), ("B", "paging")):
        reports.add_argument(f"-{letter}", dest="report", action="store_const", const=letter, help=report)
    parser.set_defaults(report="r")


def _lab(commands: "_Commands[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "lab", "an experiment: predict, do it, see what happened")
    parser.add_argument("name", nargs="?", metavar="NAME", help="the lab")
    parser.add_argument("--list", action="store_true", help="the labs there are")
    parser.add_argument("--run", action="store_true", help="play it in plain text and verify its predictions")
    parser.add_argument("--auto", action="store_true", help="play it on the screen by itself")


def _symbols(commands: "_Commands[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "symbols", "the symbols of an ELF file, or the one that an address belongs to")
    parser.add_argument("file", metavar="FILE", help="an ELF file")
    parser.add_argument("address", nargs="?", metavar="ADDRESS", help="an address in the file, in hexadecimal")


def _command(
    commands: "_Commands[argparse.ArgumentParser]", name: str, what: str, *, short_help: bool = True
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.", add_help=short_help)
    if not short_help:
        parser.add_argument("--help", action="help", help="show this help message and exit")
    parser.add_argument("--json", action="store_true", help=f"one JSON document, mmexplorer/{name}/1")
    parser.set_defaults(command=name)
    return parser


def _interval(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not _SHORTEST_INTERVAL <= seconds <= _LONGEST_INTERVAL:
        message = f"not a number of seconds from {_SHORTEST_INTERVAL} to {_LONGEST_INTERVAL:.0f}: {text!r}"
        raise argparse.ArgumentTypeError(message)
    return seconds


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < len("1000000000") and int(text)):
        raise argparse.ArgumentTypeError(f"not a number of rows: {text!r}")
    return int(text)
