"""The lines below one header of smaps: `proc_pid_smaps(5)`.

Most lines occur in many records (`Swap: 0 kB`), so each is parsed once and then looked up.
"""

import re
import sys
from collections.abc import Mapping
from functools import lru_cache

from mmexplorer.model.region import Usage

_COUNTER = re.compile(rb"(?!VmFlags:)([A-Z][^\s:]*): *([0-9]{1,17}(?: kB)?)")
_FLAGS = b"VmFlags:"
_KILOBYTE = 1024
_REMEMBERED = 1 << 12
"""How many different lines, and how many texts of numbers and flags, are remembered."""


class _Counters(dict[bytes, tuple[str, int]]):
    """The name and the value of the counter in a line; "" and 0 for a line that isn't one."""

    def __missing__(self, line: bytes) -> tuple[str, int]:
        if len(self) > _REMEMBERED:
            self.clear()
        found = _COUNTER.fullmatch(line)
        counter = (sys.intern(found[1].decode("utf-8", "surrogateescape")), _number(found[2])) if found else ("", 0)
        self[line] = counter
        return counter


_COUNTERS = _Counters()


def read_record(text: bytes) -> Usage:
    """Read all lines of one record; those that are neither counters nor flags are left out."""
    counters, _, flags = text.rpartition(b"\n" + _FLAGS)
    names, values = zip(*map(_COUNTERS.__getitem__, counters.split(b"\n")), strict=True)
    fields = _fields(names)
    if fields is None or flags.find(b"\n") != len(flags) - 1:
        return _read_lines(text)
    return Usage(fields, values, _flags(flags))


@lru_cache(8)
def _fields(names: tuple[str, ...]) -> Mapping[str, int] | None:
    """Return the index of each counter; None if one is there twice, or isn't one."""
    places = {name: place for place, name in enumerate(names)}
    return places if len(places) == len(names) and "" not in places else None


def _read_lines(text: bytes) -> Usage:
    """Read a record that isn't what the kernel writes: counters, each once, and then flags."""
    lines = text.split(b"\n")
    flags = [_flags(line.removeprefix(_FLAGS)) for line in lines if line.startswith(_FLAGS)]
    counters = dict(map(_COUNTERS.__getitem__, lines))
    counters.pop("", None)
    fields = {name: place for place, name in enumerate(counters)}
    return Usage(fields, tuple(counters.values()), flags[-1] if flags else None)


@lru_cache(_REMEMBERED)
def _number(text: bytes) -> int:
    """Return a number in bytes; of equal ones, which are most of those in a record, one object is in memory."""
    number, kilobytes, _ = text.partition(b" kB")
    return int(number) * (_KILOBYTE if kilobytes else 1)


@lru_cache(_REMEMBERED)
def _flags(text: bytes) -> tuple[str, ...]:
    return tuple(text.decode("utf-8", "surrogateescape").split())
