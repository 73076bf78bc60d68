"""The rows of the Regions pane: the regions of a process, ghosts of recently removed ones, and holes on demand."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import attrgetter, is_not

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.changes import ChangeKind, Event
from mmexplorer.model.differing import common_ends
from mmexplorer.model.elf.layout import Match
from mmexplorer.model.growth import UNMEASURED, Track, Watch
from mmexplorer.model.query import Query, ordered
from mmexplorer.model.region import Range, Region, Usage, holes
from mmexplorer.model.region_kind import classify
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.typed import TypeVar
from mmexplorer.model.usages import Usages
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.region.table import REGION_COLUMNS, RegionRow

Key = TypeVar("Key")
Value = TypeVar("Value")

LIT_SECONDS = 5.0
"""Seconds for which a changed region is highlighted and a removed one remains as a ghost."""
_JUMP = 1 << 18
"""Bytes of memory gained or lost at once from which a region is highlighted."""
_NO_USAGES = Usages()
_BY_START = attrgetter("start")
_FEW = 500


class RegionOptions(NamedTuple):
    """What to show, and in which order."""

    query: Query = Query()
    sort: str = "start"
    """The key of a column."""
    descending: bool = False
    holes: bool = False
    """Whether to show the holes between regions."""

    @property
    def by_address(self) -> bool:
        """Whether the rows are in address order."""
        return self.sort == "start" and not self.descending


class Step(NamedTuple):
    """How the rows of the regions differ from those of the previous refresh."""

    head: int = 0
    """Number of rows at the beginning with the same regions."""
    tail: int = 0
    """Number of the same, at the end."""
    changed: tuple[int, ...] = ()
    """Indices within both where something other than the region changed."""

    def applied(
        self, before: Sequence[Value], after: Sequence[RegionRow], make: Callable[[RegionRow], Value]
    ) -> list[Value]:
        """Return `make` of each row in `after`, reusing its results for the previous rows, `before`."""
        values = list(before[: self.head])
        values += map(make, after[self.head : len(after) - self.tail])
        values += before[len(before) - self.tail :]
        for place in self.changed:
            values[place] = make(after[place])
        return values

    def differing(
        self, before: Sequence[RegionRow], after: Sequence[RegionRow]
    ) -> tuple[list[RegionRow], list[RegionRow]]:
        """Return the rows that disappeared, and those that are new."""
        longer = len(before) - len(after)
        went = [before[place if place < self.head else place + longer] for place in self.changed]
        came = [after[place] for place in self.changed]
        return (
            [*went, *before[self.head : len(before) - self.tail]],
            [*came, *after[self.head : len(after) - self.tail]],
        )


class RegionRows(NamedTuple):
    """The rows of one refresh, for the next one to reuse."""

    shown: tuple[RegionRow, ...]
    live: tuple[RegionRow, ...] = ()
    """The rows of all regions, in address order."""
    step: Step = Step()
    of: AddressSpace | None = None
    """The address space of the rows."""
    lit: frozenset[int] = frozenset()
    """The starts of recently changed regions."""
    unmeasured: bool = False
    """Whether there was only one look, so that no growth is known."""

    def row_at(self, start: int) -> RegionRow | None:
        """Return the row of the region that starts there, visible or not."""
        place = bisect_left(self.live, start, key=_row_start)
        return self.live[place] if place < len(self.live) and self.live[place].range.start == start else None

    @property
    def by_start(self) -> Mapping[int, RegionRow]:
        """The rows of all regions; built on access."""
        return {row.range.start: row for row in self.live}


NO_ROWS = RegionRows(())


def region_rows(
    space: AddressSpace,
    recent: Sequence[Event],
    clock: float,
    options: RegionOptions,
    previous: RegionRows = NO_ROWS,
    *,
    watch: Watch | None = None,
) -> RegionRows:
    """Return the rows of `space`; an unchanged row is the same object as in `previous`.

    `recent` are the events to highlight, oldest first, and `clock` is the current time (monotonic). A ghost is left out
    if another region now covers all of its addresses.
    """
    made = _live_rows(space, _Now(_lit(recent), clock, watch), previous)
    extra = [*_ghosts(space, recent, clock)]
    if not extra and not options.query.terms and not options.holes and options.by_address:
        return made._replace(shown=made.live)
    rows: list[RegionRow] = list(made.live)
    if options.holes:
        extra += (RegionRow(hole.range, None, None) for hole in holes(space.regions))
    if options.by_address and not options.holes:
        for row in extra:
            insort(rows, row, key=_by_range)
        extra = []
    rows += extra
    if options.query.terms:
        rows = [row for row in rows if options.query.matches(row)]
    if not extra and options.by_address:
        return made._replace(shown=tuple(rows))
    column = next((each for each in REGION_COLUMNS if each.key == options.sort), REGION_COLUMNS[0])
    sort = column.sort or _by_range
    return made._replace(shown=ordered(rows, sort, descending=options.descending, unknown=_largest_first))


class _Now(NamedTuple):
    """What rows depend on other than the address space."""

    lit: Mapping[tuple[int, int], Event]
    clock: float
    watch: Watch | None

    @property
    def unmeasured(self) -> bool:
        """Whether there was only one look."""
        return self.watch is not None and self.watch.looks == 1


def _fresh_jump(track: Track, clock: float, row: RegionRow) -> int:
    """Return the memory that the region just gained or lost, if that is its latest change; else 0."""
    age = clock - track.jumped_at
    newest = row.change is None or age < row.age
    return track.jump if age <= LIT_SECONDS and abs(track.jump) >= _JUMP and newest else 0


def _lit(recent: Sequence[Event]) -> Mapping[tuple[int, int], Event]:
    """Return the newest event of each existing region."""
    return {(region.start, region.end): event for event in recent for region in event.change.after}


def _live_rows(space: AddressSpace, now: _Now, previous: RegionRows) -> RegionRows:
    """Build the rows of regions that changed, or whose details did; keep the others."""
    regions, before = space.regions, previous.of
    head, tail = common_ends(before.regions, regions) if before is not None else (0, 0)
    end = len(regions) - tail
    lit = frozenset(start for start, _ in now.lit)
    touched = _touched(space, before, now, previous.lit | lit) if before is not None else set()
    if before is not None and previous.unmeasured is not now.unmeasured:
        touched.update(map(_BY_START, regions))
    # For a few, search the rows; for many, as after smaps was read, build a dictionary first.
    find = previous.row_at if len(touched) + end - head < _FEW else previous.by_start.get
    maker = _Maker(space, now, find)
    changed = {}
    for start in touched:
        place = bisect_left(regions, start, key=_BY_START)
        if place < len(regions) and regions[place].start == start and not head <= place < end:
            row = maker.row(regions[place])
            if row is not find(start):
                changed[place] = row
    if before is not None and not changed and head == end == len(previous.live):
        return previous._replace(step=Step(head, tail), of=space, lit=lit, unmeasured=now.unmeasured)
    live = [*previous.live[:head], *map(maker.row, regions[head:end]), *previous.live[len(previous.live) - tail :]]
    for place, row in changed.items():
        live[place] = row
    return RegionRows((), tuple(live), Step(head, tail, tuple(changed)), space, lit, now.unmeasured)


def _touched(space: AddressSpace, before: AddressSpace, now: _Now, lit: Iterable[int]) -> set[int]:
    """Return the starts of the regions about which anything changed since the previous refresh."""
    starts = {*lit, *(now.watch.tracks if now.watch is not None else ())}
    starts.update(_differing(space.layout.matches, before.layout.matches))
    starts.update(_differing(space.roles, before.roles))
    starts.update(covered.start for covered in _differing(space.known, before.known))
    starts.update(_usages(space).changed(_usages(before)))
    return starts


def _differing(now: Mapping[Key, object], before: Mapping[Key, object]) -> set[Key]:
    """Return the keys whose values aren't the identical object in both."""
    if now is before:
        return set()
    came = compress(now, map(is_not, now.values(), map(before.get, now)))
    return {*came, *(before.keys() - now.keys())}


def _usages(space: AddressSpace) -> Usages:
    return space.counters.by_range if isinstance(space.counters, Counters) else _NO_USAGES


class _Maker:
    """Builds rows, returning the old object if nothing changed."""

    def __init__(self, space: AddressSpace, now: _Now, find: Callable[[int], RegionRow | None]) -> None:
        self._usages = _usages(space)
        self._space = space
        self._now = now
        self._find = find

    def row(self, region: Region) -> RegionRow:
        old = self._find(region.start)
        row = self._without_growth(region, old)
        watch = self._now.watch
        track = watch.tracks.get(region.start) if watch is not None else None
        if self._now.unmeasured:
            row = row._replace(growth=UNMEASURED)
        elif track is not None and watch is not None:
            row = row._replace(growth=watch.growth(track), jump=_fresh_jump(track, watch.clock, row))
        elif row.growth is UNMEASURED:
            row = row._replace(growth=None)
        return old if old is not None and row == old else row

    def _without_growth(self, region: Region, old: RegionRow | None) -> RegionRow:
        covered = old.range if old is not None and old.region is region else region.range
        known, match = self._space.known.get(covered), self._space.layout.matches.get(region.start)
        event = self._now.lit.get(covered)
        usage = self._usages.of(region) if known is None else known.usage
        role = self._space.roles.get(region.start)
        quiet = old is not None and _is_quiet(old, region, usage, match) and old.known is known and old.role == role
        if old is not None and event is None and quiet:
            return old
        row = RegionRow(covered, region, classify(region, match, usage, role), usage, match, role, known=known)
        return row if event is None else _with_event(row, event, self._now.clock)


def _is_quiet(row: RegionRow, region: Region, usage: Usage | None, match: Match | None) -> bool:
    """Return whether `row` has the identical objects and shows no change; called 65,000 times after reading smaps."""
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


def _row_start(row: RegionRow) -> int:
    return row.range.start
