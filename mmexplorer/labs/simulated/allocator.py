"""Memory as it is handed out without and with paging: holes, the three rules of fit, and pages. Sizes are in units."""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from mmexplorer.model.value import frozen


class Rule(Enum):
    """Where a request is put."""

    FIRST = "first"
    """Into the first hole that is large enough."""
    BEST = "best"
    """Into the smallest hole that is large enough."""
    WORST = "worst"
    """Into the largest hole."""
    PAGED = "paged"
    """Into free pages of one unit, wherever they are: only the addresses that the program sees are in one row."""


class Piece(NamedTuple):
    """Units `start` to `start + size` are taken by one allocation; with paging an allocation may have several."""

    start: int
    size: int
    owner: int
    """The number of the request, from 0 on."""


class Hole(NamedTuple):
    """Free units between two pieces, or at an end."""

    start: int
    size: int


@frozen
class Memory:
    """Who has what."""

    size: int
    pieces: tuple[Piece, ...] = ()
    """Ascending; they don't overlap."""

    @property
    def free(self) -> int:
        """Units that nobody has."""
        return self.size - sum(piece.size for piece in self.pieces)

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Where they are, ascending."""
        ends = (0, *(piece.start + piece.size for piece in self.pieces))
        starts = (*(piece.start for piece in self.pieces), self.size)
        return tuple(Hole(end, start - end) for end, start in zip(ends, starts, strict=True) if start > end)

    @property
    def largest(self) -> int:
        """The size of the largest hole; 0 without one."""
        return max((hole.size for hole in self.holes), default=0)

    def of(self, owner: int) -> tuple[Piece, ...]:
        """Give the pieces of one allocation."""
        return tuple(piece for piece in self.pieces if piece.owner == owner)


def allocate(memory: Memory, size: int, owner: int, rule: Rule) -> Memory | None:
    """Give `size` units, 1 or more, to `owner`; None if that can't be done."""
    if rule is Rule.PAGED:
        added = tuple(_pages(memory.holes, size, owner)) if size <= memory.free else ()
    else:
        hole = _chosen([hole for hole in memory.holes if hole.size >= size], rule)
        added = () if hole is None else (Piece(hole.start, size, owner),)
    return Memory(memory.size, tuple(sorted((*memory.pieces, *added)))) if added else None


def release(memory: Memory, owner: int) -> Memory:
    """Take everything back from `owner`; who has nothing gives nothing."""
    return Memory(memory.size, tuple(piece for piece in memory.pieces if piece.owner != owner))


def _chosen(large_enough: Sequence[Hole], rule: Rule) -> Hole | None:
    """Choose by the rule; the lower one of two that are as good."""
    if not large_enough:
        return None
    if rule is Rule.FIRST:
        return large_enough[0]
    return min(large_enough, key=lambda hole: hole.size if rule is Rule.BEST else -hole.size)


def _pages(holes: Sequence[Hole], size: int, owner: int) -> Iterator[Piece]:
    left = size
    for hole in holes:
        taken = min(left, hole.size)
        if taken:
            yield Piece(hole.start, taken, owner)
        left -= taken
