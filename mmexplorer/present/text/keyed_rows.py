"""Rows that are made when they are asked for, for a table that shows a few of very many."""

from abc import abstractmethod
from collections.abc import Hashable, Sequence

from mmexplorer.model.typed import TypeVar

Row = TypeVar("Row")


class KeyedRows(Sequence[Row]):
    """Rows that never change, and know where each key is without being made."""

    __slots__ = ()

    @abstractmethod
    def key_at(self, index: int) -> Hashable:
        """Return the key of the row at `index`."""

    @abstractmethod
    def index_of(self, key: Hashable) -> int | None:
        """Return the index of the row with `key`; None if there is none."""
