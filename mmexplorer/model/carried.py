"""Counters of regions that changed since smaps was read: carried over by address, or counted again."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from mmexplorer.model.changes import overlaps, same_memory
from mmexplorer.model.differing import Differing
from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.value import NamedTuple, replace

_NOT_SUMS = frozenset({"KernelPageSize", "MMUPageSize", "THPeligible", "ProtectionKey"})
"""Counters that describe a region's state, not a number of bytes."""
_REMEMBERED = 1 << 10
_PAGE = 4096
_PIECES_AT_MOST = 64
"""Per region: one larger than all of memory is mostly empty."""
_WHOLE_AT_MOST = 1 << 27
"""A partly known region that changed is counted again completely only up to this many bytes."""
_DEVICES = ("/dev/", "/sys/", "/proc/")


class Resident(NamedTuple):
    """What can be counted without smaps, in bytes."""

    rss: int
    swap: int
    anonymous: int

    @property
    def counters(self) -> Mapping[str, int]:
        """The same under the names smaps uses."""
        return {"Rss": self.rss, "Swap": self.swap, "Anonymous": self.anonymous}

    def plus(self, other: "Resident") -> "Resident":
        """Add the counts of other pages."""
        return Resident(self.rss + other.rss, self.swap + other.swap, self.anonymous + other.anonymous)


COUNTED = ("Rss", "Swap", "Anonymous")
"""The counters that can be counted, by the kernel's names."""


class Known(NamedTuple):
    """The counters of a region that has no entry of its own in the last reading of smaps."""

    usage: Usage
    carried: bool
    """Whether counters that can't be counted were carried over from the last reading of smaps."""
    counted: bool
    """Whether `COUNTED` have been counted since the last reading of smaps."""


def carry(
    before: Sequence[Region], after: Sequence[Region], usage_of: Callable[[Region], Usage | None]
) -> Mapping[Range, Usage]:
    """Carry over to each region of `after` what was known of the memory it covers.

    A region that absorbed another takes all of its counters. A region that was cut passes on shares in proportion to
    size, in whole pages, and its last part takes the remainder, so nothing is counted twice or lost if all of the
    memory remains.
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
    """Return `usage` (or an empty one) updated with `counters`."""
    if usage is None:
        return _only(tuple(counters.items()))
    if counters.keys() <= usage.fields.keys():
        return Usage(usage.fields, tuple(counters.get(name, value) for name, value in usage), usage.vm_flags)
    known = {**dict(usage), **counters}
    fields = {name: place for place, name in enumerate(known)}
    return Usage(fields, tuple(known.values()), usage.vm_flags)


@lru_cache(_REMEMBERED)
def _only(counters: tuple[tuple[str, int], ...]) -> Usage:
    """Return these counters: of thousands of regions that were counted, most have the same few."""
    return Usage({name: place for place, (name, _) in enumerate(counters)}, tuple(count for _, count in counters), None)


def countable(region: Region) -> bool:
    """Return whether present pages (except a file's huge ones) make up the region's Rss: a device's don't.

    A nameless file may belong to a driver.
    """
    if region.inode:
        named = region.path.startswith("/") and not region.deleted and not region.path.startswith(_DEVICES)
        return named or region.path == "/dev/zero"
    return region.path in ("", "[heap]", "[stack]") or region.path.startswith("[anon:")


class Piece(NamedTuple):
    """A range to count, and the region its counts belong to."""

    region: Region
    range: Range
    """The complete region, or only what it gained; the known counts of the rest are then kept."""
    first: bool = True
    """Whether this is the first piece of a region that is counted in several."""
    last: bool = True

    @property
    def whole(self) -> bool:
        """Whether it covers the complete region."""
        return self.range == self.region.range


def pieces_to_count(
    regions: Iterable[Region], covered: Callable[[Region], Range | None], at_most: int
) -> Iterator[Piece]:
    """Choose up to `at_most` bytes to count, the largest regions first: some completely, others only where they grew.

    `covered` returns the addresses of a region whose counters were carried over, or None if nothing is known of it. A
    large known region is counted completely only when its turn comes; otherwise one that grows all the time would use
    up the budget of all others.
    """
    left = at_most
    for region in sorted((each for each in regions if countable(each)), key=lambda each: each.size, reverse=True):
        known = covered(region)
        whole = region.size <= (left if known is None else min(left, _WHOLE_AT_MOST))
        for wanted in (region.range,) if whole else _gained(region, known):
            if 0 < wanted.size <= left:
                yield Piece(region, wanted)
                left -= wanted.size


def _gained(region: Region, covered: Range | None) -> tuple[Range, ...]:
    if covered is None:
        return ()
    return Range(region.start, covered.start), Range(covered.end, region.end)


def counted(piece: Piece, resident: Resident, usage: Usage | None) -> Usage:
    """Merge a count into the known counters of its region."""
    before = None if piece.whole else usage
    known = {name: (before.get(name) if before is not None else None) or 0 for name in COUNTED}
    return with_counters(usage, {name: known[name] + count for name, count in resident.counters.items()})


def in_turn(regions: Iterable[Region], piece: int) -> tuple[Piece, ...]:
    """Split the countable regions into pieces of `piece` bytes (more for enormous ones), smallest region first.

    So most regions have counters after the first look, and the largest, which takes longest, soon after.
    """
    return tuple(
        Piece(region, Range(start, min(start + size, region.end)), start == region.start, start + size >= region.end)
        for region in sorted(filter(countable, regions), key=lambda each: each.size)
        for size in (max(piece, region.size // _PIECES_AT_MOST // _PAGE * _PAGE),)
        for start in range(region.start, region.end, size)
    )


def followed(turn: Sequence[Piece], middle: Differing) -> tuple[Piece, ...]:
    """Return what is left to count after the change `middle`, including what regions gained by growing.

    Regions that disappeared, were cut or merged are dropped.
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
    """Map each region of `before`, by its id, to the one it grew into, if nothing else was merged into that."""
    pairs = overlaps(middle.before, middle.after)
    sources = Counter(new for _, new in pairs)
    return {
        id(old): new
        for old, new in ((middle.before[old], middle.after[new]) for old, new in pairs if sources[new] == 1)
        if new.start <= old.start and old.end <= new.end and same_memory(old, new)
    }


def _of_grown(piece: Piece, region: Region, *, follows: bool) -> Iterator[Piece]:
    """Split `piece` for the grown `region`: what it gained below comes first, unless `piece` `follows` another."""
    old = piece.region
    gained = not follows and region.start < old.start
    if gained:
        yield Piece(region, Range(region.start, old.start), first=piece.first, last=False)
    end = region.end if piece.last else piece.range.end
    yield Piece(region, Range(piece.range.start, end), piece.first and not gained, piece.last)
