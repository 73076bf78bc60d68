"""What is written goes out in whatever encoding the terminal or the locale has: characters it lacks are replaced."""

import argparse
import codecs
import io
import os
import sys
from argparse import ArgumentParser, HelpFormatter
from typing import TYPE_CHECKING, Any, NoReturn

from mmexplorer.commands.shared.exit import CANNOT_READ, WRONG_USAGE
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.width import writable

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

argparse._ = str  # type: ignore[attr-defined] # no catalog translates us: argparse asks for one at each of its words
_REPLACE = "mmexplorer.replace"
_USUAL_COLUMNS = 80


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return writable(error.object[error.start : error.end], error.encoding), error.end


def prepare() -> bool:
    """Make both streams replace what they can't encode; False, said on stderr, where stdout is closed."""
    codecs.register_error(_REPLACE, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_REPLACE)
    if sys.stdout is None:
        say("the answer can't be written: stdout is closed")
    return sys.stdout is not None


def say(line: str) -> None:
    """Write a line to stderr, cleaned, after the program's name; nowhere if stderr is closed or full."""
    details(f"mmexplorer: {line}")


def details(*lines: str) -> None:
    """Write further lines to stderr, cleaned."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write("".join(f"{clean(line)}\n" for line in lines))
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)


def cannot_write(error: OSError) -> int:
    """Say that the answer could not be written; give the exit status."""
    discard_stdout()
    say(f"the answer can't be written: {error.strerror}")
    return CANNOT_READ


def discard_stdout() -> None:
    """Let the interpreter's own flush at exit go nowhere, instead of failing on the closed pipe again."""
    _discard(sys.stdout)


def _discard(stream: io.TextIOBase | object) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if isinstance(stream, io.TextIOWrapper):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


_NARROWEST = 11
"""Columns, below which argparse's help can't be wrapped."""


class _Formatter(HelpFormatter):
    """Asks for the width as argparse does, without the compressors that `shutil` brings: one is made an argument."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        named.setdefault("width", max(_NARROWEST, _columns() - 2))
        super().__init__(*positional, **named)


def _columns() -> int:
    """Return the width of the terminal as `shutil.get_terminal_size` does."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL_COLUMNS
    except (AttributeError, ValueError, OSError):
        return _USUAL_COLUMNS


class Parser(ArgumentParser):
    """Says what is wrong with the arguments, which are anybody's text, as cleaned as everything else."""

    def __init__(self, **named: Any) -> None:
        super().__init__(formatter_class=_Formatter, **named)

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        details(*self.format_usage().splitlines(), f"{self.prog}: error: {message}")
        sys.exit(WRONG_USAGE)

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """Write the help or the version; argparse itself would pass over a full disk."""
        (sys.stdout if file is None else file).write(message)
