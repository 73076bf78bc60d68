"""Memory allocation without and with paging: holes, three rules of fit, pages. Sizes are in units."""

from collections.abc import Iterator, Sequence
from enum import Enum

from mmexplorer.model.value import NamedTuple, frozen


class Rule(Enum):
    """Where a request is placed."""

    FIRST = "first"
    """In the first hole that is large enough."""
    BEST = "best"
    """In the smallest hole that is large enough."""
    WORST = "worst"
    """In the largest hole."""
    PAGED = "paged"
    """In free pages of one unit, wherever they are; only the program's virtual addresses are contiguous."""


class Piece(NamedTuple):
    """Units `start` to `start + size`, taken by one allocation; with paging an allocation may have several pieces."""

    start: int
    size: int
    owner: int
    """The number of the request, from 0."""


class Hole(NamedTuple):
    """Free units between two pieces or at an end of memory."""

    start: int
    size: int


@frozen
class Memory:
    """The allocated pieces of a memory."""

    size: int
    pieces: tuple[Piece, ...] = ()
    """Ascending; they don't overlap."""

    @property
    def free(self) -> int:
        """The number of free units."""
        return self.size - sum(piece.size for piece in self.pieces)

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The holes, ascending."""
        ends = (0, *(piece.start + piece.size for piece in self.pieces))
        starts = (*(piece.start for piece in self.pieces), self.size)
        return tuple(Hole(end, start - end) for end, start in zip(ends, starts, strict=True) if start > end)

    @property
    def largest(self) -> int:
        """The size of the largest hole; 0 if there is none."""
        return max((hole.size for hole in self.holes), default=0)

    def of(self, owner: int) -> tuple[Piece, ...]:
        """Return the pieces of one allocation."""
        return tuple(piece for piece in self.pieces if piece.owner == owner)


def allocate(memory: Memory, size: int, owner: int, rule: Rule) -> Memory | None:
    """Allocate `size` units, at least 1, to `owner`; return None if that is impossible."""
    if rule is Rule.PAGED:
        added = tuple(_pages(memory.holes, size, owner)) if size <= memory.free else ()
    else:
        hole = _chosen([hole for hole in memory.holes if hole.size >= size], rule)
        added = () if hole is None else (Piece(hole.start, size, owner),)
    return Memory(memory.size, tuple(sorted((*memory.pieces, *added)))) if added else None


def release(memory: Memory, owner: int) -> Memory:
    """Free the units of `owner`, if it has any."""
    return Memory(memory.size, tuple(piece for piece in memory.pieces if piece.owner != owner))


def _chosen(large_enough: Sequence[Hole], rule: Rule) -> Hole | None:
    """Choose a hole by the rule, the lower of two that are equally good."""
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
