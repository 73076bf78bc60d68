"""The entry: tells the version at once, and leaves everything else to `commands/command_line.py`."""

import gc
import sys
from collections.abc import Sequence

from mmexplorer import __version__

_YOUNG = 10_000
"""Objects after which the collector looks for cycles; Python has 700, and next to none are made here."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv`, without the program's name, and give the exit status.

    Without `argv` it is that of the process, which ends with it.
    """
    if argv is not None:
        return _answer(argv)
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    try:
        return _answer(sys.argv[1:])
    finally:
        gc.freeze()  # at its end the interpreter looks for cycles in everything once more: a twelfth of a short answer


def _answer(arguments: Sequence[str]) -> int:
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
