"""The entry point: prints the version by itself, and leaves everything else to `commands/command_line.py`."""

import gc
import sys
from collections.abc import Sequence

from mmexplorer import __version__

_YOUNG = 100_000
"""How many new objects trigger a garbage collection: Python's is 700 (2,000 in 3.13), but few cycles are made.

Neither a short command nor the first frame makes as many: collecting took a fourteenth of their time.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv`, without the program's name, and return the exit status.

    Without `argv`, use that of the process, which then ends.
    """
    if argv is not None:
        return _answer(argv)
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    try:
        return _answer(sys.argv[1:])
    except KeyboardInterrupt:  # while what answers is imported
        from mmexplorer.commands.shared.exit import INTERRUPTED  # noqa: PLC0415 - a short command doesn't need it

        return INTERRUPTED
    finally:
        gc.freeze()  # at exit Python would search all objects for cycles again: a twelfth of a short run


def _answer(arguments: Sequence[str]) -> int:
    if list(arguments) == ["--version"] and sys.stdout is not None and _told_version():
        return 0
    from mmexplorer.commands.command_line import answer  # noqa: PLC0415 - takes twice as long as starting Python

    return answer(arguments)


def _told_version() -> bool:
    """Print the version; return False if that fails, to have it reported like any other answer."""
    try:
        print(f"mmexplorer {__version__}", flush=True)  # noqa: T201
    except OSError:
        return False
    return True
