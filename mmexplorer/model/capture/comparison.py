"""The difference between two address spaces: one process at two moments, or two processes."""

import re
from collections.abc import Iterable, Iterator, Sequence

from mmexplorer.model.amount import format_size
from mmexplorer.model.changes import tied
from mmexplorer.model.differing import common_ends
from mmexplorer.model.region import Range, Region, RegionKind, Usage
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.value import NamedTuple, frozen

FIELDS = ("size", "rss", "pss", "private_dirty", "swap")
"""The fields that are compared, in bytes."""

_COUNTERS = ("Rss", "Pss", "Private_Dirty", "Swap")


class Side(NamedTuple):
    """One of the two address spaces being compared."""

    space: AddressSpace
    boot: str
    """Identifies a boot of a machine; "" if unknown."""
    name: str
    """Its name in the comparison. Not cleaned."""


OLDER = frozenset({"pss", "private_dirty"})
"""Fields that are stale in a region that changed since smaps was read but whose Rss and Swap were counted since."""
NOT_COUNTED = OLDER | {"rss", "swap"}
"""Fields that are stale if they weren't counted."""


def same_process(a: Side, b: Side) -> bool:
    """Return whether addresses mean the same on both sides: same pid, start and boot or, if unknown, a similar map."""
    key_a, key_b = a.space.process.key, b.space.process.key
    if not (key_a.start_time and key_b.start_time):
        starts_a, starts_b = ({*map(_place, side.space.regions)} for side in (a, b))
        return 2 * len(starts_a & starts_b) > min(len(starts_a), len(starts_b))
    return key_a == key_b and a.boot == b.boot


def _place(region: Region) -> tuple[int, int, str, int]:
    """Return what identifies a region within a process."""
    return region.start, region.end, region.perms, region.offset


class Amounts(NamedTuple):
    """Bytes; None if unknown."""

    size: int
    rss: int | None
    pss: int | None
    private_dirty: int | None
    swap: int | None


_NOTHING = Amounts(0, 0, 0, 0, 0)


class Compared(NamedTuple):
    """A region of one side."""

    region: Region
    kind: RegionKind
    name: str
    """The file, the kernel's name, or "" for anonymous memory."""
    segment: int | None
    """The index of the program header it was loaded from."""
    amounts: Amounts
    older: frozenset[str] = frozenset()
    """The fields of `amounts` that were read before the region last changed."""


@frozen
class Difference:
    """A row: the regions that correspond to each other."""

    a: tuple[Compared, ...]
    b: tuple[Compared, ...]

    @property
    def what(self) -> Compared:
        """Its largest region, which names the row."""
        return max(self.b or self.a, key=lambda each: each.region.size)

    @property
    def range(self) -> Range:
        """From the lowest to the highest address: in B, or in A if it is gone."""
        side = self.b or self.a
        return Range(min(each.region.start for each in side), max(each.region.end for each in side))

    @property
    def amounts_a(self) -> Amounts | None:
        """Its totals in A; None if absent there."""
        return added(each.amounts for each in self.a)

    @property
    def amounts_b(self) -> Amounts | None:
        """Its totals in B; None if absent there."""
        return added(each.amounts for each in self.b)

    @property
    def change(self) -> Amounts:
        """B minus A; a missing side counts as 0."""
        return changed(self.amounts_a, self.amounts_b)

    @property
    def differs(self) -> bool:
        """Whether it is on one side only, or its amounts differ."""
        return not self.a or not self.b or any(self.change)


def amounts(region: Region, usage: Usage | None) -> Amounts:
    """Select the compared fields from a region's counters."""
    return Amounts(region.size, *(usage.get(name) if usage is not None else None for name in _COUNTERS))


def added(each: Iterable[Amounts]) -> Amounts | None:
    """Add up the amounts; None for no amounts. A field unknown in one is unknown in the sum."""
    rows = list(each)
    if len(rows) <= 1:
        return rows[0] if rows else None
    size, *others = (None if None in column else sum(column) for column in zip(*rows, strict=True))
    return Amounts(size or 0, *others)


def changed(a: Amounts | None, b: Amounts | None) -> Amounts:
    """Return B minus A."""
    if a == b and a is not None and None not in a:  # as most are, of thousands
        return _NOTHING
    size, *others = (
        None if before is None or after is None else after - before
        for before, after in zip(a or _NOTHING, b or _NOTHING, strict=True)
    )
    return Amounts(size or 0, *others)


def compare_addresses(a: Sequence[Compared], b: Sequence[Compared]) -> tuple[Difference, ...]:
    """Compare one process at two moments: regions that share addresses correspond. Both sides are ascending."""
    head, tail = common_ends([each.region for each in a], [each.region for each in b])
    ends_a, ends_b = len(a) - tail, len(b) - tail
    by_start_a = {each.region.start: each for each in a[head:ends_a]}
    by_start_b = {each.region.start: each for each in b[head:ends_b]}
    return (
        *_in_pairs(a[:head], b[:head]),
        *(
            Difference(
                tuple(by_start_a[region.start] for region in part.before),
                tuple(by_start_b[region.start] for region in part.after),
            )
            for part in tied(
                [each.region for each in by_start_a.values()], [each.region for each in by_start_b.values()]
            )
        ),
        *_in_pairs(a[ends_a:], b[ends_b:]),
    )


def _in_pairs(a: Sequence[Compared], b: Sequence[Compared]) -> Iterator[Difference]:
    return (Difference((one,), (other,)) for one, other in zip(a, b, strict=True))


def compare_identities(a: Sequence[Compared], b: Sequence[Compared]) -> tuple[Difference, ...]:
    """Compare two processes, whose addresses differ: regions with the same identity correspond."""
    sides: dict[str, tuple[list[Compared], list[Compared]]] = {}
    for side, regions in enumerate((a, b)):
        for each in regions:
            sides.setdefault(identity(each), ([], []))[side].append(each)
    return tuple(Difference(tuple(of_a), tuple(of_b)) for of_a, of_b in sides.values())


def identity(each: Compared) -> str:
    """Describe a region in terms that are stable across processes and runs.

    Part of a file: the file's name, its kind and the program header. Heap and stack: their kind. A thread's stack: its
    name. Other anonymous memory: its kind and its size class, each twice the one before.
    """
    if each.name:
        name = _TID.sub("", each.name) if each.kind in _OF_THREADS else each.name
        segment = "" if each.segment is None else f" #{each.segment}"
        return f"{each.kind.value} {name}{segment}"
    return f"{each.kind.value} {_size_class(each.region.size)}"


_OF_THREADS = (RegionKind.STACK, RegionKind.GUARD)
_TID = re.compile(r"(?: \(\d+\)|(?<=^thread) \d+|(?<=, thread) \d+)(?=, |\Z)")
"""A thread's number, which differs in each run."""


def _size_class(size: int) -> str:
    lower = 1 << (size.bit_length() - 1)
    return f"of {format_size(lower)} to {format_size(2 * lower)}"
