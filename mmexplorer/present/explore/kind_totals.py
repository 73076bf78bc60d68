"""The Totals tab: what each kind of region adds up to."""

from collections.abc import Iterable
from typing import NamedTuple

from mmexplorer.model.region import RegionKind
from mmexplorer.present.region.kinds import kind_tone
from mmexplorer.present.region.table import RegionRow
from mmexplorer.present.text.cells import number_cell, size_cell
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import Line, Tone, line, span

NO_TOTALS: Line = line(span("There are no regions to add up.", Tone.DIM))


class KindRow(NamedTuple):
    """The regions of one kind; sizes in bytes, None where a counter isn't known of all of them."""

    kind: RegionKind | None
    """None for the sum of all kinds."""
    regions: int
    size: int
    rss: int | None
    pss: int | None
    dirty: int | None
    swap: int | None


def kind_rows(rows: Iterable[RegionRow]) -> tuple[KindRow, ...]:
    """Add up the regions by kind, the largest resident first, and all of them at the top."""
    by_kind: dict[RegionKind, list[RegionRow]] = {}
    for row in rows:
        if row.region is not None and row.kind is not None and not row.ghost:
            by_kind.setdefault(row.kind, []).append(row)
    kinds = sorted((_sum(kind, group) for kind, group in by_kind.items()), key=lambda row: -(row.rss or 0))
    every = [row for group in by_kind.values() for row in group]
    return (_sum(None, every), *kinds) if every else ()


def _sum(kind: RegionKind | None, rows: list[RegionRow]) -> KindRow:
    return KindRow(
        kind,
        len(rows),
        sum(row.range.size for row in rows),
        _known(row.counter("Rss") for row in rows),
        _known(row.counter("Pss") for row in rows),
        _known(row.dirty for row in rows),
        _known(row.counter("Swap") for row in rows),
    )


def _known(counts: Iterable[int | None]) -> int | None:
    """Add up, unless one of them isn't known: a partial sum would pass for a whole one."""
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total


def _kind(row: KindRow) -> Line:
    return line(span("all", Tone.BRIGHT) if row.kind is None else span(row.kind.value, kind_tone(row.kind)))


KIND_COLUMNS: tuple[Column[KindRow], ...] = (
    Column("kind", "KIND", 8, _kind, help="What the regions are for."),
    Column("regions", "REGIONS", 7, lambda row: number_cell(row.regions), align="right", help="How many there are."),
    Column("size", "SIZE", 6, lambda row: size_cell(row.size), align="right", help="Address space."),
    Column("rss", "RSS", 6, lambda row: size_cell(row.rss, Tone.BRIGHT), align="right", help="In memory now."),
    Column("pss", "PSS", 6, lambda row: size_cell(row.pss), align="right", help="The fair share of it."),
    Column("dirty", "DIRTY", 6, lambda row: size_cell(row.dirty), align="right", help="Written pages."),
    Column("swap", "SWAP", 6, lambda row: size_cell(row.swap), align="right", help="Swapped out."),
)
