"""Totals of the regions of a process: of all, for the title; by kind, file and name, for the Totals tab."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import reduce
from types import MappingProxyType

from mmexplorer.model.region import RegionKind, Usage
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.typed import Any
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.region.kinds import kind_tone
from mmexplorer.present.region.row import RegionFacts, dirty_of
from mmexplorer.present.text.cells import number_cell, size_cell
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


class Totals(NamedTuple):
    """In bytes, except for the count."""

    regions: int
    vsz: int
    """The address space of the regions, without `[vsyscall]`, which belongs to the kernel and isn't part of VmSize."""
    rss: int | Unavailable
    """As `resident` returns it."""
    pss: int | Unavailable
    """The sum from the last reading of smaps, or why there is none."""


def totals(space: AddressSpace) -> Totals:
    """Return the totals of the regions of `space`."""
    return Totals(
        regions=len(space.regions),
        vsz=sum(region.size for region in space.regions if not region.kernels_own),
        rss=resident(space),
        pss=_sum_of(space.counters, "Pss"),
    )


def totals_after(before: Totals | None, sums: "GroupSums", space: AddressSpace, last: AddressSpace | None) -> Totals:
    """Return the totals from sums by group; `before` are those of the `last` refresh."""
    vsz = sum(each.size for group, each in sums.items() if group.by is By.KIND and group != _VSYSCALL)
    same = before is not None and last is not None and same_counters(space.counters, last.counters)
    pss = before.pss if before is not None and same else _sum_of(space.counters, "Pss")
    return Totals(len(space.regions), vsz, resident(space), pss)


def same_counters(now: Counters | Unavailable, before: Counters | Unavailable) -> bool:
    """Return whether two refreshes have the same counters, because smaps was unchanged or wasn't read again."""
    if isinstance(now, Counters) and isinstance(before, Counters):
        return now.by_range is before.by_range
    return now is before


def resident(space: AddressSpace) -> int | Unavailable:
    """Return the resident bytes according to statm, which are as fresh as the regions.

    Of a process that has ended they are the last ones read: a zombie's statm says 0. Where there is no statm, as in a
    pasted smaps, they are the sum of the regions'.
    """
    last = space.process.rss if space.ended_at is not None else None
    rss = last or space.unavailable or space.process.rss
    if rss is space.process.rss and isinstance(rss, Unavailable) and isinstance(space.counters, Counters):
        return _sum_of(space.counters, "Rss")
    return rss


def _sum_of(counters: Counters | Unavailable, name: str) -> int | Unavailable:
    if isinstance(counters, Unavailable):
        return counters
    values = [value for usage in counters.by_range.values() if (value := usage.get(name)) is not None]
    return sum(values) if values else Unavailable(Cause.UNSUPPORTED, f"this kernel doesn't give {name}")


def totals_line(sums: Totals, listed: "TotalRow | None" = None, pss: Tone = Tone.BRIGHT) -> Line:
    """Return the totals for the pane's title: `61 · VSZ 113M · RSS 9.1M · PSS 7.0M`.

    With the totals of the `listed` regions: `8 of 61 · VSZ 2.1M of 113M`. `pss` is the tone of its figures.
    """
    of = () if listed is None else (span(f"{listed.regions:,} of ", Tone.WARN),)
    parts: Line = (*of, span(f"{sums.regions:,}"))
    columns = (
        ("VSZ", "size", sums.vsz, Tone.BRIGHT),
        ("RSS", "rss", sums.rss, Tone.BRIGHT),
        ("PSS", "pss", sums.pss, pss),
    )
    for name, field, count, tone in columns:
        part = () if listed is None else (*size_cell(getattr(listed, field), tone), span(" of ", Tone.DIM))
        parts += (span(f" · {name} ", Tone.DIM), *part, *size_cell(count, tone))
    return parts


class By(Enum):
    """How regions are grouped; each has a kind, and a file or a name."""

    KIND = "kind"
    FILE = "path"
    NAME = "name"
    """What memory without a file is, as in the column WHAT."""


class Group(NamedTuple):
    """A group of regions."""

    by: By
    value: str
    """As in the filter."""


_VSYSCALL = Group(By.KIND, RegionKind.VSYSCALL.value)
_NAMED_BY_THREAD = frozenset({RegionKind.STACK, RegionKind.GUARD})
"""Kinds whose names only identify their thread."""
_TITLES = {By.KIND: "kind", By.FILE: "file", By.NAME: "name"}
_ORDER = {by: place for place, by in enumerate(By)}


class TotalRow(NamedTuple):
    """The regions of one group; sizes in bytes, None if the counter isn't known for any of them."""

    group: Group | None
    """None for the total."""
    regions: int
    size: int
    rss: int | None
    pss: int | None
    dirty: int | None
    swap: int | None
    unknown: int = 0
    """Regions without counters, which are missing from the sums."""
    older: int = 0
    """Regions that changed since their counters were read."""


_COUNTERS = ("Rss", "Pss", "dirty", "Swap")


class GroupSum(NamedTuple):
    """The totals of a group; they can be added and subtracted."""

    regions: int = 0
    size: int = 0
    sums: tuple[int, ...] = (0,) * len(_COUNTERS)
    """Of Rss, Pss, dirty and Swap, over the regions that have them."""
    known: tuple[int, ...] = (0,) * len(_COUNTERS)
    """How many regions have each."""
    older: int = 0

    def plus(self, other: "GroupSum", sign: int = 1) -> "GroupSum":
        """Add another, or subtract it with a `sign` of -1."""
        return GroupSum(
            self.regions + sign * other.regions,
            self.size + sign * other.size,
            tuple(mine + sign * its for mine, its in zip(self.sums, other.sums, strict=True)),
            tuple(mine + sign * its for mine, its in zip(self.known, other.known, strict=True)),
            self.older + sign * other.older,
        )


GroupSums = Mapping[Group, GroupSum]
NO_SUMS: GroupSums = MappingProxyType({})


def group_sums(came: Iterable[RegionFacts], went: Iterable[RegionFacts] = (), before: GroupSums = NO_SUMS) -> GroupSums:
    """Return the totals of each group: those of `before`, minus the rows that `went`, plus those that `came`."""
    sums = dict(before)
    for sign, rows in ((-1, went), (1, came)):
        for group, members in _by_group(rows):
            sums[group] = sums.get(group, GroupSum()).plus(_sum(members), sign)
    return {group: sum_ for group, sum_ in sums.items() if sum_.regions}


class _Members:
    """What is added up of the regions of a group."""

    def __init__(self) -> None:
        self.regions = 0
        self.size = 0
        self.usages: list[Usage] = []
        """Of those whose counters are known."""
        self.changed: list[Usage] = []
        """Of those that changed since smaps was read."""

    def add(self, row: RegionFacts, usage: Usage | None) -> None:
        """Add a region."""
        self.regions += 1
        self.size += row.size
        if usage is not None:
            self.usages.append(usage)
            if row.known is not None:
                self.changed.append(usage)


def _by_group(rows: Iterable[RegionFacts]) -> Iterator[tuple[Group, _Members]]:
    """Yield the groups; their names are made once each, not for each of 65,000 rows."""
    kinds, files, names = (defaultdict[Any, _Members](_Members) for _ in By)
    for row in rows:
        region, kind, usage = row.region, row.kind, row.usage
        if region is None or kind is None or row.ghost:
            continue
        kinds[kind].add(row, usage)
        if region.inode:
            files[region.path].add(row, usage)
        elif kind not in _NAMED_BY_THREAD:
            names[row.name].add(row, usage)
    yield from ((Group(By.KIND, kind.value), members) for kind, members in kinds.items())
    yield from ((Group(By.FILE, path), members) for path, members in files.items())
    yield from ((Group(By.NAME, name), members) for name, members in names.items())


def _sum(members: _Members) -> GroupSum:
    """Add up; thousands of regions may share one object with their counters."""
    many = Counter(map(id, members.usages))
    usages = {id(usage): usage for usage in members.usages}
    counts = [
        [(count, many[key]) for key, usage in usages.items() if (count := _count(usage, name)) is not None]
        for name in _COUNTERS
    ]
    return GroupSum(
        members.regions,
        members.size,
        tuple(sum(count * times for count, times in each) for each in counts),
        tuple(sum(times for _, times in each) for each in counts),
        sum(usage.get("Rss") is not None for usage in members.changed),
    )


def _count(usage: Usage, name: str) -> int | None:
    return dirty_of(usage) if name == "dirty" else usage.get(name)


NOTHING_LISTED = TotalRow(None, 0, 0, 0, 0, 0, 0)


def total_filter(row: TotalRow, within: str = "") -> str:
    """Return the filter that lists a row's regions; "" for all. `within`: the filter that they were counted under."""
    if row.group is None:
        return ""
    field, value = row.group.by.value, row.group.value
    # The filter syntax has no escape for a quote: the text around it is enough.
    parts = [f'{field}:"{part}"' for part in value.split('"') if part]
    words = " ".join(parts) if '"' in value else f"{field}={_quoted(value)}"
    if row.group.by is By.NAME:
        words += " inode=0"  # a file's bss is named after it
    return words if not within or within == words else f"{within} {words}"


def _quoted(value: str) -> str:
    return value if value and value.replace("_", "").isalnum() else f'"{value}"'


def total_rows(sums: GroupSums, rss: int | Unavailable | None = None) -> tuple[TotalRow, ...]:
    """Return the rows: the total, then kinds, files and names, each with the largest RSS first.

    `rss` is the total of the process, which is known without reading its counters.
    """
    if not sums:
        return ()
    rows = [(group, _total_row(group, each)) for group, each in sums.items()]
    rows.sort(key=lambda pair: (_ORDER[pair[0].by], -(pair[1].rss or 0), -pair[1].size, pair[0].value))
    total = _total_row(None, reduce(GroupSum.plus, (each for group, each in sums.items() if group.by is By.KIND)))
    return (total._replace(rss=rss) if isinstance(rss, int) else total, *(row for _, row in rows))


class AddedUp:
    """The rows of the totals, made when they are first asked for: mostly nobody looks at them."""

    __slots__ = ("_made", "_rss", "_sums")

    def __init__(self, sums: GroupSums = NO_SUMS, rss: int | Unavailable | None = None) -> None:
        """Keep what `total_rows` makes them of."""
        self._sums = sums
        self._rss = rss
        self._made: tuple[TotalRow, ...] | None = None

    @property
    def rows(self) -> tuple[TotalRow, ...]:
        """The rows; the same objects each time."""
        if self._made is None:
            self._made = total_rows(self._sums, self._rss)
        return self._made


def _total_row(group: Group | None, of: GroupSum) -> TotalRow:
    """Return the row of a group, including how many regions its sums lack."""
    rss, pss, dirty, swap = (total if count else None for total, count in zip(of.sums, of.known, strict=True))
    return TotalRow(group, of.regions, of.size, rss, pss, dirty, swap, unknown=of.regions - of.known[0], older=of.older)


def _by(row: TotalRow) -> Line:
    return line(span("all", Tone.BRIGHT)) if row.group is None else line(span(_TITLES[row.group.by], Tone.DIM))


def _what(row: TotalRow) -> Line:
    if row.group is None:
        return EMPTY
    by, value = row.group
    if by is By.KIND:
        return line(span(value, kind_tone(RegionKind(value))))
    if by is By.NAME:
        return line(span(value) if value else span("nothing tells", Tone.DIM))
    folder, slash, name = value.rpartition("/")
    return line(span(name), span(f"  {folder}{slash}" if folder else "", Tone.DIM))


def _note(row: TotalRow) -> Line:
    notes = [
        f"{count} {words}"
        for count, words in ((row.unknown, "without counters"), (row.older, "changed since smaps was read"))
        if count
    ]
    return line(span(", ".join(notes), Tone.DIM))


TOTAL_COLUMNS: tuple[Column[TotalRow], ...] = (
    Column("by", "BY", 4, _by, help="Kind, file, or the name of memory without a file. Enter lists the regions."),
    Column("what", "WHAT", 16, _what, wide=56, help="Which of them."),
    Column("regions", "REGIONS", 7, lambda row: number_cell(row.regions), align="right", help="How many there are."),
    Column("size", "SIZE", 6, lambda row: size_cell(row.size), align="right", help="Address space."),
    Column("rss", "RSS", 6, lambda row: size_cell(row.rss, Tone.BRIGHT), align="right", help="In memory now."),
    Column("pss", "PSS", 6, lambda row: size_cell(row.pss), align="right", help="The fair share of it."),
    Column("dirty", "DIRTY", 6, lambda row: size_cell(row.dirty), align="right", help="Written pages."),
    Column("swap", "SWAP", 6, lambda row: size_cell(row.swap), align="right", help="Swapped out."),
    Column(
        "note",
        "NOTE",
        8,
        _note,
        flexible=True,
        help="How many regions the sums leave out, or count as they were before.",
    ),
)
