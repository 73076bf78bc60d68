"""The rows of a table and their keys: finds a row again after a refresh, sort or filter."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Generic, TypeVar

from mmexplorer.present.text.keyed_rows import KeyedRows

Row = TypeVar("Row")

_FEW = 1000
"""Rows that are looked up quickly."""


class Rows(Generic[Row]):
    """Rows in display order. Their keys are computed only when a row isn't at its previous index."""

    def __init__(self, rows: Sequence[Row], key: Callable[[Row], Hashable]) -> None:
        self._rows = rows
        self._key = key
        self._keyed: KeyedRows[Row] | None = rows if isinstance(rows, KeyedRows) else None

    def are(self, rows: Sequence[Row]) -> bool:
        """Return whether these are the identical rows, and can't have changed."""
        return rows is self._rows and isinstance(rows, tuple | KeyedRows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return self._rows[index]

    def key_at(self, index: int) -> Hashable:
        """Return the key of the row at `index`."""
        return self._key(self._rows[index]) if self._keyed is None else self._keyed.key_at(index)

    def find(self, key: Hashable, hint: int = 0) -> int | None:
        """Return the index of the row with `key`, or None; a correct `hint` saves searching all rows."""
        if 0 <= hint < len(self) and self.key_at(hint) == key:
            return hint
        return self._place_of(key)

    def follow(self, before: "Rows[Row]", index: int) -> int:
        """Return the new index of the row at `index` of `before`, or of its nearest remaining neighbour.

        Of two long lists with little in common, only the neighbours nearby are asked for: this runs in the event loop.
        Neither list may be empty.
        """
        found = self.find(before.key_at(index), hint=index)
        if found is None:
            found = self._among_few(before, index) if len(self) <= _FEW else self._nearby(before, index)
        return min(index, len(self) - 1) if found is None else found

    def _nearby(self, before: "Rows[Row]", index: int) -> int | None:
        """Return the index of the nearest of the next neighbours that remains."""
        neighbours = (self._place_of(before.key_at(place)) for place in islice(_outward(index, len(before)), _FEW))
        return next((place for place in neighbours if place is not None), None)

    def _among_few(self, before: "Rows[Row]", index: int) -> int | None:
        """Return the index of the row that was the nearest, the one below first, however far away."""
        places = ((before._place_of(self.key_at(at)), at) for at in range(len(self)))  # noqa: SLF001 - the same class
        known = [(abs(place - index), place < index, at) for place, at in places if place is not None]
        return min(known)[2] if known else None

    def _place_of(self, key: Hashable) -> int | None:
        return self._places.get(key) if self._keyed is None else self._keyed.index_of(key)

    @cached_property
    def _places(self) -> Mapping[Hashable, int]:
        key = self._key
        return {key(row): index for index, row in enumerate(self._rows)}


def _outward(index: int, count: int) -> Iterator[int]:
    """Yield indices outward from `index`, the one below first, because rows below move up into a gap."""
    for distance in range(1, count):
        if index + distance < count:
            yield index + distance
        if index >= distance:
            yield index - distance
