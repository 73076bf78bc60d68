"""What the strip draws of the regions of a process."""

from collections.abc import Sequence
from operator import attrgetter
from typing import overload

from mmexplorer.model.region import RegionKind
from mmexplorer.present.explore.live_rows import LiveRows, Step, kinds_of
from mmexplorer.present.region.address_strip import Extent, ManyExtents, short_label
from mmexplorer.present.region.row import RegionFacts

_START, _END = attrgetter("start"), attrgetter("end")


class RegionExtents(ManyExtents):
    """The extents of regions that follow each other."""

    __slots__ = ("_first", "_last", "_live")

    def __init__(self, live: LiveRows, first: int, last: int) -> None:
        """`last`: the place after the last region."""
        self._live = live
        self._first = first
        self._last = last

    @property
    def starts(self) -> Sequence[int]:
        """The first address of each region."""
        return list(map(_START, self._live.regions[self._first : self._last]))

    @property
    def ends(self) -> Sequence[int]:
        """The first address after each."""
        return list(map(_END, self._live.regions[self._first : self._last]))

    @property
    def kinds(self) -> frozenset[RegionKind]:
        """All that occur."""
        return kinds_of(self._live.kinds[self._first : self._last])

    def __len__(self) -> int:
        return self._last - self._first

    @overload
    def __getitem__(self, index: int) -> Extent: ...

    @overload
    def __getitem__(self, index: slice) -> "RegionExtents": ...

    def __getitem__(self, index: int | slice) -> "Extent | RegionExtents":
        places = range(self._first, self._last)[index]
        if isinstance(places, range):
            return RegionExtents(self._live, places.start, max(places.start, places.stop))
        row = next(self._live.facts((places,)))
        return Extent(row.range, row.kind or RegionKind.OTHER, _label(row))


def region_extents(live: LiveRows) -> RegionExtents:
    """Return the extents of all regions but the kernel's own, which is far above the others."""
    last = len(live)
    while last and live.regions[last - 1].kernels_own:
        last -= 1
    return RegionExtents(live, 0, last)


def look_the_same(before: LiveRows, now: LiveRows, step: Step) -> bool:
    """Return whether the extents are the same after a step; most of what changes isn't drawn."""
    if len(before) != len(now):
        return False
    one, other = before.space, now.space
    if one is not None and other is not None and one.layout is other.layout and one.roles is other.roles:
        if before.kinds != now.kinds:
            return False
        step = step._replace(changed=())  # only their counters
    return all(map(_alike, *step.differing(before, now)))


def _alike(one: RegionFacts, other: RegionFacts) -> bool:
    """Compare two extents; the names only if something else than the counters changed."""
    if one.range != other.range or one.kind is not other.kind:
        return False
    same = one.region is other.region and one.match is other.match and one.role is other.role
    return same or _label(one) == _label(other)


def _label(row: RegionFacts) -> str:
    return short_label(row.name) if row.role is None or row.role.sure else ""
