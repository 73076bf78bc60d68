"""The table of regions: its rows, its filter fields and its columns."""

from collections.abc import Iterable

from mmexplorer.model.carried import COUNTED, Known
from mmexplorer.model.changes import ChangeKind
from mmexplorer.model.elf.layout import Match
from mmexplorer.model.growth import Growth
from mmexplorer.model.region import Range, Region, RegionKind, Usage
from mmexplorer.model.role import Role
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.region.address import region_name, role_name, short_file_name
from mmexplorer.present.region.changes import change_mark, change_tone, change_word
from mmexplorer.present.region.fields import COUNTER_NAMES, HOLE
from mmexplorer.present.region.kernel_words import COUNTERS
from mmexplorer.present.region.kinds import kind_tone, perms_line
from mmexplorer.present.text.cells import ADDRESS_CELLS, DASH, WHOLE_ADDRESS_CELLS, address_cell, size_cell, size_line
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import address, hexadecimal, signed_size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


class RegionRow(NamedTuple):
    """A row of the table: a region, the ghost of one that is gone, or a hole between two."""

    range: Range
    region: Region | None
    """None for a hole."""
    kind: RegionKind | None
    """None for a hole."""
    usage: Usage | None = None
    """None if the counters of this region aren't known."""
    match: Match | None = None
    role: Role | None = None
    change: ChangeKind | None = None
    """Its most recent change, while fresh."""
    delta: int = 0
    """Bytes that the change added or removed."""
    age: int = 0
    """Whole seconds since the change."""
    known: Known | None = None
    """Where `usage` comes from, if not from smaps of exactly this region."""
    growth: Growth | None = None
    """Its growth since it has been watched; None for a region that hasn't changed."""
    jump: int = 0
    """Bytes of memory that it just gained or lost."""

    @property
    def ghost(self) -> bool:
        """Whether it is gone and shown only briefly."""
        return self.change is ChangeKind.REMOVED

    @property
    def key(self) -> int | tuple[str, int]:
        """The identity of the row: the start of a region; ("gone", start) for a ghost, ("hole", start) for a hole."""
        if self.region is None:
            return ("hole", self.range.start)
        return ("gone", self.range.start) if self.ghost else self.range.start

    @property
    def name(self) -> str:
        """Its name in the column WHAT; "" for a hole and for anonymous memory. Not cleaned."""
        return region_name(self.region, self.match, self.role) if self.region is not None else ""

    @property
    def dirty(self) -> int | None:
        """Written pages: Private_Dirty + Shared_Dirty, in bytes."""
        private, shared = self.counter("Private_Dirty"), self.counter("Shared_Dirty")
        return None if private is None or shared is None else private + shared

    def counter(self, name: str) -> int | None:
        """Return a counter of smaps by the kernel's name; None if not known."""
        return self.usage.get(name) if self.usage is not None else None

    def is_older(self, name: str) -> bool:
        """Return whether a counter is from the last reading of smaps, before this region changed."""
        return self.known is not None and not (self.known.counted and name in COUNTED)

    def words(self) -> Iterable[str]:
        """Yield what a plain word is matched against: addresses, permissions, kind, path, image."""
        yield address(self.range.start)
        yield address(self.range.end)
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
            return int(getattr(self.range, field))
        return None if self.region is None else int(getattr(self.region, field))


def kind_name(row: RegionRow) -> str:
    """Name the kind of a row: `code`, `heap`; `hole` between regions."""
    return row.kind.value if row.kind is not None else HOLE


def region_mark(row: RegionRow) -> str:
    """Return the sign before the row: + new, - gone, ~ changed."""
    if row.change is not None:
        return change_mark(row.change)
    return change_mark(ChangeKind.GREW) if row.jump else ""


def region_tone(row: RegionRow) -> Tone | None:
    """Return the tone of the whole row while a change is fresh; holes are dim."""
    if row.region is None:
        return Tone.DIM
    if row.change is not None:
        return change_tone(row.change)
    return change_tone(ChangeKind.GREW) if row.jump else None


def change_note(kind: ChangeKind, delta: int, age: int) -> str:
    """Describe a recent change: `new, 2 s ago`, `grew +100M, 1 s ago`."""
    return f"{change_word(kind, delta)}, {age} s ago"


def _deleted(row: RegionRow) -> Line:
    return line(span(" (deleted)", Tone.DIM)) if row.region is not None and row.region.deleted else EMPTY


def _what(row: RegionRow) -> Line:
    guess = line(span("looks like ", Tone.DIM)) if row.region is not None and row.region.is_inferred else EMPTY
    role = row.role
    supposed = role is not None and not role.sure and row.name == role_name(role)
    return (*guess, span(f"{role.name}?" if supposed and role is not None else row.name), *_deleted(row))


def _short_what(row: RegionRow) -> Line:
    """Return the same in fewer cells; of threads, the number comes first, since that identifies them."""
    role = row.role
    if row.region is not None and row.region.is_inferred:
        return line(span(f"{row.name}?"))
    if role is None or not row.name or row.name != role_name(role):
        return (span(short_file_name(row.name)), *_deleted(row))
    if not role.sure:
        whose, owns, _ = role.name.partition("'s ")
        return line(span(f"{whose}'s?" if owns else f"{role.name}?"))
    return line(span(", ".join(f"{each.tid} {each.name}".rstrip() for each in role.threads) or role.name))


def _short_kind(row: RegionRow) -> Line:
    """Leave out the owner of a reserve, which the column WHAT shows."""
    return line(span(kind_name(row).rpartition(" ")[2], Tone.DIM if row.kind is None else kind_tone(row.kind)))


def _delta(row: RegionRow) -> Line:
    delta = row.jump or row.delta
    if delta:
        return line(span(signed_size(delta), region_tone(row) or Tone.NORMAL))
    return EMPTY if row.change is None else line(span(_SHORT.get(row.change, "~"), change_tone(row.change)))


_SHORT = {
    ChangeKind.MOVED: "moved",
    ChangeKind.SPLIT: "split",
    ChangeKind.MERGED: "merged",
    ChangeKind.PROTECTION: "perms",
    ChangeKind.FLAGS: "flags",
    ChangeKind.RENAMED: "name",
    ChangeKind.REPLACED: "other",
}


def rss_growth(row: RegionRow) -> float | None:
    """Return the bytes of memory gained per minute; None for a hole, or if it is too early to tell."""
    if row.region is None or row.ghost or row.counter("Rss") is None:
        return None
    return 0.0 if row.growth is None else row.growth.rss_per_minute


def size_growth(row: RegionRow) -> float | None:
    """Return the bytes of address space gained per minute."""
    if row.region is None or row.ghost:
        return None
    return 0.0 if row.growth is None else row.growth.size_per_minute


def _rate(per_minute: float | None) -> Line:
    if per_minute is None:
        return DASH
    count = round(per_minute)
    return (
        line(span(signed_size(count), Tone.BRIGHT if count > 0 else Tone.NORMAL))
        if count
        else line(span("0", Tone.DIM))
    )


def _kind(row: RegionRow) -> Line:
    return line(span(kind_name(row), Tone.DIM if row.kind is None else kind_tone(row.kind)))


def _tone(row: RegionRow, counter: str) -> Tone:
    return Tone.DIM if row.is_older(counter) else Tone.NORMAL


def _counter_column(name: str, title: str, priority: int) -> Column[RegionRow]:
    return Column(
        title.casefold(),
        title,
        5,
        lambda row: size_cell(row.counter(name), _tone(row, name)),
        sort=lambda row: row.counter(name),
        align="right",
        descending=True,
        priority=priority,
        help=f"{name} of smaps: {COUNTERS[name]}.",
    )


REGION_COLUMNS: tuple[Column[RegionRow], ...] = (
    Column(
        "start",
        "START",
        ADDRESS_CELLS,
        lambda row: address_cell(row.range.start),
        sort=lambda row: row.range,
        align="right",
        wide=WHOLE_ADDRESS_CELLS,
        frozen=True,
        help="The first address, hexadecimal.",
    ),
    Column(
        "end",
        "END",
        ADDRESS_CELLS,
        lambda row: address_cell(row.range.end),
        sort=lambda row: row.range.end,
        align="right",
        wide=WHOLE_ADDRESS_CELLS,
        priority=9,
        help="The first address after it.",
    ),
    Column(
        "size",
        "SIZE",
        5,
        lambda row: size_line(row.range.size),
        sort=lambda row: row.range.size,
        align="right",
        descending=True,
        help="Address space, touched or not.",
    ),
    Column(
        "perm",
        "PERM",
        4,
        lambda row: perms_line(row.region.perms) if row.region is not None else EMPTY,
        sort=lambda row: row.region.perms if row.region is not None else None,
        help="read, write, execute; p private (copied when written) or s shared.",
    ),
    _counter_column("Rss", "RSS", 0),
    Column(
        "growth",
        "GROWTH",
        6,
        lambda row: _rate(rss_growth(row)),
        sort=rss_growth,
        align="right",
        descending=True,
        priority=3,
        help="Memory (RSS) gained per minute, since you began watching or since you pressed 0.",
    ),
    _counter_column("Pss", "PSS", 5),
    Column(
        "dirty",
        "DIRTY",
        5,
        lambda row: size_cell(row.dirty, _tone(row, "Private_Dirty")),
        sort=lambda row: row.dirty,
        align="right",
        descending=True,
        priority=6,
        help="Private_Dirty + Shared_Dirty of smaps: pages that were written.",
    ),
    _counter_column("Swap", "SWAP", 7),
    Column(
        "offset",
        "OFFSET",
        9,
        lambda row: line(hexadecimal(row.region.offset)) if row.region is not None and row.region.inode else DASH,
        sort=lambda row: row.region.offset if row.region is not None and row.region.inode else None,
        align="right",
        priority=8,
        help="Where it begins in the file; a dash if it has no file.",
    ),
    Column(
        "sizegrowth",
        "SIZE/M",
        6,
        lambda row: _rate(size_growth(row)),
        sort=size_growth,
        align="right",
        descending=True,
        priority=10,
        help="Address space gained per minute, since you began watching or since you pressed 0.",
    ),
    Column(
        "delta",
        "DELTA",
        6,
        _delta,
        sort=lambda row: row.jump or row.delta,
        align="right",
        descending=True,
        priority=4,
        help="What a recent change added or removed: address space, or else memory; or what else happened.",
    ),
    Column(
        "kind",
        "KIND",
        8,
        _kind,
        sort=kind_name,
        wide=13,
        priority=2,
        help="What it is for: code, data, heap ...",
        short=_short_kind,
    ),
    Column(
        "what",
        "WHAT",
        10,
        _what,
        sort=lambda row: row.name,
        flexible=True,
        wide=26,
        frozen=True,
        short=_short_what,
        help="The file, or the kernel's name for it; a ? marks what it only looks like.",
    ),
)
