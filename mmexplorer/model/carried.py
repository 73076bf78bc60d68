"""What is known of regions that changed since smaps was read: by the addresses they cover, and by counting again."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mmexplorer.model.changes import Differing, overlaps, same_memory
from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.value import replace

_NOT_SUMS = frozenset({"KernelPageSize", "MMUPageSize", "THPeligible", "ProtectionKey"})
"""Counters that say how a region is, not how many bytes of it."""
_PAGE = 4096
_PIECES_AT_MOST = 64
"""Of a region: most of one that is larger than all memory is empty."""
_WHOLE_AT_MOST = 1 << 27
"""Bytes of a region of which something is known, to be counted again because it changed."""
_DEVICES = ("/dev/", "/sys/", "/proc/")


class Resident(NamedTuple):
    """What can be counted without smaps, in bytes."""

    rss: int
    swap: int
    anonymous: int

    @property
    def counters(self) -> Mapping[str, int]:
        """By the names that smaps has for them."""
        return {"Rss": self.rss, "Swap": self.swap, "Anonymous": self.anonymous}

    def plus(self, other: "Resident") -> "Resident":
        """Add what is in other pages."""
        return Resident(self.rss + other.rss, self.swap + other.swap, self.anonymous + other.anonymous)


COUNTED = ("Rss", "Swap", "Anonymous")
"""What is counted, by the kernel's names."""


class Known(NamedTuple):
    """The counters of a region that has none of its own in the last reading of smaps."""

    usage: Usage
    carried: bool
    """Whether any counters that can't be counted are of the last reading of smaps, for the memory that it covers."""
    counted: bool
    """Whether `COUNTED` were counted since the last reading of smaps."""


def carry(
    before: Sequence[Region], after: Sequence[Region], usage_of: Callable[[Region], Usage | None]
) -> Mapping[Range, Usage]:
    """Give each region of `after` what was known of the memory that it covers.

    A region that took in another whole has all of its counters; one that was cut off has a share by its size, in whole
    pages, and the last part what is left: so nothing is counted twice or lost where all of the memory is still there.
    """
    parts: dict[int, list[tuple[Usage, Usage]]] = {}
    for old, pieces in _pieces(before, after):
        usage = usage_of(before[old])
        if usage is not None:
            for new, share in zip(pieces, _shares(usage, before[old], [after[new] for new in pieces]), strict=True):
                parts.setdefault(new, []).append((usage, share))
    return {after[new].range: _added(after[new], [share for _, share in found]) for new, found in parts.items()}


def _pieces(before: Sequence[Region], after: Sequence[Region]) -> Iterator[tuple[int, list[int]]]:
    found: dict[int, list[int]] = {}
    for old, new in overlaps(before, after):
        if same_memory(before[old], after[new]):
            found.setdefault(old, []).append(new)
    yield from found.items()


def _shares(usage: Usage, old: Region, pieces: Sequence[Region]) -> Iterator[Usage]:
    covered = [min(old.end, piece.end) - max(old.start, piece.start) for piece in pieces]
    done, given = 0, [0] * len(usage.values)
    for size in covered:
        done += size
        values = []
        for place, (name, value) in enumerate(usage):
            if name in _NOT_SUMS:
                values.append(value)
                continue
            upto = value if done == old.size else value * done // old.size // _PAGE * _PAGE
            values.append(upto - given[place])
            given[place] = upto
        yield replace(usage, values=tuple(values))


def _added(region: Region, shares: Sequence[Usage]) -> Usage:
    first, *others = shares
    sums = {
        name: value if name in _NOT_SUMS else value + sum(share.get(name) or 0 for share in others)
        for name, value in first
        if all(name in share.fields for share in others)
    }
    if "Size" in sums:
        sums["Size"] = region.size
    return with_counters(Usage({}, (), first.vm_flags), sums)


def with_counters(usage: Usage | None, counters: Mapping[str, int]) -> Usage:
    """Give `usage`, or one without anything, with `counters` in the place of its own of the same name."""
    known = dict(usage) if usage is not None else {}
    known |= counters
    fields = {name: place for place, name in enumerate(known)}
    return Usage(fields, tuple(known.values()), usage.vm_flags if usage is not None else None)


def countable(region: Region) -> bool:
    """Whether the pages that are there make up its Rss, unless they are huge ones of a file: those of devices don't.

    A nameless file may be a driver's.
    """
    if region.inode:
        named = region.path.startswith("/") and not region.deleted and not region.path.startswith(_DEVICES)
        return named or region.path == "/dev/zero"
    return region.path in ("", "[heap]", "[stack]") or region.path.startswith("[anon:")


class Piece(NamedTuple):
    """A range to count, and the region whose counters it completes."""

    region: Region
    range: Range
    """All of the region, or what it gained; then the rest stays as it was known."""
    first: bool = True
    """Whether the sum of its region begins with it, where that is counted in several pieces."""
    last: bool = True

    @property
    def whole(self) -> bool:
        """Whether it is all of the region."""
        return self.range == self.region.range


def pieces_to_count(
    regions: Iterable[Region], covered: Callable[[Region], Range | None], at_most: int
) -> tuple[Piece, ...]:
    """Choose what to count, `at_most` bytes in all, the largest regions first: what these gained, of others all.

    `covered` gives the addresses of a region for which counters were carried; None where nothing is known of it. What
    is touched in the rest of a large one is found when its turn comes: else one that grows all the time would leave
    nothing for the others.
    """
    left = at_most
    chosen = []
    for region in sorted((each for each in regions if countable(each)), key=lambda each: each.size, reverse=True):
        known = covered(region)
        whole = region.size <= (left if known is None else min(left, _WHOLE_AT_MOST))
        for wanted in (region.range,) if whole else _gained(region, known):
            if 0 < wanted.size <= left:
                chosen.append(Piece(region, wanted))
                left -= wanted.size
    return tuple(chosen)


def _gained(region: Region, covered: Range | None) -> tuple[Range, ...]:
    if covered is None:
        return ()
    return Range(region.start, covered.start), Range(covered.end, region.end)


def counted(piece: Piece, resident: Resident, usage: Usage | None) -> Usage:
    """Put what was counted into what is known of the region."""
    before = None if piece.whole else usage
    known = {name: (before.get(name) if before is not None else None) or 0 for name in COUNTED}
    return with_counters(usage, {name: known[name] + count for name, count in resident.counters.items()})


def in_turn(regions: Iterable[Region], piece: int) -> tuple[Piece, ...]:
    """Cut what can be counted into pieces of `piece` bytes, larger ones of enormous regions; the smallest come first.

    So most have their counters at the first look, and the largest, which takes longest, soon after.
    """
    return tuple(
        Piece(region, Range(start, min(start + size, region.end)), start == region.start, start + size >= region.end)
        for region in sorted(filter(countable, regions), key=lambda each: each.size)
        for size in (max(piece, region.size // _PIECES_AT_MOST // _PAGE * _PAGE),)
        for start in range(region.start, region.end, size)
    )


def followed(turn: Sequence[Piece], middle: Differing) -> tuple[Piece, ...]:
    """Give what is left to count after the regions changed by `middle`: of one that grew what it gained as well.

    Of a region that is gone, was cut or merged there is nothing to go on with.
    """
    if not turn:
        return ()
    kept = set(map(id, middle.after))
    gone = {id(region) for region in middle.before if id(region) not in kept}
    grown = _grown(middle)
    left: list[Piece] = []
    for piece in turn:
        region = grown.get(id(piece.region))
        if id(piece.region) not in gone:
            left.append(piece)
        elif region is not None:
            left += _of_grown(piece, region, follows=bool(left) and left[-1].region is region)
    return tuple(left)


def _grown(middle: Differing) -> Mapping[int, Region]:
    """Find the region that each of `before`, by its id, grew into all alone."""
    pairs = overlaps(middle.before, middle.after)
    sources = Counter(new for _, new in pairs)
    return {
        id(old): new
        for old, new in ((middle.before[old], middle.after[new]) for old, new in pairs if sources[new] == 1)
        if new.start <= old.start and old.end <= new.end and same_memory(old, new)
    }


def _of_grown(piece: Piece, region: Region, *, follows: bool) -> Iterator[Piece]:
    """Give what stands for `piece`; before the first of its region that what was gained below, unless it `follows`."""
    old = piece.region
    gained = not follows and region.start < old.start
    if gained:
        yield Piece(region, Range(region.start, old.start), first=piece.first, last=False)
    end = region.end if piece.last else piece.range.end
    yield Piece(region, Range(piece.range.start, end), piece.first and not gained, piece.last)
