"""The Regions pane while two address spaces are compared: rows, totals and names."""

from collections.abc import Hashable, Iterator, Mapping, Sequence

from mmexplorer.model.capture.comparison import Amounts, Compared, Side, added, same_process
from mmexplorer.model.query import Query, ordered
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.capture.compared import Comparison, compare
from mmexplorer.present.capture.difference import DIFFERENCE_COLUMNS, DifferenceRow, difference_row, sums_row
from mmexplorer.present.explore.region_rows import RegionRows
from mmexplorer.present.explore.totals import same_counters
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.text.cells import size_line
from mmexplorer.present.text.format import address_range, time_of_day
from mmexplorer.present.text.keyed_rows import KeyedRows
from mmexplorer.present.text.line import Line, Tone, line, span

_PARTS = 6
"""Regions per side that the details list."""
_NOTHING = Amounts(0, 0, 0, 0, 0)


class DifferenceOptions(NamedTuple):
    """What to compare the current view with, and how to show it."""

    a: Side
    boot: str
    """The boot id of the current view."""
    query: Query = Query()
    sort: str = "rss_change"
    """The key of a column."""
    descending: bool = True
    unchanged: bool = False
    """Whether to include unchanged rows."""


class ShownRows(KeyedRows[DifferenceRow]):
    """Visible rows, and where each is, found out here and not in the event loop, as there may be tens of thousands."""

    __slots__ = ("_of_b", "_places", "_rows")

    def __init__(self, rows: Sequence[DifferenceRow] = ()) -> None:
        self._rows = rows
        self._places: Mapping[Hashable, int] = {row.key: place for place, row in enumerate(rows)}
        self._of_b = {
            each.region.start: place for place, row in enumerate(rows) if row.of is not None for each in row.of.b
        }

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> DifferenceRow:  # type: ignore[override] # nobody takes a slice
        return self._rows[index]

    def key_at(self, index: int) -> Hashable:
        """Return the key of the row at `index`."""
        return self._rows[index].key

    def index_of(self, key: Hashable) -> int | None:
        """Return the index of the row with `key`; None if there is none."""
        return self._places.get(key)

    def with_region(self, start: int) -> DifferenceRow | None:
        """Return the row that contains the region of B that starts there."""
        place = self._of_b.get(start)
        return None if place is None else self._rows[place]


class DifferenceView(NamedTuple):
    """The difference between A and the current view."""

    options: DifferenceOptions
    b: AddressSpace
    taken_at: float
    """When B was read, in seconds since the epoch; 0 if not known."""
    comparison: Comparison
    rows: tuple[DifferenceRow, ...]
    """All rows, changed or not."""
    differing: int
    """How many of them changed."""
    shown: ShownRows
    """The totals, then the filtered rows in order; empty if there is no difference."""


def difference_view(
    before: DifferenceView | None, b: AddressSpace | None, taken_at: float, options: DifferenceOptions | None
) -> DifferenceView | None:
    """Compare, reusing what hasn't changed since `before`; return None without an A, or without regions."""
    if options is None or b is None or not b.regions:
        return None
    if before is not None and before.options.a is options.a and _as_it_was(before.b, b):
        comparison, rows, differing = before.comparison, before.rows, before.differing
        if before.options == options:
            return before._replace(b=b, taken_at=taken_at)
    else:
        side = Side(b, options.boot, "")
        comparison = compare(options.a.space, b, same_process=same_process(options.a, side))
        rows = _kept(before, tuple(map(difference_row, comparison.rows)))
        differing = sum(row.kind is not None for row in rows)
    return DifferenceView(options, b, taken_at, comparison, rows, differing, _shown(rows, comparison, options))


def _as_it_was(before: AddressSpace, now: AddressSpace) -> bool:
    return (
        before.process.key == now.process.key
        and before.regions is now.regions
        and same_counters(before.counters, now.counters)
        and before.known is now.known
        and before.layout is now.layout
    )


def _kept(before: DifferenceView | None, rows: tuple[DifferenceRow, ...]) -> tuple[DifferenceRow, ...]:
    """Reuse the objects of equal rows: the table repaints only the others."""
    known = {row.key: row for row in before.rows} if before is not None else {}
    return tuple(old if (old := known.get(row.key)) == row and old is not None else row for row in rows)


def _shown(rows: Sequence[DifferenceRow], comparison: Comparison, options: DifferenceOptions) -> ShownRows:
    seen = [row for row in rows if options.unchanged or row.kind is not None]
    sums = sums_row("all", comparison.a, comparison.b)
    if options.query.terms:
        seen = [row for row in seen if options.query.matches(row)]
        sides = (added(side for row in seen if (side := getattr(row, name)) is not None) for name in ("a", "b"))
        sums = sums_row("these", *(side or _NOTHING for side in sides))
    if not seen:
        return ShownRows()
    column = next((each for each in DIFFERENCE_COLUMNS if each.key == options.sort), DIFFERENCE_COLUMNS[0])
    sort = column.sort or _by_size
    return ShownRows((sums, *ordered(seen, sort, descending=options.descending, unknown=_by_size)))


def _by_size(row: DifferenceRow) -> int:
    return -abs(row.change.size)


def row_of_region(row: DifferenceRow | None, regions: RegionRows) -> RegionRow | None:
    """Return the row of the largest region in B of a difference; None if it is only in A."""
    if row is None or row.of is None or not row.of.b:
        return None
    return regions.live.at(row.of.what.region.start)


def row_at(view: DifferenceView | None, start: int) -> DifferenceRow | None:
    """Return the visible row that contains a region of B."""
    return view.shown.with_region(start) if view is not None else None


def parts_lines(row: DifferenceRow | None) -> tuple[Line, ...]:
    """List the regions of a row, on each side."""
    if row is None or row.of is None:
        return ()
    sides = (("A", row.of.a, "it is only in B"), ("B", row.of.b, "it is only in A"))
    return tuple(each for name, side, without in sides for each in _parts(name, side, without))


def _parts(name: str, side: Sequence[Compared], without: str) -> Iterator[Line]:
    if not side:
        yield line(span(f"{name}         ", Tone.DIM), without)
    for number, each in enumerate(side[:_PARTS]):
        region, amounts = each.region, each.amounts
        rss = () if amounts.rss is None else (span("  RSS ", Tone.DIM), *size_line(amounts.rss))
        yield line(
            span(f"{'' if number else name:<10}", Tone.DIM),
            f"{address_range(region.start, region.end)} {region.perms}  ",
            *size_line(amounts.size),
            *rss,
        )
    if len(side) > _PARTS:
        yield line(span(f"{'':10}and {len(side) - _PARTS:,} more", Tone.DIM))


def difference_title(view: DifferenceView) -> tuple[Line, Line]:
    """Return title and summary: `python3 (8360) A 22:31:07 → B 22:34:10`, `3 of 25 differ · SIZE +4K · RSS +12K`."""
    b = side_name(view.b, view.taken_at)
    title = line(span("A ", Tone.DIM), view.options.a.name, span(" → B ", Tone.DIM), span(b, Tone.BRIGHT))
    return title, line(span(f"{view.differing:,} of {len(view.rows):,} differ", Tone.DIM))


def side_name(space: AddressSpace, at: float) -> str:
    """Name a side by its process, and by the time of day if known (`at` isn't 0). Not cleaned."""
    return f"{space.process.name} ({space.process.pid}){f' {time_of_day(at)}' if at else ''}"


def no_difference(view: DifferenceView | None, filter_text: str, *, pending: bool = False) -> Line:
    """Explain why there are no rows; `pending`: there are regions, which take a while to compare if they are many."""
    if view is None:
        return line("Comparing." if pending else "What is shown has no regions to compare.")
    if filter_text:
        return line(f"No difference matches {filter_text}.")
    return line("Nothing is different.")
