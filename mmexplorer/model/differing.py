"""Where two readings of maps differ: an unchanged region is the same object in both."""

from collections.abc import Iterator, Sequence
from itertools import islice
from operator import indexOf, is_not

from mmexplorer.model.region import Region
from mmexplorer.model.value import NamedTuple


class Differing(NamedTuple):
    """The parts of two readings that remain when equal ends are cut off."""

    before: tuple[Region, ...]
    after: tuple[Region, ...]


_ends: tuple[Sequence[Region], Sequence[Region], tuple[int, int]] = ((), (), (0, 0))
"""The last arguments and the result: several callers ask the same at each look, and each would scan all the regions."""


def common_ends(before: Sequence[Region], after: Sequence[Region]) -> tuple[int, int]:
    """Count the regions at the start and, of the rest, at the end that are the same objects in both."""
    global _ends  # noqa: PLW0603 - one assignment, which threads may make in any order
    one, other, ends = _ends
    if one is not before or other is not after or not isinstance(before, tuple) or not isinstance(after, tuple):
        ends = _common_ends(before, after)
        _ends = (before, after, ends)
    return ends


def _common_ends(before: Sequence[Region], after: Sequence[Region]) -> tuple[int, int]:
    shorter = min(len(before), len(after))
    head = _until_true(map(is_not, before, after), shorter)
    ends = islice(map(is_not, reversed(before), reversed(after)), shorter - head)
    return head, _until_true(ends, shorter - head)


def _until_true(values: Iterator[bool], count: int) -> int:
    """Count the values before the first True, or up to `count`. By far the fastest way for 65,000 of them."""
    try:
        return indexOf(values, True)
    except ValueError:
        return count


def differing(before: Sequence[Region], after: Sequence[Region]) -> Differing:
    """Cut off the common head and tail; unchanged regions are the same objects."""
    head, tail = common_ends(before, after)
    return Differing(tuple(before[head : len(before) - tail]), tuple(after[head : len(after) - tail]))
