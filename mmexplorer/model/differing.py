"""Where two readings of maps differ: an unchanged region is the same object in both, which is quick to compare."""

from collections.abc import Sequence

from mmexplorer.model.region import Region
from mmexplorer.model.value import NamedTuple


class Differing(NamedTuple):
    """The parts of two readings that remain when equal ends are cut off."""

    before: tuple[Region, ...]
    after: tuple[Region, ...]


_PIECE = 1 << 15

_ends: tuple[Sequence[Region], Sequence[Region], tuple[int, int]] = ((), (), (0, 0))
"""The last arguments and the result: several callers ask the same at each look, and each would scan all the regions."""


def common_ends(before: Sequence[Region], after: Sequence[Region]) -> tuple[int, int]:
    """Count the regions at the start and, of the rest, at the end that are the same in both."""
    global _ends  # noqa: PLW0603 - one assignment, which threads may make in any order
    one, other, ends = _ends
    if one is not before or other is not after or not isinstance(before, tuple) or not isinstance(after, tuple):
        ends = _common_ends(before, after)
        _ends = (before, after, ends)
    return ends


def _common_ends(before: Sequence[Region], after: Sequence[Region]) -> tuple[int, int]:
    shorter = min(len(before), len(after))
    head = same_run(before, after, shorter)
    return head, same_run(before, after, shorter - head, from_end=True)


def same_run(one: Sequence[object], other: Sequence[object], limit: int, *, from_end: bool = False) -> int:
    """Count the equal items from the start or from the end, at most `limit`, of two tuples or texts.

    They are compared in ever smaller pieces: Python compares pieces much faster than items.
    """
    same, piece = 0, _PIECE
    while same < limit and piece:
        upto = min(same + piece, limit)
        ours, theirs = (
            each[len(each) - upto : len(each) - same] if from_end else each[same:upto] for each in (one, other)
        )
        if ours == theirs:
            same = upto
        else:
            piece = (upto - same) // 2
    return same


def differing(before: Sequence[Region], after: Sequence[Region]) -> Differing:
    """Cut off the common head and tail; unchanged regions are the same objects."""
    head, tail = common_ends(before, after)
    return Differing(tuple(before[head : len(before) - tail]), tuple(after[head : len(after) - tail]))
