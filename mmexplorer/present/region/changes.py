"""The Changes tab: how the map changed, when, and by how much."""

from collections.abc import Callable, Hashable, Mapping, Sequence

from mmexplorer.model.changes import Change, ChangeHistory, ChangeKind, Event
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.region import Range, Region
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.region.address import region_name
from mmexplorer.present.region.kernel_words import flag_words
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import address_range, signed_size, time_of_day
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

_MARKS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-"}
_TONES = {ChangeKind.ADDED: Tone.ADDED, ChangeKind.REMOVED: Tone.REMOVED}
_WORDS = {ChangeKind.ADDED: "new", ChangeKind.REMOVED: "gone"}

_TIMES = "\N{MULTIPLICATION SIGN}"

NO_CHANGES: Line = line(span("The map was the same at every look.", Tone.DIM))

ONE_MOMENT: Line = line(span("The file is one moment: what changed isn't in it.", Tone.DIM))
"""Instead, for a core file, a text, or a capture with a single moment."""


class ChangeRow(NamedTuple):
    """A change of the map, or several of the same kind to one region in succession."""

    event: Event
    """The newest."""
    name: str
    """The region it happened to; not cleaned."""
    first: Event | None = None
    """The oldest; None if there is only one."""
    times: int = 1
    delta: int = 0
    """Bytes of address space gained in total."""
    maker: str = ""
    """Who made it, if a trace recorded it; not cleaned."""

    @property
    def key(self) -> tuple[float, ChangeKind, Range]:
        """The identity of the row: one refresh finds at most one change of a kind at a range."""
        oldest = self.first or self.event
        return (oldest.clock, oldest.change.kind, oldest.change.range)


def change_mark(kind: ChangeKind) -> str:
    """Return the sign before a change: + new, - gone, ~ anything else."""
    return _MARKS.get(kind, "~")


def change_tone(kind: ChangeKind) -> Tone:
    """Return the tone of a change."""
    return _TONES.get(kind, Tone.CHANGED)


def change_word(kind: ChangeKind, delta: int) -> str:
    """Describe a change in a word or two: `new`, `gone`, `grew +100M`; `delta` is in bytes."""
    if kind in _WORDS:
        return _WORDS[kind]
    return f"{kind.value} {signed_size(delta)}" if delta else kind.value


def change_rows(history: ChangeHistory, layout: Layout) -> tuple[ChangeRow, ...]:
    """Return the history, newest first; `layout` names the owners of bss and data.

    Successive changes of the same kind to one region share a row.
    """
    rows: dict[int, ChangeRow] = {}
    going_on: dict[Hashable, int] = {}
    for number, event in enumerate(history.events):
        before = rows.pop(going_on.pop(_continues(event.change), -1), None)
        rows[number] = _continued(before, event)
        going_on[_continued_by(event.change)] = number
    return tuple(row._replace(name=_name(row.event.change, layout)) for row in reversed(rows.values()))


def _continued(row: ChangeRow | None, event: Event) -> ChangeRow:
    if row is None:
        return ChangeRow(event, "", delta=event.change.delta)
    return ChangeRow(event, "", row.first or row.event, row.times + 1, row.delta + event.change.delta)


def _continues(change: Change) -> Hashable:
    """Return the key under which an earlier change is continued by this one."""
    if change.kind in _MARKS:
        return _continued_by(change)
    return change.kind, tuple(region.range for region in change.before)


def _continued_by(change: Change) -> Hashable:
    return change.kind, tuple(region.range for region in change.after or change.before)


class MappedBy(NamedTuple):
    """A mapping recorded by a trace, and who made it."""

    range: Range
    maker: str


def with_makers(
    rows: Sequence[ChangeRow], makers: Sequence[MappedBy], began: float, until: float
) -> tuple[ChangeRow, ...]:
    """Name who made the changes seen at least partly between `began` and `until` (monotonic)."""
    return tuple(
        row._replace(maker=_maker(row.event.change, makers))
        if (row.first or row.event).clock <= until and began <= row.event.clock
        else row
        for row in rows
    )


def _maker(change: Change, makers: Sequence[MappedBy]) -> str:
    """Return who last mapped part of the changed region: the event covers the whole region."""
    found = (
        each.maker
        for each in reversed(makers)
        for region in change.after
        if each.range.start < region.end and region.start < each.range.end
    )
    return next(found, "")


def _name(change: Change, layout: Layout) -> str:
    names = (region_name(region, layout.matches.get(region.start)) for region in change.after + change.before)
    return next((name for name in names if name), "")


def change_detail(change: Change) -> str:
    """Describe a change exactly: "rw-p", "downward", "1 → 3 regions", "rw-p → r--p". Not cleaned."""
    return _DETAILS[change.kind](change)


def _grew(change: Change) -> str:
    return _ends(change, "downward", "upward", "in both directions")


def _shrank(change: Change) -> str:
    return _ends(change, "from its start", "from its end", "from both ends")


def _ends(change: Change, at_start: str, at_end: str, at_both: str) -> str:
    same_start = change.before[0].start == change.after[0].start
    same_end = change.before[-1].end == change.after[-1].end
    if same_start == same_end:
        return at_both
    return at_end if same_start else at_start


def _perms(regions: tuple[Region, ...]) -> str:
    return " ".join(dict.fromkeys(region.perms for region in regions))


def _pieces(change: Change) -> str:
    return f"{len(change.before)} → {len(change.after)} regions"


def _names(change: Change) -> str:
    return f"{_called(change.before[0])} → {_called(change.after[0])}"


def _called(region: Region) -> str:
    return f"{region.name or 'no name'}{' (deleted)' if region.deleted else ''}"


def _flags(change: Change) -> str:
    gained = [f"+{flag} {flag_words(flag)}" for flag in change.flags_after if flag not in change.flags_before]
    lost = [f"-{flag} {flag_words(flag)}" for flag in change.flags_before if flag not in change.flags_after]
    return ", ".join(gained + lost)


_DETAILS: Mapping[ChangeKind, Callable[[Change], str]] = {
    ChangeKind.ADDED: lambda change: _perms(change.after),
    ChangeKind.REMOVED: lambda change: _perms(change.before),
    ChangeKind.GREW: _grew,
    ChangeKind.SHRANK: _shrank,
    ChangeKind.MOVED: lambda change: f"from {address_range(*change.before[0].range)}",
    ChangeKind.SPLIT: _pieces,
    ChangeKind.MERGED: _pieces,
    ChangeKind.PROTECTION: lambda change: f"{_perms(change.before)} → {_perms(change.after)}",
    ChangeKind.FLAGS: _flags,
    ChangeKind.RENAMED: _names,
    ChangeKind.REPLACED: _names,
}


def _time(row: ChangeRow) -> Line:
    return line(span(time_of_day(row.event.taken_at), Tone.DIM))


def _what(row: ChangeRow) -> Line:
    kind = row.event.change.kind
    times = line(span(f" {_TIMES}{row.times}", Tone.BRIGHT)) if row.times > 1 else EMPTY
    return (span(kind.value, change_tone(kind)), *times)


def _by(row: ChangeRow) -> Line:
    delta = row.delta
    return line(span(signed_size(delta), Tone.BRIGHT if delta else Tone.DIM))


def _was(row: ChangeRow) -> Line:
    detail = change_detail(row.event.change)
    maker = span(f"  {row.maker}" if row.maker else "", Tone.ACCENT)
    return line(span(row.name), span("  " if row.name else ""), span(detail, Tone.DIM), maker)


CHANGE_COLUMNS: tuple[Column[ChangeRow], ...] = (
    Column("time", "TIME", 8, _time, sort=lambda row: row.event.taken_at, descending=True, help="When it was seen."),
    Column("what", "WHAT", 23, _what, sort=lambda row: row.event.change.kind.value, help="What happened."),
    Column(
        "by",
        "BY",
        6,
        _by,
        sort=lambda row: row.delta,
        align="right",
        descending=True,
        help="Bytes of address space gained or lost, in all.",
    ),
    Column(
        "range",
        "RANGE",
        25,
        lambda row: line(address_range(*row.event.change.range)),
        sort=lambda row: row.event.change.range,
        priority=1,
        help="The addresses involved, before and after.",
    ),
    Column("detail", "TO WHAT, AND HOW", 16, _was, flexible=True, help="The region, and what exactly changed."),
)
