"""What changed in an address space, by address coverage, and when.

Rows of two readings can't be paired by their start: an mmap may merge with its neighbour and grow it downward, an
mprotect cuts one region in three. So regions are tied to each other where they cover the same addresses.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import islice
from operator import indexOf, is_not
from typing import NamedTuple

from mmexplorer.model.region import Range, Region
from mmexplorer.model.value import frozen

Flags = Mapping[Range, tuple[str, ...]]
"""VmFlags by the range of the region they belong to."""

LIMIT = 1_000
"""Changes remembered. A process that unmaps 65,000 regions at once pushes out its own older ones."""


class ChangeKind(Enum):
    """What happened to one or more regions."""

    ADDED = "added"
    REMOVED = "removed"
    GREW = "grew"
    SHRANK = "shrank"
    MOVED = "moved"
    """As many bytes as before at partly other addresses: unmapped at one end, extended at the other."""
    SPLIT = "split"
    """Into more regions than before; bytes may have gone on the way."""
    MERGED = "merged"
    PROTECTION = "protection changed"
    FLAGS = "flags changed"
    """VmFlags: madvise(2), mlock(2)."""
    RENAMED = "name changed"
    """The same memory under another name: the file was renamed or deleted, or prctl(2) named it."""
    REPLACED = "replaced"
    """Something else is mapped at its addresses: mmap(2) with MAP_FIXED."""


@frozen
class Change:
    """One change; every region that differs between two readings is part of exactly one."""

    kind: ChangeKind
    before: tuple[Region, ...]
    """Ascending; empty for an added region."""
    after: tuple[Region, ...]
    flags_before: tuple[str, ...] = ()
    flags_after: tuple[str, ...] = ()
    """VmFlags, for a change of flags alone."""

    @property
    def delta(self) -> int:
        """Bytes of address space gained; negative for bytes lost."""
        return sum(region.size for region in self.after) - sum(region.size for region in self.before)

    @property
    def range(self) -> Range:
        """From the lowest to the highest address involved."""
        sides = [side for side in (self.before, self.after) if side]
        return Range(min(side[0].start for side in sides), max(side[-1].end for side in sides))


class Differing(NamedTuple):
    """The parts of two readings that lie between what is the same at both ends."""

    before: tuple[Region, ...]
    after: tuple[Region, ...]


@frozen
class Event:
    """A change and when it was seen."""

    change: Change
    taken_at: float
    """Seconds since the epoch, for showing."""
    clock: float
    """Seconds of the monotonic clock, for its age."""


@frozen
class ChangeHistory:
    """At most `LIMIT` events, the oldest first."""

    events: tuple[Event, ...] = ()

    def advance(self, changes: Sequence[Change], taken_at: float, clock: float) -> "ChangeHistory":
        """Give the history with what one refresh found; the very same object when it found nothing."""
        if not changes:
            return self
        seen = tuple(Event(change, taken_at, clock) for change in changes[-LIMIT:])
        return ChangeHistory((self.events + seen)[-LIMIT:])

    def fresh(self, clock: float, seconds: float) -> tuple[Event, ...]:
        """Give the events of the last `seconds`, the oldest first; `clock` is now on the monotonic clock."""
        events = self.events
        first = len(events)
        while first and clock - events[first - 1].clock <= seconds:
            first -= 1
        return events[first:]


def diff(
    before: Sequence[Region],
    after: Sequence[Region],
    flags_before: Flags | None = None,
    flags_after: Flags | None = None,
) -> tuple[Change, ...]:
    """Tell what changed between two readings, each ascending and without overlaps; in the order of addresses.

    Regions that are the same object are passed over at once, so a tick in which little happened costs little. Flags are
    compared where both readings know them.
    """
    if before is after:
        olds: list[Region] = []
        news: list[Region] = []
    else:
        olds, news = _differing(before, after)
    changes = [_change(part) for part in tied(olds, news)]
    if flags_before is not None and flags_after is not None and flags_before is not flags_after:
        changes += _flag_changes(before, after, flags_before, flags_after)
    return tuple(sorted(changes, key=lambda change: change.range))


_ends: tuple[Sequence[Region], Sequence[Region], tuple[int, int]] = ((), (), (0, 0))
"""What was asked for last, and the answer: at each look several ask for the same, and each would go through all."""


def common_ends(before: Sequence[Region], after: Sequence[Region]) -> tuple[int, int]:
    """Count the regions at the beginning and, of the others, at the end that are the same objects in both."""
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
    """Count the values before the first that is True; `count` if there is none. By far the fastest way, of 65,000."""
    try:
        return indexOf(values, True)
    except ValueError:
        return count


def differing(before: Sequence[Region], after: Sequence[Region]) -> Differing:
    """Leave out the common head and tail; regions that didn't change are the same objects."""
    head, tail = common_ends(before, after)
    return Differing(tuple(before[head : len(before) - tail]), tuple(after[head : len(after) - tail]))


def _differing(before: Sequence[Region], after: Sequence[Region]) -> tuple[list[Region], list[Region]]:
    before, after = differing(before, after)
    kept = set(map(id, before)) & set(map(id, after))
    olds = [region for region in before if id(region) not in kept]
    news = [region for region in after if id(region) not in kept]
    equal = set(olds) & set(news)
    return [region for region in olds if region not in equal], [region for region in news if region not in equal]


def _flag_changes(
    before: Sequence[Region], after: Sequence[Region], flags_before: Flags, flags_after: Flags
) -> Iterator[Change]:
    differing = {
        covered: (old, new)
        for covered, new in flags_after.items()
        if (old := flags_before.get(covered)) is not None and set(old) != set(new)
    }
    if not differing:
        return
    stayed = {covered: region for region in before if (covered := region.range) in differing}
    for region in after:
        covered = region.range
        if covered in stayed and stayed[covered] == region:
            yield Change(ChangeKind.FLAGS, (region,), (region,), *differing[covered])


class Part(NamedTuple):
    """Regions that are tied to each other, some from before, some from after."""

    before: tuple[Region, ...]
    """Ascending; empty for what is new."""
    after: tuple[Region, ...]
    """Ascending; empty for what is gone."""


def overlaps(olds: Sequence[Region], news: Sequence[Region]) -> list[tuple[int, int]]:
    """Give the indices of every pair that shares an address; at most as many as there are regions."""
    pairs = []
    old = new = 0
    while old < len(olds) and new < len(news):
        if olds[old].start < news[new].end and news[new].start < olds[old].end:
            pairs.append((old, new))
        if olds[old].end <= news[new].end:
            old += 1
        else:
            new += 1
    return pairs


class _Ties:
    """Which of the nodes 0..count-1 belong together."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._tied = [False] * count

    def root(self, node: int) -> int:
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node

    def alone(self, node: int) -> bool:
        return not self._tied[node]

    def tie(self, pairs: Sequence[tuple[int, int]]) -> None:
        for one, other in pairs:
            self._parent[self.root(other)] = self.root(one)
            self._tied[one] = self._tied[other] = True


def tied(olds: Sequence[Region], news: Sequence[Region]) -> list[Part]:
    """Tie what overlaps, the closest kin first.

    First the regions with the same memory and the same permissions: when a malloc arena turns a page of its reserve
    writable, one region grew and its neighbour shrank. Then those with the same memory that are still alone: the
    middle that an mprotect cut out. What is alone after that and overlaps was replaced.
    """
    ties = _Ties(len(olds) + len(news))
    shared = overlaps(olds, news)

    def tie(related: Callable[[Region, Region, bool, bool], bool]) -> None:
        ties.tie(
            [
                (old, len(olds) + new)
                for old, new in shared
                if related(olds[old], news[new], ties.alone(old), ties.alone(len(olds) + new))
            ]
        )

    tie(lambda old, new, _old_alone, _new_alone: old.perms == new.perms and same_memory(old, new))
    tie(lambda old, new, old_alone, new_alone: (old_alone or new_alone) and same_memory(old, new))
    tie(lambda _old, _new, old_alone, new_alone: old_alone and new_alone)

    groups: dict[int, tuple[list[Region], list[Region]]] = {}
    for index, region in enumerate(olds):
        groups.setdefault(ties.root(index), ([], []))[0].append(region)
    for index, region in enumerate(news):
        groups.setdefault(ties.root(len(olds) + index), ([], []))[1].append(region)
    return [Part(tuple(old), tuple(new)) for old, new in groups.values()]


def same_memory(old: Region, new: Region) -> bool:
    """Whether an address that both cover holds the same thing: the same byte of a file, or anonymous memory."""
    if old.file != new.file:
        return False
    return not old.inode or old.offset - old.start == new.offset - new.start


def _change(part: Part) -> Change:
    return Change(_kind(part.before, part.after), part.before, part.after)


def _kind(before: tuple[Region, ...], after: tuple[Region, ...]) -> ChangeKind:
    if not before:
        return ChangeKind.ADDED
    if not after:
        return ChangeKind.REMOVED
    if not any(same_memory(before[old], after[new]) for old, new in overlaps(before, after)):
        return ChangeKind.REPLACED
    if len(before) != len(after):
        return ChangeKind.SPLIT if len(before) < len(after) else ChangeKind.MERGED
    return _kind_of_as_many(before, after)


def _kind_of_as_many(before: tuple[Region, ...], after: tuple[Region, ...]) -> ChangeKind:
    pairs = list(zip(before, after, strict=True))
    if any(old.perms != new.perms for old, new in pairs):
        return ChangeKind.PROTECTION
    delta = sum(new.size - old.size for old, new in pairs)
    if delta:
        return ChangeKind.GREW if delta > 0 else ChangeKind.SHRANK
    return ChangeKind.MOVED if any(old.range != new.range for old, new in pairs) else ChangeKind.RENAMED
