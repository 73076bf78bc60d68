"""The difference between two address spaces: of one process at two moments, or of two processes."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mmexplorer.model.amount import format_size
from mmexplorer.model.changes import tied
from mmexplorer.model.region import Range, Region, RegionKind, Usage
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.value import frozen

FIELDS = ("size", "rss", "pss", "private_dirty", "swap")
"""What is compared, in bytes."""

_COUNTERS = ("Rss", "Pss", "Private_Dirty", "Swap")


_KEY = 4
"""Fields of a region that tell it from others of one process: start, end, permissions, offset."""


class Side(NamedTuple):
    """One of the two address spaces that are compared."""

    space: AddressSpace
    boot: str
    """What tells one boot of one machine from all others; "" where that isn't known."""
    name: str
    """What it is called beside the other. Not cleaned."""


OLDER = frozenset({"pss", "private_dirty"})
"""What is older of a region that changed since smaps was read, and of which Rss and Swap were counted since."""
NOT_COUNTED = OLDER | {"rss", "swap"}
"""What is older of one of which they weren't."""


def same_process(a: Side, b: Side) -> bool:
    """Whether addresses mean the same on both sides: one pid, start and boot; or, where untold, much the same map."""
    key_a, key_b = a.space.process.key, b.space.process.key
    if not (key_a.start_time and key_b.start_time):
        starts_a, starts_b = ({region[:_KEY] for region in side.space.regions} for side in (a, b))
        return 2 * len(starts_a & starts_b) > min(len(starts_a), len(starts_b))
    return key_a == key_b and a.boot == b.boot


class Amounts(NamedTuple):
    """Bytes; None where they aren't known."""

    size: int
    rss: int | None
    pss: int | None
    private_dirty: int | None
    swap: int | None


class Compared(NamedTuple):
    """A region of one side."""

    region: Region
    kind: RegionKind
    name: str
    """The file, the kernel's name, or "" for nameless memory."""
    segment: int | None
    """The number of the program header that it comes from."""
    amounts: Amounts
    older: frozenset[str] = frozenset()
    """The fields of `amounts` that are of a reading from before the region changed."""


@frozen
class Difference:
    """A row: what is the same thing on both sides."""

    a: tuple[Compared, ...]
    b: tuple[Compared, ...]

    @property
    def what(self) -> Compared:
        """The largest part of it, by which it is called."""
        return max(self.b or self.a, key=lambda each: each.region.size)

    @property
    def range(self) -> Range:
        """From the lowest to the highest address, on the side where it is now, else where it was."""
        side = self.b or self.a
        return Range(min(each.region.start for each in side), max(each.region.end for each in side))

    @property
    def amounts_a(self) -> Amounts | None:
        """What it has in A; None where it is not there."""
        return added(each.amounts for each in self.a)

    @property
    def amounts_b(self) -> Amounts | None:
        """What it has in B; None where it is not there."""
        return added(each.amounts for each in self.b)

    @property
    def change(self) -> Amounts:
        """B less A; what isn't there has nothing."""
        return changed(self.amounts_a, self.amounts_b)

    @property
    def differs(self) -> bool:
        """Whether it is on one side alone, or has other amounts on the other."""
        return not self.a or not self.b or any(self.change)


def amounts(region: Region, usage: Usage | None) -> Amounts:
    """Take what is compared out of the counters of a region."""
    return Amounts(region.size, *(usage.get(name) if usage is not None else None for name in _COUNTERS))


def added(each: Iterable[Amounts]) -> Amounts | None:
    """Add up; None for nothing. What isn't known of one isn't known of the sum."""
    rows = list(each)
    if not rows:
        return None
    size, *others = (None if None in column else sum(column) for column in zip(*rows, strict=True))
    return Amounts(size or 0, *others)


def changed(a: Amounts | None, b: Amounts | None) -> Amounts:
    """Give B less A."""
    nothing = Amounts(0, 0, 0, 0, 0)
    size, *others = (
        None if before is None or after is None else after - before
        for before, after in zip(a or nothing, b or nothing, strict=True)
    )
    return Amounts(size or 0, *others)


def compare_addresses(a: Sequence[Compared], b: Sequence[Compared]) -> tuple[Difference, ...]:
    """Compare one process at two moments: what shares addresses is the same thing. Both sides ascend."""
    by_start_a = {each.region.start: each for each in a}
    by_start_b = {each.region.start: each for each in b}
    return tuple(
        Difference(
            tuple(by_start_a[region.start] for region in part.before),
            tuple(by_start_b[region.start] for region in part.after),
        )
        for part in tied([each.region for each in a], [each.region for each in b])
    )


def compare_identities(a: Sequence[Compared], b: Sequence[Compared]) -> tuple[Difference, ...]:
    """Compare two processes, whose addresses differ: what has the same identity is the same thing."""
    sides: dict[str, tuple[list[Compared], list[Compared]]] = {}
    for side, regions in enumerate((a, b)):
        for each in regions:
            sides.setdefault(identity(each), ([], []))[side].append(each)
    return tuple(Difference(tuple(of_a), tuple(of_b)) for of_a, of_b in sides.values())


def identity(each: Compared) -> str:
    """Tell what a region is in words that are the same in another process, and in another run.

    A file's part by the file's name, its kind and the program header; the heap and the stack by their kind; the stack
    of a thread by its name; nameless memory by its kind and its size class, which doubles from one to the next.
    """
    if each.name:
        name = _TID.sub("", each.name) if each.kind in _OF_THREADS else each.name
        segment = "" if each.segment is None else f" #{each.segment}"
        return f"{each.kind.value} {name}{segment}"
    return f"{each.kind.value} {_size_class(each.region.size)}"


_OF_THREADS = (RegionKind.STACK, RegionKind.GUARD)
_TID = re.compile(r" \(\d+\)(?=, |\Z)")
"""The number of a thread, which is another one in each run."""


def _size_class(size: int) -> str:
    lower = 1 << (size.bit_length() - 1)
    return f"of {format_size(lower)} to {format_size(2 * lower)}"
