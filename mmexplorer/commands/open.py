"""`mmexplorer FILE|CORE|-`, and `mmexplorer open FILE`: the explorer on something that isn't live."""

import os
from argparse import ArgumentParser, Namespace

from mmexplorer.commands.arguments.source import add_source_arguments
from mmexplorer.commands.arguments.theme import add_theme
from mmexplorer.commands.screens.terminal import need_terminal
from mmexplorer.commands.shared.exit import WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.find_process import find_process
from mmexplorer.commands.shared.sources import moment_index, open_any
from mmexplorer.kernel.capture.beginning import beginning
from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.sources import STDIN
from mmexplorer.kernel.source import Source
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.present.capture.opened import OpenedFile, opened_capture, opened_core, opened_text

_TERMINAL = "/dev/tty"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the file, and where in it to start."""
    parser.add_argument("file", metavar="FILE", help="a capture, a core file or a text of maps, - for stdin")
    add_source_arguments(parser)
    add_theme(parser)


def run(arguments: Namespace) -> int:
    """Show it until the user quits. Raises CommandFailure."""
    if arguments.file != STDIN:
        need_terminal("the explorer", "for text or JSON see mmexplorer maps FILE")
    opened = open_any(arguments.file)
    if arguments.file == STDIN:
        _read_keys_from_terminal()
        need_terminal("the explorer", "for text or JSON see mmexplorer maps FILE")
    source = MomentSource(opened)
    at = _moment(opened, source, arguments)
    target = None if arguments.pid_in_file is None else find_process(source.source.procfs, arguments.pid_in_file)
    if at is None and isinstance(opened, Capture):
        target, at = _where_a_map_is(source, target)
    # Imported only once there is a terminal.
    from mmexplorer.commands.screens.file import show_file  # noqa: PLC0415
    from mmexplorer.ui.modes import Start  # noqa: PLC0415

    moments = opened.moments if isinstance(opened, Capture) else None
    start = Start(target=target, at=at, file=opened_file(opened, source), theme=arguments.theme)
    return show_file(source, moments, start)


def _moment(opened: Capture | Source, source: MomentSource, arguments: Namespace) -> float | None:
    """Return the time of the first moment to show (CLOCK_BOOTTIME); None for the last. Raises CommandFailure."""
    if arguments.at is None:
        return None
    if not isinstance(opened, Capture):
        raise CommandFailure(f"{arguments.file}: --at is for a capture, and this is a {opened.kind}", WRONG_USAGE)
    at = _boottime(source, moment_index(arguments.file, opened, arguments.at))
    source.show(len(source) - 1)
    return at


def _where_a_map_is(source: MomentSource, target: ProcessKey | None) -> tuple[ProcessKey | None, float | None]:
    """Return the process and time to start with if no process has a map at the end of a capture."""
    last = len(source) - 1
    found = beginning(source, target)
    at = None if found is None or found[0] == last else _boottime(source, found[0])
    source.show(last)
    return target if found is None else found[1], at


def _boottime(source: MomentSource, index: int) -> float:
    source.show(index)
    return source.clocks().boottime


def opened_file(opened: Capture | Source, source: MomentSource) -> OpenedFile:
    """Describe what was opened."""
    if isinstance(opened, Capture):
        last = opened.at(len(opened.moments) - 1)
        return opened_capture(opened.moments.manifest.host, len(opened.moments), last.taken_at)
    if opened.core is not None:
        key = next((process.key for process in source.sample(Request()).processes), ProcessKey(0, 0))
        space = source.sample(Request(target=key)).target
        return opened_core(opened.core, space) if isinstance(space, AddressSpace) else OpenedFile("core")
    return opened_text(opened.pasted.left_out_count if opened.pasted is not None else 0)


def _read_keys_from_terminal() -> None:
    """Replace standard input, which has been read to its end, with the terminal."""
    try:
        terminal = os.open(_TERMINAL, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise CommandFailure("the explorer needs a terminal; for text or JSON see mmexplorer maps -") from error
    os.dup2(terminal, 0)
    os.close(terminal)
