"""`mmexplorer` without a command: the explorer."""

import gc
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from mmexplorer.commands.arguments.interval import USUAL, interval
from mmexplorer.commands.arguments.theme import add_theme
from mmexplorer.model.value import replace

_LOG = "append to FILE what goes wrong in mmexplorer itself (after lab NAME, --log is the record of a run)"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process to start with, and the pace; without their defaults."""
    parser.add_argument("-p", dest="start_on", metavar="PID|NAME", help="start on this process")
    parser.add_argument(
        "--interval", type=interval, metavar="S", help="seconds between two looks, 0.1 to 60 (default 1)"
    )
    add_theme(parser)
    parser.add_argument(
        "--log",
        metavar="FILE",
        help=_LOG,
    )


def run(arguments: Namespace) -> int:
    """Start in Explore."""
    from mmexplorer.commands.screens.terminal import need_terminal  # noqa: PLC0415 - every command imports this module

    need_terminal("the explorer", "for text or JSON see mmexplorer --help")
    return _explore(arguments)


def _explore(arguments: Namespace) -> int:
    gc.collect()  # the parser of the command line, which would be frozen with what is imported next
    # Imported only once there is a terminal, and not for `--version`, which also uses this module.
    from mmexplorer.commands.screens.live import show  # noqa: PLC0415
    from mmexplorer.commands.shared.find_process import find_process, is_pid, processes_of_name  # noqa: PLC0415
    from mmexplorer.kernel.procfs import LiveProcfs  # noqa: PLC0415
    from mmexplorer.ui.modes import Start  # noqa: PLC0415

    procfs, named = LiveProcfs(), arguments.start_on
    start = Start(interval=arguments.interval or USUAL, theme=arguments.theme)
    if named is None:
        return show(start, arguments.log)
    if is_pid(named):
        return show(replace(start, target=find_process(procfs, named)), arguments.log)
    found = processes_of_name(procfs, named)
    # If several have that name, filter the list to them.
    wanted = _filter(named, [process.name for process in found]) if len(found) > 1 else ""
    return show(replace(start, target=found[0].key, filter=wanted), arguments.log)


def _filter(named: str, names: Sequence[str]) -> str:
    """Return a filter for the named processes: some have the name only in their arguments."""
    quoted = '"{}"'.format(named.replace('"', ""))
    return f"name:{quoted}" if all(named.casefold() in name.casefold() for name in names) else quoted
