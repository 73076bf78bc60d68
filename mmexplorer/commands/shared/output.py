"""Lines on stdout: in colour where that is a terminal, and nowhere else."""

import os
import sys
from collections.abc import Iterable
from itertools import islice

from mmexplorer.present.text.ansi import written
from mmexplorer.present.text.line import Line

_AT_ONCE = 256
"""Fragments: of a region about a kilobyte each."""


def print_lines(lines: Iterable[Line]) -> None:
    """Print lines, without blanks at their ends."""
    colour = wants_colour()
    for each in lines:
        print(written(each, colour=colour).rstrip(" "))


def print_text(fragments: Iterable[str]) -> None:
    """Print a text that comes in fragments, many at a time, and never holds it whole."""
    rest = iter(fragments)
    while some := "".join(islice(rest, _AT_ONCE)):
        sys.stdout.write(some)
    sys.stdout.write("\n")


def wants_colour() -> bool:
    """Return whether stdout is a terminal that has colours, and NO_COLOR isn't set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
