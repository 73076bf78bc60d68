"""Writes output in the encoding of the terminal or locale; characters it lacks are replaced."""

import argparse
import codecs
import io
import os
import sys
from argparse import ArgumentParser, HelpFormatter

from mmexplorer.commands.shared.exit import CANNOT_READ, WRONG_USAGE
from mmexplorer.model.typed import TYPE_CHECKING, Any, NoReturn
from mmexplorer.present.text.clean import clean

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

argparse._ = lambda text: text  # type: ignore[attr-defined] # argparse asks for a catalog at each word; we have none
_REPLACE = "mmexplorer.replace"
_USUAL_COLUMNS = 80


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    from mmexplorer.present.text.width import writable  # noqa: PLC0415 - most terminals can write everything

    return writable(error.object[error.start : error.end], error.encoding), error.end


def prepare() -> bool:
    """Make both streams replace what they can't encode; return False, and say so on stderr, if stdout is closed."""
    codecs.register_error(_REPLACE, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_REPLACE)
    if sys.stdout is None:
        say("the answer can't be written: stdout is closed")
    return sys.stdout is not None


def say(line: str) -> None:
    """Write a cleaned line to stderr after the program's name; do nothing if stderr is closed or full."""
    details(f"mmexplorer: {line}")


def details(*lines: str) -> None:
    """Write more lines to stderr, cleaned."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write("".join(f"{clean(line)}\n" for line in lines))
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)


def cannot_write(error: OSError) -> int:
    """Report that the answer could not be written; return the exit status."""
    discard_stdout()
    say(f"the answer can't be written: {error.strerror}")
    return CANNOT_READ


def discard_stdout() -> None:
    """Redirect the interpreter's flush at exit to nowhere, or it would fail on the closed pipe again."""
    _discard(sys.stdout)


def _discard(stream: io.TextIOBase | object) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if isinstance(stream, io.TextIOWrapper):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


_NARROWEST = 11
"""In columns: argparse can't wrap help to less."""


class _Formatter(HelpFormatter):
    """Finds the width without `shutil`, which imports compressors: argparse makes a formatter for each argument."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        named.setdefault("width", max(_NARROWEST, _columns() - 2))
        super().__init__(*positional, **named)


def _columns() -> int:
    """Return the terminal's width as `shutil.get_terminal_size` does."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL_COLUMNS
    except (AttributeError, ValueError, OSError):
        return _USUAL_COLUMNS


class Parser(ArgumentParser):
    """Reports errors in the arguments, which may contain anything, cleaned like everything else."""

    def __init__(self, **named: Any) -> None:
        super().__init__(formatter_class=_Formatter, **named)

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        details(*self.format_usage().splitlines(), f"{self.prog}: error: {message}")
        sys.exit(WRONG_USAGE)

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """Write the help or the version; argparse itself ignores a full disk."""
        (sys.stdout if file is None else file).write(message)
