"""Prints lines to stdout, in colour only if it is a terminal."""

import os
import sys
from collections.abc import Iterable
from itertools import islice

from mmexplorer.model.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from mmexplorer.present.text.line import Line

_AT_ONCE = 256
"""Fragments: a region has about a kilobyte."""


def print_lines(lines: "Iterable[Line]") -> None:
    """Print lines without trailing blanks."""
    from mmexplorer.present.text.ansi import written  # noqa: PLC0415 - JSON has no colours

    colour = wants_colour()
    for each in lines:
        print(written(each, colour=colour).rstrip(" "))


def print_text(fragments: Iterable[str]) -> None:
    """Print a text that arrives in fragments, several at a time, never holding all of it."""
    rest = iter(fragments)
    while some := "".join(islice(rest, _AT_ONCE)):
        sys.stdout.write(some)
    sys.stdout.write("\n")


def wants_colour() -> bool:
    """Return whether stdout is a terminal with colours, and NO_COLOR isn't set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
