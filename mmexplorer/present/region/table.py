"""The table of regions: its columns."""

from mmexplorer.model.changes import ChangeKind
from mmexplorer.present.region.address import role_name, short_file_name
from mmexplorer.present.region.changes import change_mark, change_tone, change_word
from mmexplorer.present.region.kernel_words import COUNTERS
from mmexplorer.present.region.kinds import kind_tone, perms_line
from mmexplorer.present.region.row import RegionFacts, kind_name, rss_growth, size_growth
from mmexplorer.present.text.cells import ADDRESS_CELLS, DASH, WHOLE_ADDRESS_CELLS, address_cell, size_cell, size_line
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import hexadecimal, signed_size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


def region_mark(row: RegionFacts) -> str:
    """Return the sign before the row: + new, - gone, ~ changed."""
    if row.change is not None:
        return change_mark(row.change)
    return change_mark(ChangeKind.GREW) if row.jump else ""


def region_tone(row: RegionFacts) -> Tone | None:
    """Return the tone of the whole row while a change is fresh; holes are dim."""
    if row.region is None:
        return Tone.DIM
    if row.change is not None:
        return change_tone(row.change)
    return change_tone(ChangeKind.GREW) if row.jump else None


def change_note(kind: ChangeKind, delta: int, age: int) -> str:
    """Describe a recent change: `new, 2 s ago`, `grew +100M, 1 s ago`."""
    return f"{change_word(kind, delta)}, {age} s ago"


def _deleted(row: RegionFacts) -> Line:
    return line(span(" (deleted)", Tone.DIM)) if row.region is not None and row.region.deleted else EMPTY


def _what(row: RegionFacts) -> Line:
    guess = line(span("looks like ", Tone.DIM)) if row.region is not None and row.region.is_inferred else EMPTY
    role = row.role
    supposed = role is not None and not role.sure and row.name == role_name(role)
    return (*guess, span(f"{role.name}?" if supposed and role is not None else row.name), *_deleted(row))


def _short_what(row: RegionFacts) -> Line:
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


def _short_kind(row: RegionFacts) -> Line:
    """Leave out the owner of a reserve, which the column WHAT shows."""
    return line(span(kind_name(row).rpartition(" ")[2], Tone.DIM if row.kind is None else kind_tone(row.kind)))


def _delta(row: RegionFacts) -> Line:
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


def _rate(per_minute: float | None) -> Line:
    if per_minute is None:
        return DASH
    count = round(per_minute)
    return (
        line(span(signed_size(count), Tone.BRIGHT if count > 0 else Tone.NORMAL))
        if count
        else line(span("0", Tone.DIM))
    )


def _kind(row: RegionFacts) -> Line:
    return line(span(kind_name(row), Tone.DIM if row.kind is None else kind_tone(row.kind)))


def _tone(row: RegionFacts, counter: str) -> Tone:
    return Tone.OLDER if row.is_older(counter) else Tone.NORMAL


def _counter_column(name: str, title: str, priority: int) -> Column[RegionFacts]:
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


REGION_COLUMNS: tuple[Column[RegionFacts], ...] = (
    Column(
        "start",
        "START",
        ADDRESS_CELLS,
        lambda row: address_cell(row.start),
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
        lambda row: address_cell(row.end),
        sort=lambda row: row.end,
        align="right",
        wide=WHOLE_ADDRESS_CELLS,
        priority=9,
        help="The first address after it.",
    ),
    Column(
        "size",
        "SIZE",
        5,
        lambda row: size_line(row.size),
        sort=lambda row: row.size,
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
)
