"""The counters of all regions of a process, packed: a dict of 65,000 ranges would take seven times the memory."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence, ValuesView
from itertools import islice
from operator import eq, ge, is_, itemgetter

from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.value import NamedTuple


class Columns(NamedTuple):
    """The ranges and counters of regions in the same order."""

    starts: "array[int]"
    ends: "array[int]"
    usages: Sequence[Usage]


class Usages(Mapping[Range, Usage]):
    """Counters by the range of their region, ascending. It never changes."""

    __slots__ = ("_ends", "_next", "_starts", "_usages")

    def __init__(self, records: Columns | Iterable[tuple[int, int, Usage]] = ()) -> None:
        """Pack records, each with the start and end of its region; of those with equal ranges, the last counts."""
        columns = records if isinstance(records, Columns) else _columns(records)
        if any(map(ge, columns.starts, islice(columns.starts, 1, None))):
            by_range = {(start, end): usage for start, end, usage in zip(*columns, strict=True)}
            columns = _columns((*covered, by_range[covered]) for covered in sorted(by_range))
        self._starts, self._ends, self._usages = columns.starts, columns.ends, tuple(columns.usages)
        self._next = 0
        """Where the last search ended, for the next one: most go from one region to the next."""

    def __iter__(self) -> Iterator[Range]:
        return map(Range, self._starts, self._ends)

    def __len__(self) -> int:
        return len(self._usages)

    def __getitem__(self, covered: Range) -> Usage:
        usage = self.at(*covered)
        if usage is None:
            raise KeyError(covered)
        return usage

    def values(self) -> ValuesView[Usage]:
        """Return the counters in the order of the ranges."""
        return _Values(self, self._usages)

    def of(self, region: Region) -> Usage | None:
        """Return the counters of a region; None if there are none of exactly its range."""
        return self.at(region.start, region.end)

    def of_each(self, regions: Sequence[Region]) -> Sequence[Usage | None]:
        """Return the counters of each region: most often those that were read, which is quick to see."""
        starts, ends = map(itemgetter(0), regions), map(itemgetter(1), regions)
        same = len(regions) == len(self) and all(map(eq, starts, self._starts)) and all(map(eq, ends, self._ends))
        return self._usages if same else tuple(map(self.of, regions))

    def at(self, start: int, end: int) -> Usage | None:
        """Return the counters of exactly this range; in constant time if it follows the one asked before."""
        starts, ends, place = self._starts, self._ends, self._next
        if place >= len(starts) or starts[place] != start or ends[place] != end:
            place = bisect_left(starts, start)
        while place < len(starts) and starts[place] == start:
            if ends[place] == end:
                self._next = place + 1
                return self._usages[place]
            place += 1
        return None

    @property
    def columns(self) -> Columns:
        """The same as columns, not to be changed."""
        return Columns(self._starts, self._ends, self._usages)

    def same_as(self, other: "Usages") -> bool:
        """Return whether both have the same objects at the same ranges."""
        ours, theirs = self.columns, other.columns
        return ours[:2] == theirs[:2] and all(map(is_, ours.usages, theirs.usages))

    def has_start(self, start: int) -> bool:
        """Return whether a region began there."""
        place = bisect_left(self._starts, start)
        return place < len(self._starts) and self._starts[place] == start

    def records(self) -> Iterable[tuple[int, int, Usage]]:
        """Return the start, the end and the counters of each region."""
        return zip(self._starts, self._ends, self._usages, strict=True)


def _columns(records: Iterable[tuple[int, int, Usage]]) -> Columns:
    starts, ends, usages = array("Q"), array("Q"), []
    for start, end, usage in records:
        starts.append(start)
        ends.append(end)
        usages.append(usage)
    return Columns(starts, ends, usages)


class _Values(ValuesView[Usage]):
    def __init__(self, mapping: Usages, usages: Sequence[Usage]) -> None:
        super().__init__(mapping)
        self._usages = usages

    def __iter__(self) -> Iterator[Usage]:
        return iter(self._usages)
