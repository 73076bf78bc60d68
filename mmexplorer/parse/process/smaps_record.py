"""The lines below one header of smaps: `proc_pid_smaps(5)`.

A kernel writes the same lines in all records, and pads the numbers: where they were in one record is where they are in
the next. A record with other lines is read line by line.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct

from mmexplorer.model.region import Usage

_COUNTER = rb"(?!VmFlags:)([A-Z][^\s:]*):( *[0-9]{1,17}(?: kB)?)"
_BLANK = rb"([A-Z][^\s:]*:)( +)( kB)?"
"""A counter's line whose digits are blanked out."""
_NUMBER = rb"(?<=[: ])[0-9]{1,17}(?=(?: kB)?\n)"
_FLAGS = b"VmFlags:"
_UNIT = b" kB"
_KILOBYTE = 1024
_DIGITS = 17
"""The most digits of a counter."""
_REMEMBERED = 1 << 12
"""How many different numbers, and texts of flags, are remembered."""
_LAYOUTS = 8
"""How many are remembered: a kernel has one, and another for each place of the flags.

A number too long for its place moves them: such records, of 100,000,000 kB, are mostly read line by line.
"""


class RecordReader:
    """Reads records, and those fast that have the layout of one before."""

    def __init__(self) -> None:
        self._layouts: dict[int, _Layout | None] = {}
        """By the place of the flags."""

    def read(self, record: bytes) -> Usage:
        """Read all lines; those that are neither counters nor flags are left out."""
        flags = record.find(_FLAGS)
        if flags not in self._layouts:
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.clear()
            self._layouts[flags] = _layout(re.sub(_NUMBER, _blank, record[: max(0, flags)]))
        layout = self._layouts[flags]
        usage = layout.usage(record) if layout is not None else None
        return usage or _read_lines(record)


class _Layout:
    """The lines of a kernel's records: counters, each once, and then flags."""

    def __init__(self, counters: Sequence[tuple[bytes, int, bytes]]) -> None:
        """Expect of each line before the flags its name with the colon, the width of its number, and its unit."""
        # Of the same width everywhere, equal numbers are equal texts.
        number = min(width for _, width, _ in counters)
        names = [name + b" " * (width - number) for name, width, _ in counters]
        between = [names[0], *(b"\n" + name for name in names[1:]), b"\n"]
        sizes = [(len(text), number + len(unit)) for text, (_, _, unit) in zip(between, counters, strict=False)]
        self._values = Struct("".join(f"{text}x{value}s" for text, value in sizes) + "x")
        self._between = Struct("".join(f"{text}s{value}x" for text, value in sizes) + "s")
        self._expected = tuple(between)
        self._names = {_text(name[:-1]): place for place, (name, _, _) in enumerate(counters)}
        self._numbers = _Numbers()

    def usage(self, record: bytes) -> Usage | None:
        """Read a record whose flags are at the same place; return None if it has other lines."""
        flags, newline, more = record[self._values.size + len(_FLAGS) :].partition(b"\n")
        if more or not newline or self._between.unpack_from(record) != self._expected:
            return None
        try:
            values = tuple(map(self._numbers.__getitem__, self._values.unpack_from(record)))
        except ValueError:
            return None
        return Usage(self._names, values, _flags(flags))


class _Numbers(dict[bytes, int]):
    """Numbers in bytes by their texts: of equal ones, which are most of those in a record, one object is in memory."""

    def __missing__(self, text: bytes) -> int:
        if len(self) > _REMEMBERED:
            self.clear()
        number = self[text] = _number(text)
        return number


def _blank(number: re.Match[bytes]) -> bytes:
    return b" " * len(number[0])


@lru_cache(_LAYOUTS)
def _layout(blank: bytes) -> _Layout | None:
    """Return the layout of a record with blanks for digits, less its flags; None if it isn't what a kernel writes."""
    *lines, end = blank.split(b"\n")
    counters = [found.groups(b"") for found in map(re.compile(_BLANK).fullmatch, lines) if found is not None]
    if end or not lines or len({name for name, _, _ in counters}) != len(lines):
        return None
    return _Layout([(name, len(number), unit) for name, number, unit in counters])


def _read_lines(record: bytes) -> Usage:
    lines = record.split(b"\n")
    found = [line.groups() for line in map(re.compile(_COUNTER).fullmatch, lines) if line is not None]
    flags = [_flags(line.removeprefix(_FLAGS)) for line in lines if line.startswith(_FLAGS)]
    counters = {_text(name): _number(value) for name, value in found}
    names = {name: place for place, name in enumerate(counters)}
    return Usage(names, tuple(counters.values()), flags[-1] if flags else None)


def _number(text: bytes) -> int:
    """Return a value, in bytes if it has a unit. Raises ValueError."""
    number, kilobytes, more = text.partition(_UNIT)
    digits = number.lstrip(b" ")
    if more or not digits.isdigit() or len(digits) > _DIGITS:
        raise ValueError(text)
    return int(digits) * (_KILOBYTE if kilobytes else 1)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


@lru_cache(_REMEMBERED)
def _flags(text: bytes) -> tuple[str, ...]:
    return tuple(text.decode("utf-8", "surrogateescape").split())
