"""The rows of the Regions pane: the regions of a process, ghosts of those that just went away, holes on demand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.changes import ChangeKind, Event
from mmexplorer.model.layout import Match
from mmexplorer.model.query import Query, ordered
from mmexplorer.model.region import Range, Region, Usage, gaps
from mmexplorer.model.region_kind import classify
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.watch import Track, Watch
from mmexplorer.present.region.table import REGION_COLUMNS, RegionRow

LIT_SECONDS = 5.0
"""How long a region that changed stays lit and one that went stays as a ghost."""
_JUMP = 1 << 18
"""Bytes of memory from which on a region that gained or lost them at once is lit."""


class RegionOptions(NamedTuple):
    """What the person wants to see, and in which order."""

    query: Query = Query()
    sort: str = "start"
    """The key of a column."""
    descending: bool = False
    gaps: bool = False
    """Whether the holes between regions are rows."""


class RegionRows(NamedTuple):
    """What one refresh gives the table."""

    by_start: Mapping[int, RegionRow]
    """Every region's row, seen or not: hand it to the next refresh."""
    shown: tuple[RegionRow, ...]


def region_rows(
    space: AddressSpace,
    recent: Sequence[Event],
    clock: float,
    options: RegionOptions,
    previous: Mapping[int, RegionRow],
    *,
    watch: Watch | None = None,
) -> RegionRows:
    """Make the rows of `space`; a row in which nothing changed is the same object as in `previous`.

    `recent` are the events that are still lit, the oldest first, and `clock` is now on the monotonic clock. A ghost is
    left out where something else now covers all of its addresses.
    """
    by_start = _live_rows(space, _lit(recent), clock, previous)
    if watch is not None:
        by_start |= _grown(watch, by_start, previous)
    rows: list[RegionRow] = list(by_start.values())
    extra = [*_ghosts(space, recent, clock)]
    if options.gaps:
        extra += (RegionRow(gap.range, None, None) for gap in gaps(space.regions))
    rows += extra
    if options.query.terms:
        rows = [row for row in rows if options.query.matches(row)]
    if not extra and (options.sort, options.descending) == ("start", False):
        return RegionRows(by_start, tuple(rows))
    column = next((each for each in REGION_COLUMNS if each.key == options.sort), REGION_COLUMNS[0])
    sort = column.sort or _by_range
    return RegionRows(by_start, ordered(rows, sort, descending=options.descending, unknown=_largest_first))


def _grown(
    watch: Watch, rows: Mapping[int, RegionRow], previous: Mapping[int, RegionRow]
) -> Iterator[tuple[int, RegionRow]]:
    """Give the rows of the regions that changed since they are watched."""
    for start, track in watch.tracks.items():
        row = rows.get(start)
        if row is None:
            continue
        row = row._replace(growth=watch.growth(track), jump=_fresh_jump(track, watch.clock, row))
        old = previous.get(start)
        yield start, old if old == row and old is not None else row


def _fresh_jump(track: Track, clock: float, row: RegionRow) -> int:
    """Give what the region gained or lost of memory a moment ago, after what else happened to it; else 0."""
    age = clock - track.jumped_at
    newest = row.change is None or age < row.age
    return track.jump if age <= LIT_SECONDS and abs(track.jump) >= _JUMP and newest else 0


def _lit(recent: Sequence[Event]) -> Mapping[tuple[int, int], Event]:
    """Find the newest event of each region that is there."""
    return {(region.start, region.end): event for event in recent for region in event.change.after}


def _live_rows(
    space: AddressSpace, lit: Mapping[tuple[int, int], Event], clock: float, previous: Mapping[int, RegionRow]
) -> dict[int, RegionRow]:
    usages = space.counters.by_range if isinstance(space.counters, Counters) else {}
    changed, matches, roles = space.known, space.layout.matches, space.roles
    rows = {}
    for region in space.regions:
        start = region.start
        old = previous.get(start)
        covered = old.range if old is not None and old.region is region else region.range
        known, match, event = changed.get(covered), matches.get(start), lit.get(covered)
        usage = usages.get(covered) if known is None else known.usage
        role = roles.get(start)
        quiet = old is not None and _is_quiet(old, region, usage, match) and old.known is known and old.role == role
        if old is None or event is not None or not quiet:
            row = RegionRow(region.range, region, classify(region, match, usage, role), usage, match, role, known=known)
            row = row if event is None else _with_event(row, event, clock)
            old = old if old is not None and row == old else row
        rows[start] = old
    return rows


def _is_quiet(row: RegionRow, region: Region, usage: Usage | None, match: Match | None) -> bool:
    """Whether `row` is made of the very same objects and shows no change: decided 65,000 times a refresh."""
    return row.region is region and row.usage is usage and row.match is match and row.change is None


def _with_event(row: RegionRow, event: Event, clock: float) -> RegionRow:
    return row._replace(change=event.change.kind, delta=event.change.delta, age=max(0, int(clock - event.clock)))


def _ghosts(space: AddressSpace, recent: Sequence[Event], clock: float) -> Iterator[RegionRow]:
    gone = {event.change.range.start: event for event in recent if event.change.kind is ChangeKind.REMOVED}
    for start, event in gone.items():
        region = event.change.before[0]
        now = locate(space.regions, start)
        if not (isinstance(now, Inside) and region.end <= now.region.end):
            yield _with_event(RegionRow(region.range, region, classify(region, None, None)), event, clock)


def _largest_first(row: RegionRow) -> int:
    return -row.range.size


def _by_range(row: RegionRow) -> Range:
    return row.range
