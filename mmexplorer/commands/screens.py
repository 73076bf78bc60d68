"""`mmexplorer` without a command, and what every command that shows a screen asks for first: a terminal."""

import os
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.commands.shared.interval import interval
from mmexplorer.commands.shared.theme import add_theme
from mmexplorer.model.value import replace

_THREADS = 8


def add_arguments(parser: ArgumentParser) -> None:
    """Declare which process to start on, and the pace."""
    parser.add_argument("-p", dest="pid", metavar="PID|NAME", help="start on this process")
    parser.add_argument(
        "--interval", type=interval, default=1.0, metavar="S", help="seconds between two looks, 0.1 to 60 (default 1)"
    )
    add_theme(parser)
    parser.set_defaults(theme="")
    parser.add_argument("--log", metavar="FILE", help="append to FILE what goes wrong in mmexplorer itself")


def run(arguments: Namespace) -> int:
    """Start with Explore."""
    need_terminal("the explorer", "for text or JSON see mmexplorer --help")
    return _explore(arguments)


def _explore(arguments: Namespace) -> int:
    # Not before there is a terminal, nor for `--version`, which comes to this module too.
    from mmexplorer.commands.live import show  # noqa: PLC0415
    from mmexplorer.commands.shared.find_process import find_process, is_pid, processes_of_name  # noqa: PLC0415
    from mmexplorer.kernel.procfs import LiveProcfs  # noqa: PLC0415
    from mmexplorer.ui.modes import Start  # noqa: PLC0415

    procfs, named = LiveProcfs(), arguments.pid
    start = Start(interval=arguments.interval, theme=arguments.theme)
    if named is None:
        return show(start, arguments.log)
    if is_pid(named):
        return show(replace(start, target=find_process(procfs, named)), arguments.log)
    found = processes_of_name(procfs, named)
    # Of several the list is filtered to those of that name, to choose from.
    wanted = _filter(named, [process.name for process in found]) if len(found) > 1 else ""
    return show(replace(start, target=found[0].key, filter=wanted), arguments.log)


def _filter(named: str, names: Sequence[str]) -> str:
    """Give the filter of processes that leaves those that were named: some are called so by their arguments only."""
    quoted = '"{}"'.format(named.replace('"', ""))
    return f"name:{quoted}" if all(named.casefold() in name.casefold() for name in names) else quoted


def need_threads() -> None:
    """Raise CommandFailure where the threads that a screen needs can't be started, which Textual would stumble over."""
    from mmexplorer.kernel.allocator import use_one_arena  # noqa: PLC0415 - nothing but a screen needs it

    use_one_arena()
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(_THREADS)]
    try:
        for thread in threads:
            thread.start()
    except RuntimeError:
        limits = "RLIMIT_NPROC (ulimit -u), pids.max or RLIMIT_AS (ulimit -v)"
        raise CommandFailure(f"no further thread can be started: {limits} allows none") from None
    finally:
        done.set()


def need_terminal(what: str, instead: str) -> None:
    """Raise CommandFailure where there is no terminal to show `what` on; `instead` says what does without."""
    # Textual reads stdin and draws on stderr, while stdout tells whether a person or a program asked.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise CommandFailure(f"{what} needs a terminal; {instead}")
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise CommandFailure(f"{what} needs a terminal that can move its cursor, and TERM says this one can't")
    need_threads()
