"""What several moments brought, compressed together: most of it differs from the moment before by a few digits."""

import marshal
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from sys import getsizeof
from zlib import decompress

from mmexplorer.kernel.capture.deflate import deflated
from mmexplorer.model.capture.moments import Answer, Names, Place
from mmexplorer.model.typed import Any, TypeVar
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple

Value = TypeVar("Value", bound=Answer)

_LEVEL = 6
"""Of compression: 3 would be as quick with texts that are so alike, and a third larger."""
_UNPACKED = 3
"""How many packs stay unpacked once something in them was asked for."""


class _Pack(NamedTuple):
    compressed: bytes
    size: int
    """Bytes of it that each of its moments accounts for."""


class PackedAnswers(Mapping[str, Value]):
    """The answers of one of the moments in a pack, by name."""

    __slots__ = ("_number", "_pack", "_refused")

    def __init__(self, refused: Mapping[str, Value], pack: _Pack, number: int) -> None:
        self._refused = refused
        self._pack = pack
        self._number = number

    def _given(self) -> Mapping[str, Value]:
        given: Mapping[str, Value] = _unpacked(self._pack.compressed)[self._number]
        return given

    def __getitem__(self, name: str) -> Value:
        return self._refused[name] if name in self._refused else self._given()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._refused or name in self._given()

    def __iter__(self) -> Iterator[str]:
        return chain(self._given(), self._refused)

    def __len__(self) -> int:
        return len(self._given()) + len(self._refused)

    def __sizeof__(self) -> int:
        """Count its part of the pack."""
        return object.__sizeof__(self) + getsizeof(self._refused) + self._pack.size


def packed_together(moments: Sequence[Mapping[str, Value]]) -> list[PackedAnswers[Value]]:
    """Pack the answers of moments that follow each other, except refusals: these are few objects, in memory anyway."""
    refused = [{name: answer for name, answer in each.items() if isinstance(answer, Unavailable)} for each in moments]
    given = [{name: answer for name, answer in each.items() if not isinstance(answer, Unavailable)} for each in moments]
    compressed = deflated(marshal.dumps(given), _LEVEL)
    pack = _Pack(compressed, len(compressed) // max(1, len(moments)))
    return [PackedAnswers(each, pack, number) for number, each in enumerate(refused)]


@lru_cache(_UNPACKED)
def _unpacked(compressed: bytes) -> list[Any]:
    moments: list[Any] = marshal.loads(decompress(compressed))  # noqa: S302 - our own
    return moments


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
