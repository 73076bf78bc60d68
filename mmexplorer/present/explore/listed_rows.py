"""Rows of regions in another order than that of the addresses, or with ghosts and holes between them."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator, Mapping, Sequence

from mmexplorer.model.region import Region
from mmexplorer.present.explore.live_rows import ListedRows, LiveRows
from mmexplorer.present.region.row import RegionFacts, RegionRow


class ChosenRows(ListedRows):
    """Some rows, in any order.

    The place of a row is its index among the rows of all regions, followed by the others.
    """

    __slots__ = ("_live", "_others", "_place_of", "_places")

    def __init__(self, live: LiveRows, others: Sequence[RegionRow], places: "AnyPlaces | MixedPlaces") -> None:
        self._live = live
        self._others = others
        self._places = places
        # Made here, as rows are searched in the event loop.
        self._place_of: Mapping[Hashable, int] = {row.key: place for place, row in enumerate(others, len(live))}
        """The places of the others."""

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> RegionRow:  # type: ignore[override] # nobody takes a slice
        place = self._places[index]
        return self._live[place] if place < len(self._live) else self._others[place - len(self._live)]

    def key_at(self, index: int) -> Hashable:
        """Return the key of the row at `index`."""
        place = self._places[index]
        return self._live.key_at(place) if place < len(self._live) else self._others[place - len(self._live)].key

    def index_of(self, key: Hashable) -> int | None:
        """Return the index of the row with `key`; None if there is none."""
        place = self._live.index_of(key)
        if place is None:
            place = self._place_of.get(key)
        return None if place is None else self._places.index_of(place)

    def facts(self) -> Iterator[RegionFacts]:
        """Tell of one row after another."""
        return self._live.facts(self._places, self._others)


class AnyPlaces(Sequence[int]):
    """Some places, in any order."""

    def __init__(self, places: Sequence[int], count: int) -> None:
        """`count` is how many places there are, listed or not."""
        self._places = places
        self._indices = array("i", [-1]) * count
        """Where the row of each place is listed, -1 if it isn't."""
        for index, place in enumerate(places):
            self._indices[place] = index

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> int:  # type: ignore[override] # nobody takes a slice
        return self._places[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def index_of(self, place: int) -> int | None:
        """Return where a row stands; None if it isn't listed."""
        index = self._indices[place]
        return index if index >= 0 else None


class MixedPlaces(Sequence[int]):
    """All regions in address order, with the others, in the same order, between them."""

    def __init__(self, regions: Sequence[Region], others: Sequence[RegionRow]) -> None:
        self._regions = len(regions)
        self._below = [bisect_right(regions, row.range, key=lambda region: region.range) for row in others]
        """How many regions stand ahead of each of the others."""
        self._at = [regions + others for others, regions in enumerate(self._below)]

    def __len__(self) -> int:
        return self._regions + len(self._at)

    def __getitem__(self, index: int) -> int:  # type: ignore[override] # nobody takes a slice
        index = range(len(self))[index]
        ahead = bisect_left(self._at, index)
        return self._regions + ahead if index in self._at[ahead : ahead + 1] else index - ahead

    def __iter__(self) -> Iterator[int]:
        first = 0
        for number, below in enumerate(self._below):
            yield from range(first, below)
            yield self._regions + number
            first = below
        yield from range(first, self._regions)

    def index_of(self, place: int) -> int | None:
        """Return where a row stands; all are listed."""
        if place >= self._regions:
            return self._at[place - self._regions]
        return place + bisect_right(self._below, place)
