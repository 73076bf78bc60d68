"""`mmexplorer` without a command: the screens, on the live machine."""

import os
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from mmexplorer.commands.exit import CommandFailure
from mmexplorer.commands.interval import interval

# Nothing of the screens is imported before there is a terminal to show them on: `--version` comes this way too.
if TYPE_CHECKING:
    from mmexplorer.labs.interfaces import LabStage
    from mmexplorer.model.process import ProcessKey
    from mmexplorer.model.source import SystemSource
    from mmexplorer.ui.labs.start import LabsStart


def add_arguments(parser: ArgumentParser) -> None:
    """Declare which process to start on, and the pace."""
    parser.add_argument("-p", dest="pid", metavar="PID|NAME", help="start on this process")
    parser.add_argument(
        "--interval", type=interval, default=1.0, metavar="S", help="seconds between two looks, 0.1 to 60 (default 1)"
    )


def run(arguments: Namespace) -> int:
    """Start with Explore."""
    need_terminal("the explorer", "for text or JSON see mmexplorer --help")
    target = None
    if arguments.pid is not None:
        from mmexplorer.commands.find_process import find_process  # noqa: PLC0415
        from mmexplorer.kernel.procfs import LiveProcfs  # noqa: PLC0415

        target = find_process(LiveProcfs(), arguments.pid)
    return start(target, arguments.interval)


def need_terminal(what: str, instead: str) -> None:
    """Raise CommandFailure where there is no terminal to show `what` on; `instead` says what does without."""
    # Textual reads stdin and draws on stderr, while stdout tells whether a person or a program asked.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise CommandFailure(f"{what} needs a terminal; {instead}")
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise CommandFailure(f"{what} needs a terminal that can move its cursor, and TERM says this one can't")


def start(target: "ProcessKey | None", interval: float, labs: "LabsStart | None" = None) -> int:
    """Compose the application with the live machine, and run it."""
    from mmexplorer.kernel.elf.images import ElfCache  # noqa: PLC0415
    from mmexplorer.kernel.lab.child_process import LabChild  # noqa: PLC0415
    from mmexplorer.kernel.process.live_source import LiveSource  # noqa: PLC0415
    from mmexplorer.kernel.procfs import LiveProcfs  # noqa: PLC0415
    from mmexplorer.ui.app import Services, run_app  # noqa: PLC0415 - Textual

    procfs = LiveProcfs()
    services = Services(LiveSource(procfs, ElfCache(procfs)), LabChild(), _system, _lab_stage)
    return run_app(services, target, interval, labs)


def _system() -> "SystemSource":
    from mmexplorer.kernel.system.live_source import LiveSystem  # noqa: PLC0415

    return LiveSystem()


def _lab_stage() -> "LabStage":
    from mmexplorer.kernel.lab.session import LabRunner  # noqa: PLC0415

    return LabRunner()
