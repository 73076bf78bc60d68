"""What is known of regions that changed since smaps was read: by the addresses they cover, and by counting again."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mmexplorer.model.changes import overlaps, same_memory
from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.value import replace

_NOT_SUMS = frozenset({"KernelPageSize", "MMUPageSize", "THPeligible", "ProtectionKey"})
"""Counters that say how a region is, not how many bytes of it."""
_PAGE = 4096
_PIECES_AT_MOST = 64
"""Of a region: most of one that is larger than all memory is empty."""
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

    @property
    def whole(self) -> bool:
        """Whether it is all of the region."""
        return self.range == self.region.range


def pieces_to_count(
    regions: Iterable[Region], covered: Callable[[Region], Range | None], at_most: int
) -> tuple[Piece, ...]:
    """Choose what to count, `at_most` bytes in all: the largest regions first, and of those beyond what they gained.

    `covered` gives the addresses of a region for which counters were carried; None where nothing is known of it.
    """
    left = at_most
    chosen = []
    for region in sorted((each for each in regions if countable(each)), key=lambda each: each.size, reverse=True):
        for wanted in (region.range,) if region.size <= left else _gained(region, covered(region)):
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
    """Cut what can be counted into pieces of `piece` bytes, larger ones of enormous regions; the largest come first."""
    return tuple(
        Piece(region, Range(start, min(start + size, region.end)))
        for region in sorted(filter(countable, regions), key=lambda each: each.size, reverse=True)
        for size in (max(piece, region.size // _PIECES_AT_MOST // _PAGE * _PAGE),)
        for start in range(region.start, region.end, size)
    )
