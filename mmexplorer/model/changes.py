"""What changed in an address space, and when, matched by the addresses covered.

Rows of two readings can't be paired by their start address: an mmap may merge with its neighbour and extend it
downward, and an mprotect cuts one region in three. So regions are matched if they cover the same addresses.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.differing import differing
from mmexplorer.model.region import Range, Region
from mmexplorer.model.usages import Usages
from mmexplorer.model.value import NamedTuple, frozen

LIMIT = 1_000
"""How many changes are remembered. A process that unmaps 65,000 regions at once pushes out its own older changes."""


class ChangeKind(Enum):
    """What happened to one or more regions."""

    ADDED = "added"
    REMOVED = "removed"
    GREW = "grew"
    SHRANK = "shrank"
    MOVED = "moved"
    """Same size, partly different addresses: unmapped at one end, extended at the other."""
    SPLIT = "split"
    """Into more regions than before; some bytes may be gone."""
    MERGED = "merged"
    PROTECTION = "protection changed"
    FLAGS = "flags changed"
    """VmFlags: madvise(2), mlock(2)."""
    RENAMED = "name changed"
    """Same memory, new name: the file was renamed or deleted, or prctl(2) named it."""
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
    """VmFlags, if only the flags changed."""

    @property
    def delta(self) -> int:
        """Bytes of address space gained; negative if lost."""
        return sum(region.size for region in self.after) - sum(region.size for region in self.before)

    @property
    def range(self) -> Range:
        """From the lowest to the highest address involved."""
        sides = [side for side in (self.before, self.after) if side]
        return Range(min(side[0].start for side in sides), max(side[-1].end for side in sides))


@frozen
class Event:
    """A change and the time it was seen."""

    change: Change
    taken_at: float
    """Seconds since the epoch, for display."""
    clock: float
    """Seconds on the monotonic clock, to compute its age."""


@frozen
class ChangeHistory:
    """At most `LIMIT` events, oldest first."""

    events: tuple[Event, ...] = ()

    def advance(self, changes: Sequence[Change], taken_at: float, clock: float) -> "ChangeHistory":
        """Return the history with a refresh's changes added; the same object if there were none."""
        if not changes:
            return self
        seen = tuple(Event(change, taken_at, clock) for change in changes[-LIMIT:])
        return ChangeHistory((self.events + seen)[-LIMIT:])

    def fresh(self, clock: float, seconds: float) -> tuple[Event, ...]:
        """Return the events of the last `seconds`, oldest first; `clock` is the current monotonic time."""
        events = self.events
        first = len(events)
        while first and clock - events[first - 1].clock <= seconds:
            first -= 1
        return events[first:]


def is_other_program(before: Sequence[Region], after: Sequence[Region]) -> bool:
    """Return whether execve(2) replaced the memory: no region has stayed but the kernel's own."""
    return bool(before) and after is not before and not any(_stayed(region, after) for region in before)


def _stayed(region: Region, after: Sequence[Region]) -> bool:
    place = locate(after, region.start)
    return not region.kernels_own and isinstance(place, Inside) and place.region.path == region.path


def diff(
    before: Sequence[Region],
    after: Sequence[Region],
    read_before: Usages | None = None,
    read_after: Usages | None = None,
) -> tuple[Change, ...]:
    """Return the changes between two readings in address order; each reading is ascending and without overlaps.

    Regions that are the same object are skipped quickly, so a tick with few changes is cheap. Flags are compared only
    where both readings of smaps have them.
    """
    changes = [] if before is after else [_change(part) for part in tied(*_differing(before, after))]
    if read_before is not None and read_after is not None and read_before is not read_after:
        changes += _flag_changes(before, after, read_before, read_after)
    return tuple(sorted(changes, key=lambda change: change.range))


def _differing(before: Sequence[Region], after: Sequence[Region]) -> tuple[list[Region], list[Region]]:
    before, after = differing(before, after)
    kept = set(map(id, before)) & set(map(id, after))
    olds = [region for region in before if id(region) not in kept]
    news = [region for region in after if id(region) not in kept]
    equal = set(olds) & set(news)
    return [region for region in olds if region not in equal], [region for region in news if region not in equal]


def _flag_changes(
    before: Sequence[Region], after: Sequence[Region], read_before: Usages, read_after: Usages
) -> Iterator[Change]:
    differing = dict(_differing_flags(read_before, read_after))
    if not differing:
        return
    stayed = {covered: region for region in before if (covered := region.range) in differing}
    for region in after:
        covered = region.range
        if covered in stayed and stayed[covered] == region:
            yield Change(ChangeKind.FLAGS, (region,), (region,), *differing[covered])


def _differing_flags(before: Usages, after: Usages) -> Iterator[tuple[Range, tuple[tuple[str, ...], tuple[str, ...]]]]:
    for start, end, usage in after.records():
        last = before.at(start, end)
        old, new = last.vm_flags if last is not None else None, usage.vm_flags
        if old is not new and old is not None and new is not None and set(old) != set(new):
            yield Range(start, end), (old, new)


class Part(NamedTuple):
    """Regions matched with each other, some from before, some from after."""

    before: tuple[Region, ...]
    """Ascending; empty for new memory."""
    after: tuple[Region, ...]
    """Ascending; empty for removed memory."""


def overlaps(olds: Sequence[Region], news: Sequence[Region]) -> list[tuple[int, int]]:
    """Return the index pairs of all regions that share an address; at most as many as there are regions."""
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
    """Tracks which of the nodes 0..count-1 are connected."""

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
    """Match overlapping regions, closest relatives first.

    First, regions with the same memory and the same permissions: when a malloc arena makes a page of its reserve
    writable, one region grew and its neighbour shrank. Then any still unmatched with the same memory: the middle part
    cut out by an mprotect. Overlaps that remain after that were replaced.
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
    """Return whether an address in both holds the same thing: the same byte of a file, or anonymous memory."""
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
