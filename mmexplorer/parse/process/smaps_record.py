"""The lines below one header of smaps: `proc_pid_smaps(5)`.

All records of a kernel have the same lines, so a pattern made from the first record is matched against the others; a
record that doesn't match is read line by line.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from mmexplorer.model.region import Usage

_COUNTER = rb"(?!VmFlags:)([A-Z][^\s:]*): *([0-9]{1,17}(?: kB)?)"
_NAME = rb"(?!VmFlags:)([A-Z][^\s:]*):( kB)?"
"""What is left of a counter without its value."""
_VALUE = rb"(?m)(?<=:) *[0-9]{1,17}(?= kB$|$)|(?<=^VmFlags:).*"
_FLAGS = b"VmFlags:"
_KILOBYTE = 1024
_REMEMBERED = 1 << 12
"""How many different numbers, and texts of flags, are remembered."""


class RecordReader:
    """Reads records, and those fast that have the lines of the first."""

    def __init__(self) -> None:
        self._layout: _Layout | None = None

    def read(self, record: bytes) -> Usage:
        """Read all lines; those that are neither counters nor flags are left out."""
        if self._layout is None:
            self._layout = _layout(re.sub(_VALUE, b"", record))
        return self._layout.usage(record) or _read_lines(record)


class _Layout:
    """The lines of a kernel's records: counters, each once, and then flags."""

    def __init__(self, names: Mapping[str, int], lines: re.Pattern[bytes]) -> None:
        """`lines` has a group for the value of each counter, with its unit, and one for the flags."""
        self._names, self._match = names, lines.fullmatch
        self._numbers = _Numbers()

    def usage(self, record: bytes) -> Usage | None:
        """Read a record; return None if it has other lines."""
        found = self._match(record)
        if found is None:
            return None
        *counters, flags = found.groups()
        return Usage(self._names, tuple(map(self._numbers.__getitem__, counters)), _flags(flags))


class _Numbers(dict[bytes, int]):
    """Numbers in bytes by their texts: of equal ones, which are most of those in a record, one object is in memory."""

    def __missing__(self, text: bytes) -> int:
        if len(self) > _REMEMBERED:
            self.clear()
        number = self[text] = _number(text)
        return number


@lru_cache(4)
def _layout(without_values: bytes) -> _Layout:
    """Return the layout of a record; if it isn't what a kernel writes, one that no record has."""
    lines, flags, end = without_values.rpartition(_FLAGS)
    found = [name.groups(b"") for name in map(re.compile(_NAME).fullmatch, lines.split(b"\n")[:-1]) if name is not None]
    names = {name.decode("utf-8", "surrogateescape"): place for place, (name, _) in enumerate(found)}
    if len(names) != lines.count(b"\n") or not lines.endswith(b"\n") or end != b"\n":
        return _Layout({}, re.compile(rb"(?!)"))
    patterns = [re.escape(name) + b": *([0-9]{1,17}" + unit + b")\n" for name, unit in found]
    return _Layout(names, re.compile(b"".join(patterns) + flags + b"(.*)\n"))


def _read_lines(record: bytes) -> Usage:
    lines = record.split(b"\n")
    found = [line.groups() for line in map(re.compile(_COUNTER).fullmatch, lines) if line is not None]
    flags = [_flags(line.removeprefix(_FLAGS)) for line in lines if line.startswith(_FLAGS)]
    counters = {name.decode("utf-8", "surrogateescape"): _number(number) for name, number in found}
    names = {name: place for place, name in enumerate(counters)}
    return Usage(names, tuple(counters.values()), flags[-1] if flags else None)


def _number(text: bytes) -> int:
    number, kilobytes, _ = text.partition(b" kB")
    return int(number) * (_KILOBYTE if kilobytes else 1)


@lru_cache(_REMEMBERED)
def _flags(text: bytes) -> tuple[str, ...]:
    return tuple(text.decode("utf-8", "surrogateescape").split())
