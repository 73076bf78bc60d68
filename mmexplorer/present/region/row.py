"""A row of the Regions pane: what it knows of itself, and what the filter can ask it."""

from collections.abc import Iterable
from typing import NamedTuple

from mmexplorer.model.changes import ChangeKind
from mmexplorer.model.layout import Match
from mmexplorer.model.query import Vocabulary
from mmexplorer.model.region import Range, Region, RegionKind, Usage
from mmexplorer.present.region.changes import change_mark, change_tone, change_word
from mmexplorer.present.region.kernel_words import COUNTERS
from mmexplorer.present.region.naming import region_name
from mmexplorer.present.text.format import address
from mmexplorer.present.text.line import Tone

_FIELDS = {name.casefold().replace("_", ""): name for name in COUNTERS if name != "Size"} | {"anon": "Anonymous"}

REGION_FIELDS = Vocabulary(
    contains=frozenset({"path", "name", "flag"}),
    begins=frozenset({"kind", "perm"}),
    numbers=frozenset({"start", "end", "size", "offset", "inode", "dirty", *_FIELDS}),
)
"""What the filter of this table understands: `kind:heap`, `flag:dd`, `size>1M`, and every counter of smaps."""


class RegionRow(NamedTuple):
    """A row of the table: a region, the ghost of one that went away, or a hole between two."""

    range: Range
    region: Region | None
    """None for a hole."""
    kind: RegionKind | None
    """None for a hole."""
    usage: Usage | None = None
    """None where the counters of this region aren't known."""
    match: Match | None = None
    change: ChangeKind | None = None
    """What happened to it a moment ago."""
    delta: int = 0
    """Bytes that the change added or took."""
    age: int = 0
    """Whole seconds since the change."""

    @property
    def ghost(self) -> bool:
        """Whether it is gone and only shown for a moment longer."""
        return self.change is ChangeKind.REMOVED

    @property
    def key(self) -> int | tuple[str, int]:
        """The identity of the row: the start of a region; ("gone", start) for a ghost, ("hole", start) for a hole."""
        if self.region is None:
            return ("hole", self.range.start)
        return ("gone", self.range.start) if self.ghost else self.range.start

    @property
    def name(self) -> str:
        """What it is called in the column WHAT; "" for a hole and for nameless memory. Not cleaned."""
        return region_name(self.region, self.match) if self.region is not None else ""

    @property
    def dirty(self) -> int | None:
        """Written pages: Private_Dirty + Shared_Dirty, in bytes."""
        private, shared = self.counter("Private_Dirty"), self.counter("Shared_Dirty")
        return None if private is None or shared is None else private + shared

    def counter(self, name: str) -> int | None:
        """A counter of smaps by the kernel's name, None where it isn't known."""
        return self.usage.get(name) if self.usage is not None else None

    def words(self) -> Iterable[str]:
        """What a plain word is looked for in: addresses, permissions, kind, path, image."""
        yield address(self.range.start)
        yield address(self.range.end)
        yield kind_name(self)
        if self.region is not None:
            yield self.region.perms
            yield self.region.path or self.name

    def word(self, field: str) -> str | None:
        """A text for the filter."""
        if field == "kind":
            return kind_name(self)
        if field == "flag":
            flags = self.usage.vm_flags if self.usage is not None else None
            return None if flags is None else " ".join(flags)
        if self.region is None:
            return None
        return {"path": self.region.path, "name": self.name, "perm": self.region.perms}.get(field)

    def number(self, field: str) -> float | None:
        """A number for the filter."""
        if field in _FIELDS:
            return self.counter(_FIELDS[field])
        if field == "dirty":
            return self.dirty
        if field in ("start", "end", "size"):
            return int(getattr(self.range, field))
        return None if self.region is None else int(getattr(self.region, field))


def kind_name(row: RegionRow) -> str:
    """Name the kind of a row: `code`, `heap`; `hole` for a hole."""
    return row.kind.value if row.kind is not None else "hole"


def region_mark(row: RegionRow) -> str:
    """Give the sign before the row: + new, - gone, ~ changed."""
    return "" if row.change is None else change_mark(row.change)


def region_tone(row: RegionRow) -> Tone | None:
    """Give the tone of the whole row while a change is fresh; holes are dim."""
    if row.region is None:
        return Tone.DIM
    return None if row.change is None else change_tone(row.change)


def change_note(kind: ChangeKind, delta: int, age: int) -> str:
    """Say what happened a moment ago: `new, 2 s ago`, `grew +100M, 1 s ago`."""
    return f"{change_word(kind, delta)}, {age} s ago"
