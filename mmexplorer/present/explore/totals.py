"""What the regions of a process add up to: in all, for the title, and by kind, for the Totals tab."""

from collections.abc import Iterable
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


def kind_rows(rows: Iterable[RegionRow], rss: int | Unavailable | None = None) -> tuple[KindRow, ...]:
    """Add up the regions by kind, the largest resident first, and all of them at the top.

    `rss` is what the process has in all, which is known without reading its counters.
    """
    by_kind: dict[RegionKind, list[RegionRow]] = {}
    for row in rows:
        if row.region is not None and row.kind is not None and not row.ghost:
            by_kind.setdefault(row.kind, []).append(row)
    kinds = sorted((_sum(kind, group) for kind, group in by_kind.items()), key=lambda row: -(row.rss or 0))
    every = [row for group in by_kind.values() for row in group]
    if not every:
        return ()
    total = _sum(None, every)
    return (total._replace(rss=rss) if isinstance(rss, int) else total, *kinds)


def _sum(kind: RegionKind | None, rows: list[RegionRow]) -> KindRow:
    return KindRow(
        kind,
        len(rows),
        sum(row.range.size for row in rows),
        _known(row.counter("Rss") for row in rows),
        _known(row.counter("Pss") for row in rows),
        _known(row.dirty for row in rows),
        _known(row.counter("Swap") for row in rows),
        unknown=sum(row.counter("Rss") is None for row in rows),
        older=sum(row.known is not None and row.counter("Rss") is not None for row in rows),
    )


NOTHING_LISTED = KindRow(None, 0, 0, 0, 0, 0, 0)


def kind_filter(row: KindRow) -> str:
    """Give the filter that lists the regions of a row; "" for all."""
    return "" if row.kind is None else f"kind={row.kind.value}"


def _known(counts: Iterable[int | None]) -> int | None:
    """Add up what is known; the row says what is missing."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


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
