"""The entry: tells the version at once, and leaves everything else to `commands/command_line.py`."""

import sys
from collections.abc import Sequence

from mmexplorer import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv`, without the program's name, and give the exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    if list(arguments) == ["--version"] and sys.stdout is not None and _told_version():
        return 0
    from mmexplorer.commands.command_line import answer  # noqa: PLC0415 - twice what the interpreter takes to start

    return answer(arguments)


def _told_version() -> bool:
    """Print it; False where that is impossible, which is then said as for every other answer."""
    try:
        print(f"mmexplorer {__version__}", flush=True)  # noqa: T201
    except OSError:
        return False
    return True
