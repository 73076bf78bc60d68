"""The regions of two address spaces prepared for comparison, and the resulting rows."""

from collections.abc import Iterable, Sequence

from mmexplorer.model.capture.comparison import (
    NOT_COUNTED,
    OLDER,
    Amounts,
    Compared,
    Difference,
    added,
    amounts,
    changed,
    compare_addresses,
    compare_identities,
)
from mmexplorer.model.carried import Known
from mmexplorer.model.region_kind import classify
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.json.document import record
from mmexplorer.present.region.address import phrase, region_name
from mmexplorer.present.text.format import hexadecimal


class Comparison(NamedTuple):
    """All rows, and their totals."""

    rows: tuple[Difference, ...]
    """The largest change first."""
    a: Amounts
    b: Amounts

    @property
    def change(self) -> Amounts:
        """B minus A."""
        return changed(self.a, self.b)


def compared(space: AddressSpace) -> tuple[Compared, ...]:
    """Return the regions of a process in address order, each with its kind, name and amounts."""
    return tuple(_compared(space))


def _compared(space: AddressSpace) -> Iterable[Compared]:
    made: dict[tuple[int, int], Amounts] = {}  # most of thousands of regions have equal counters: the same object
    for region in space.regions:
        usage = space.usage_of(region)
        counted = made.get(same := (region.size, id(usage)))
        if counted is None:
            counted = made[same] = amounts(region, usage)
        match, role = space.layout.matches.get(region.start), space.roles.get(region.start)
        yield Compared(
            region=region,
            kind=classify(region, match, usage, role),
            name=region_name(region, match, role),
            segment=None if match is None else match.index,
            amounts=counted,
            older=_older(space.known_of(region)),
        )


def _older(known: Known | None) -> frozenset[str]:
    if known is None:
        return frozenset()
    return OLDER if known.counted else NOT_COUNTED


def compare(a: AddressSpace, b: AddressSpace, *, same_process: bool) -> Comparison:
    """Compare by address if both sides are the same process, else by what each region is."""
    sides = compared(a), compared(b)
    rows = compare_addresses(*sides) if same_process else compare_identities(*sides)
    return Comparison(tuple(sorted(rows, key=_by_change)), _sum(a, sides[0]), _sum(b, sides[1]))


def _sum(space: AddressSpace, side: Sequence[Compared]) -> Amounts:
    """Return the totals; if the counters are older than the map, RSS comes from statm."""
    sums = added(each.amounts for each in side) or Amounts(0, 0, 0, 0, 0)
    known, older = space.process.rss, sums.rss is None or any("rss" in each.older for each in side)
    return sums._replace(rss=known) if older and not isinstance(known, Unavailable) else sums


def what(row: Difference) -> str:
    """Name a row: "the heap", "the data of libc.so.6". Not cleaned."""
    return phrase(row.what.kind, row.what.name)


def comparison_fields(found: Comparison, a: str, b: str) -> dict[str, object]:
    """Return the fields of a diff/1 document."""
    totals = {"a": _amounts(found.a), "b": _amounts(found.b), "change": _amounts(found.change)}
    return {"a": a, "b": b, "rows": [_row(row) for row in found.rows], "totals": totals}


def _row(row: Difference) -> dict[str, object]:
    return record(
        {
            "what": what(row),
            "start": hexadecimal(row.range.start),
            "end": hexadecimal(row.range.end),
            "a": _amounts(row.amounts_a),
            "b": _amounts(row.amounts_b),
            "change": _amounts(row.change),
        }
    )


def _amounts(of: Amounts | None) -> dict[str, int | None] | None:
    return None if of is None else of._asdict()


def _by_change(row: Difference) -> tuple[int, int, int]:
    difference = row.change
    return -abs(difference.rss or 0), -abs(difference.size), row.range.start
