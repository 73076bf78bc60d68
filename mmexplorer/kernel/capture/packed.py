"""What several moments brought, compressed together: most of it differs from the moment before by a few digits."""

import marshal
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, chain, repeat
from sys import getsizeof
from typing import Any
from zlib import decompress

from mmexplorer.kernel.capture.deflate import deflated
from mmexplorer.model.capture.moments import Answer, Names, Place
from mmexplorer.model.typed import TypeVar
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple

Value = TypeVar("Value", bound=Answer)

LEVEL = 3
"""Of compression: the maps of 60,000 regions become as small as with the usual 6, in 0.4 of the time."""
_UNPACKED = 3
"""How many packs stay unpacked once something in them was asked for."""


class _Pack(NamedTuple):
    compressed: bytes
    size: int
    """Bytes of it that each of its moments accounts for."""


class PackedAnswers(Mapping[str, Value]):
    """Answers by name; several of these are in one pack."""

    __slots__ = ("_first", "_names", "_pack", "_refused")

    def __init__(self, names: Names, refused: Mapping[str, Value], pack: _Pack, first: int) -> None:
        """`first` is the place of the first name's answer in the pack."""
        self._names = names
        self._refused = refused
        self._pack = pack
        self._first = first

    def __getitem__(self, name: str) -> Value:
        at = self._names.index(name)
        if at is None:
            return self._refused[name]
        value: Value = _unpacked(self._pack.compressed)[self._first + at]
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._names or name in self._refused

    def __iter__(self) -> Iterator[str]:
        return chain(self._names, self._refused)

    def __len__(self) -> int:
        return len(self._names) + len(self._refused)

    def __sizeof__(self) -> int:
        """Count its part of the pack."""
        return object.__sizeof__(self) + getsizeof(self._names) + getsizeof(self._refused) + self._pack.size


def packed_together(moments: Sequence[Mapping[str, Value]]) -> list[PackedAnswers[Value]]:
    """Pack the answers of moments that follow each other, except refusals: these are few objects, in memory anyway."""
    refused = [{name: answer for name, answer in each.items() if isinstance(answer, Unavailable)} for each in moments]
    names = [Names(each.keys() - without.keys()) for each, without in zip(moments, refused, strict=True)]
    answers = [each[name] for each, given in zip(moments, names, strict=True) for name in given]
    compressed = deflated(marshal.dumps(answers), LEVEL)
    pack = _Pack(compressed, len(compressed) // max(1, len(moments)))
    ends = accumulate(map(len, names), initial=0)
    return [PackedAnswers(*each) for each in zip(names, refused, repeat(pack), ends, strict=False)]


@lru_cache(_UNPACKED)
def _unpacked(compressed: bytes) -> list[Any]:
    answers: list[Any] = marshal.loads(decompress(compressed))  # noqa: S302 - our own
    return answers


class PackedPlaces(Mapping[str, Place]):
    """Where the answers are that a moment doesn't have itself."""

    __slots__ = ("_changed", "_names", "_read")

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._names = Names(places)
        self._changed = array("i", [places[name].changed for name in self._names])
        self._read = array("i", [places[name].read for name in self._names])

    def __getitem__(self, name: str) -> Place:
        at = self._names.index(name)
        if at is None:
            raise KeyError(name)
        return Place(self._changed[at], self._read[at])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + sum(map(getsizeof, (self._names, self._changed, self._read)))
