"""A row of the table of regions: what it tells, and what the filter finds in it."""

from collections.abc import Iterable

from mmexplorer.model.carried import COUNTED, Known
from mmexplorer.model.changes import ChangeKind
from mmexplorer.model.elf.layout import Match
from mmexplorer.model.growth import Growth
from mmexplorer.model.region import Range, Region, RegionKind, Usage
from mmexplorer.model.role import Role
from mmexplorer.model.typed import Protocol
from mmexplorer.model.value import frozen, names
from mmexplorer.present.region.address import region_name
from mmexplorer.present.region.fields import COUNTER_NAMES, HOLE
from mmexplorer.present.text.format import address


class RegionFacts(Protocol):
    """What is known of a region, of the ghost of one that is gone, or of a hole between two."""

    __slots__ = ()

    @property
    def range(self) -> Range:
        """The addresses."""
        ...

    @property
    def region(self) -> Region | None:
        """None for a hole."""
        ...

    @property
    def kind(self) -> RegionKind | None:
        """None for a hole."""
        ...

    @property
    def usage(self) -> Usage | None:
        """None if the counters of this region aren't known."""
        ...

    @property
    def match(self) -> Match | None:
        """The segment of its file that it was loaded from."""
        ...

    @property
    def role(self) -> Role | None:
        """What it is used as."""
        ...

    @property
    def change(self) -> ChangeKind | None:
        """Its most recent change, while fresh."""
        ...

    @property
    def delta(self) -> int:
        """Bytes that the change added or removed."""
        ...

    @property
    def age(self) -> int:
        """Whole seconds since the change."""
        ...

    @property
    def known(self) -> Known | None:
        """Where `usage` comes from, if not from smaps of exactly this region."""
        ...

    @property
    def growth(self) -> Growth | None:
        """Its growth since it has been watched; None for a region that hasn't changed."""
        ...

    @property
    def jump(self) -> int:
        """Bytes of memory that it just gained or lost."""
        ...

    @property
    def start(self) -> int:
        """The first address."""
        return self.range.start

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.range.end

    @property
    def size(self) -> int:
        """Bytes of address space."""
        return self.end - self.start

    @property
    def ghost(self) -> bool:
        """Whether it is gone and shown only briefly."""
        return self.change is ChangeKind.REMOVED

    @property
    def key(self) -> int | tuple[str, int]:
        """The identity of the row: the start of a region; ("gone", start) for a ghost, ("hole", start) for a hole."""
        if self.region is None:
            return ("hole", self.start)
        return ("gone", self.start) if self.ghost else self.start

    @property
    def name(self) -> str:
        """Its name in the column WHAT; "" for a hole and for anonymous memory. Not cleaned."""
        return region_name(self.region, self.match, self.role) if self.region is not None else ""

    @property
    def dirty(self) -> int | None:
        """Written pages: Private_Dirty + Shared_Dirty, in bytes."""
        return dirty_of(self.usage) if self.usage is not None else None

    def counter(self, name: str) -> int | None:
        """Return a counter of smaps by the kernel's name; None if not known."""
        usage = self.usage
        return usage.get(name) if usage is not None else None

    def is_older(self, name: str) -> bool:
        """Return whether a counter is from the last reading of smaps, before this region changed."""
        return self.known is not None and not (self.known.counted and name in COUNTED)

    def words(self) -> Iterable[str]:
        """Yield what a plain word is matched against: addresses, permissions, kind, path, image."""
        yield address(self.start)
        yield address(self.end)
        yield kind_name(self)
        if self.region is not None:
            yield self.region.perms
            yield self.region.path or self.name

    def word(self, field: str) -> str | None:
        """Return a text field for the filter."""
        if field == "kind":
            return kind_name(self)
        if field == "flag":
            flags = self.usage.vm_flags if self.usage is not None else None
            return None if flags is None else " ".join(flags)
        if self.region is None:
            return None
        return {"path": self.region.path, "name": self.name, "perm": self.region.perms}.get(field)

    def number(self, field: str) -> float | None:
        """Return a number field for the filter."""
        if field in COUNTER_NAMES:
            return self.counter(COUNTER_NAMES[field])
        if field == "dirty":
            return self.dirty
        if field == "growth":
            return rss_growth(self)
        if field in ("start", "end", "size"):
            return int(getattr(self, field))
        return None if self.region is None else int(getattr(self.region, field))


@frozen
class RegionRow(RegionFacts):
    """A row of the table."""

    range: Range
    region: Region | None
    kind: RegionKind | None
    usage: Usage | None = None
    match: Match | None = None
    role: Role | None = None
    change: ChangeKind | None = None
    delta: int = 0
    age: int = 0
    known: Known | None = None
    growth: Growth | None = None
    jump: int = 0


def row_of(facts: RegionFacts) -> RegionRow:
    """Keep what is known at this moment."""
    return RegionRow(**{name: getattr(facts, name) for name in names(RegionRow)})


def dirty_of(usage: Usage) -> int | None:
    """Return the bytes of written pages: Private_Dirty + Shared_Dirty."""
    private, shared = usage.get("Private_Dirty"), usage.get("Shared_Dirty")
    return None if private is None or shared is None else private + shared


def kind_name(row: RegionFacts) -> str:
    """Name the kind of a row: `code`, `heap`; `hole` between regions."""
    kind = row.kind
    return HOLE if kind is None else kind.value


def rss_growth(row: RegionFacts) -> float | None:
    """Return the bytes of memory gained per minute; None for a hole, or if it is too early to tell."""
    if row.region is None or row.ghost or row.counter("Rss") is None:
        return None
    return 0.0 if row.growth is None else row.growth.rss_per_minute


def size_growth(row: RegionFacts) -> float | None:
    """Return the bytes of address space gained per minute."""
    if row.region is None or row.ghost:
        return None
    return 0.0 if row.growth is None else row.growth.size_per_minute
