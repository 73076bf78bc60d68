"""The holes of an address space: addresses between two regions, where every access is a fault."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from mmexplorer.model.region import Range, Region


class Gap(NamedTuple):
    """A hole and the regions at its two ends."""

    range: Range
    below: Region
    above: Region


def gaps(regions: Sequence[Region]) -> Iterator[Gap]:
    """Go through the holes between `regions`, which ascend and don't overlap. What lies outside of them is no hole."""
    for below, above in pairwise(regions):
        if below.end < above.start:
            yield Gap(Range(below.end, above.start), below, above)
