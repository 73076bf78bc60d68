"""What the regions of a process add up to: in all, for the title, and by kind, for the Totals tab."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple

from mmexplorer.model.region import RegionKind
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.region.kinds import kind_tone
from mmexplorer.present.region.table import RegionRow
from mmexplorer.present.text.cells import number_cell, size_cell
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import Line, Tone, line, span

NO_TOTALS: Line = line(span("There are no regions to add up.", Tone.DIM))


class Totals(NamedTuple):
    """Bytes, but for the count."""

    regions: int
    vsz: int
    """The address space of the regions. `[vsyscall]` isn't counted: it belongs to the kernel, not to VmSize."""
    rss: int | Unavailable
    """From statm: as fresh as the regions; or why there is none, once the process is gone."""
    pss: int | Unavailable
    """The sum of the last reading of smaps, or why there is none."""


def totals(space: AddressSpace) -> Totals:
    """Add up the regions of `space`."""
    return Totals(
        regions=len(space.regions),
        vsz=sum(region.size for region in space.regions if not region.kernels_own),
        rss=resident(space),
        pss=_pss(space.counters),
    )


def totals_after(before: Totals | None, sums: "KindSums", space: AddressSpace, last: AddressSpace | None) -> Totals:
    """Give the totals of regions that are added up by kind already; `before` are those of the `last` look."""
    vsz = sum(each.size for kind, each in sums.items() if kind is not RegionKind.VSYSCALL)
    same = before is not None and last is not None and same_counters(space.counters, last.counters)
    pss = before.pss if before is not None and same else _pss(space.counters)
    return Totals(len(space.regions), vsz, resident(space), pss)


def same_counters(now: Counters | Unavailable, before: Counters | Unavailable) -> bool:
    """Whether smaps said the same at two looks, or wasn't read again."""
    if isinstance(now, Counters) and isinstance(before, Counters):
        return now.by_range is before.by_range
    return now is before


def resident(space: AddressSpace) -> int | Unavailable:
    """Give the resident bytes; none of a process that is gone: a zombie's statm says 0, unlike its last map."""
    return space.unavailable or space.process.rss


def _pss(counters: Counters | Unavailable) -> int | Unavailable:
    if isinstance(counters, Unavailable):
        return counters
    shares = [share for usage in counters.by_range.values() if (share := usage.get("Pss")) is not None]
    return sum(shares) if shares else Unavailable(Cause.UNSUPPORTED, "this kernel doesn't give Pss")


def totals_line(sums: Totals, listed: "KindRow | None" = None) -> Line:
    """Sum up for the title of the pane: `61 · VSZ 113M · RSS 9.1M · PSS 7.0M`.

    With what is `listed` of them, the sums of that: `8 of 61 · VSZ 2.1M of 113M`.
    """
    of = () if listed is None else (span(f"{listed.regions:,} of ", Tone.WARN),)
    parts: Line = (*of, span(f"{sums.regions:,}"))
    columns = (("VSZ", "size", sums.vsz), ("RSS", "rss", sums.rss), ("PSS", "pss", sums.pss))
    for name, field, count in columns:
        part = () if listed is None else (*size_cell(getattr(listed, field), Tone.BRIGHT), span(" of ", Tone.DIM))
        parts += (span(f" · {name} ", Tone.DIM), *part, *size_cell(count, Tone.BRIGHT))
    return parts


class KindRow(NamedTuple):
    """The regions of one kind; sizes in bytes, None where a counter isn't known of any of them."""

    kind: RegionKind | None
    """None for the sum of all kinds."""
    regions: int
    size: int
    rss: int | None
    pss: int | None
    dirty: int | None
    swap: int | None
    unknown: int = 0
    """Regions without counters: they are missing from the sums."""
    older: int = 0
    """Regions that changed since their counters were read."""


_COUNTERS = ("Rss", "Pss", "dirty", "Swap")


class KindSum(NamedTuple):
    """What regions of one kind add up to; sums can be added and taken away."""

    regions: int = 0
    size: int = 0
    sums: tuple[int, ...] = (0,) * len(_COUNTERS)
    """Of Rss, Pss, dirty and Swap, of the regions that know them."""
    known: tuple[int, ...] = (0,) * len(_COUNTERS)
    """How many regions know each."""
    older: int = 0

    def plus(self, other: "KindSum", sign: int = 1) -> "KindSum":
        """Add another, or take it away with a `sign` of -1."""
        return KindSum(
            self.regions + sign * other.regions,
            self.size + sign * other.size,
            tuple(mine + sign * its for mine, its in zip(self.sums, other.sums, strict=True)),
            tuple(mine + sign * its for mine, its in zip(self.known, other.known, strict=True)),
            self.older + sign * other.older,
        )


KindSums = Mapping[RegionKind, KindSum]
NO_SUMS: KindSums = MappingProxyType({})


def kind_sums(came: Iterable[RegionRow], went: Iterable[RegionRow] = (), before: KindSums = NO_SUMS) -> KindSums:
    """Add up the regions by kind: what they were `before`, without the rows that `went`, with those that `came`."""
    sums = dict(before)
    for sign, rows in ((-1, went), (1, came)):
        for kind, sum_ in _by_kind(rows).items():
            sums[kind] = sums.get(kind, KindSum()).plus(sum_, sign)
    return {kind: sum_ for kind, sum_ in sums.items() if sum_.regions}


def _by_kind(rows: Iterable[RegionRow]) -> KindSums:
    groups: dict[RegionKind, list[RegionRow]] = {}
    for row in rows:
        if row.region is not None and row.kind is not None and not row.ghost:
            groups.setdefault(row.kind, []).append(row)
    return {kind: _sum(group) for kind, group in groups.items()}


def _sum(rows: Sequence[RegionRow]) -> KindSum:
    counts = [
        [count for row in rows if (count := row.dirty if name == "dirty" else row.counter(name)) is not None]
        for name in _COUNTERS
    ]
    return KindSum(
        len(rows),
        sum(row.range.size for row in rows),
        tuple(map(sum, counts)),
        tuple(map(len, counts)),
        sum(row.known is not None and row.counter("Rss") is not None for row in rows),
    )


NOTHING_LISTED = KindRow(None, 0, 0, 0, 0, 0, 0)


def kind_filter(row: KindRow) -> str:
    """Give the filter that lists the regions of a row; "" for all."""
    return "" if row.kind is None else f"kind={row.kind.value}"


def kind_rows(sums: KindSums, rss: int | Unavailable | None = None) -> tuple[KindRow, ...]:
    """Give the row of each kind, the largest resident first, and of all of them at the top.

    `rss` is what the process has in all, which is known without reading its counters.
    """
    if not sums:
        return ()
    kinds = sorted(
        (_kind_row(kind, each) for kind, each in sums.items()), key=lambda row: (-(row.rss or 0), -row.size, _kind(row))
    )
    total = _kind_row(None, reduce(KindSum.plus, sums.values()))
    return (total._replace(rss=rss) if isinstance(rss, int) else total, *kinds)


def _kind_row(kind: RegionKind | None, of: KindSum) -> KindRow:
    """Give the sums; the row says what is missing in them."""
    rss, pss, dirty, swap = (total if count else None for total, count in zip(of.sums, of.known, strict=True))
    return KindRow(kind, of.regions, of.size, rss, pss, dirty, swap, unknown=of.regions - of.known[0], older=of.older)


def _kind(row: KindRow) -> Line:
    return line(span("all", Tone.BRIGHT) if row.kind is None else span(row.kind.value, kind_tone(row.kind)))


def _note(row: KindRow) -> Line:
    notes = [
        f"{count} {words}"
        for count, words in ((row.unknown, "not counted yet"), (row.older, "changed since smaps was read"))
        if count
    ]
    return line(span(", ".join(notes), Tone.DIM))


KIND_COLUMNS: tuple[Column[KindRow], ...] = (
    Column("kind", "KIND", 8, _kind, help="What the regions are for."),
    Column("regions", "REGIONS", 7, lambda row: number_cell(row.regions), align="right", help="How many there are."),
    Column("size", "SIZE", 6, lambda row: size_cell(row.size), align="right", help="Address space."),
    Column("rss", "RSS", 6, lambda row: size_cell(row.rss, Tone.BRIGHT), align="right", help="In memory now."),
    Column("pss", "PSS", 6, lambda row: size_cell(row.pss), align="right", help="The fair share of it."),
    Column("dirty", "DIRTY", 6, lambda row: size_cell(row.dirty), align="right", help="Written pages."),
    Column("swap", "SWAP", 6, lambda row: size_cell(row.swap), align="right", help="Swapped out."),
    Column("note", "NOTE", 8, _note, flexible=True, help="How many regions the sums miss, or know as they were."),
)
