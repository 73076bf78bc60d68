"""Lines on stdout: in colour where that is a terminal, and nowhere else."""

import os
import sys
from collections.abc import Iterable

from mmexplorer.present.text.ansi import written
from mmexplorer.present.text.line import Line


def print_lines(lines: Iterable[Line]) -> None:
    """Print lines, without blanks at their ends."""
    colour = wants_colour()
    for each in lines:
        print(written(each, colour=colour).rstrip(" "))


def wants_colour() -> bool:
    """Whether stdout is a terminal that has colours, and NO_COLOR isn't set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
