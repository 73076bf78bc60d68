"""The rows of the Regions pane: the regions of a process, ghosts of recently removed ones, and holes on demand."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress
from operator import attrgetter, is_not

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.changes import ChangeKind, Event
from mmexplorer.model.differing import common_ends
from mmexplorer.model.growth import Watch
from mmexplorer.model.query import Query, order
from mmexplorer.model.region import Range, holes
from mmexplorer.model.region_kind import classify
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.typed import TypeVar
from mmexplorer.model.usages import Usages
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.explore.listed_rows import AnyPlaces, ChosenRows, MixedPlaces
from mmexplorer.present.explore.live_rows import ListedRows, LiveRows, Look, Step, age_of, kind_number
from mmexplorer.present.region.row import RegionFacts, RegionRow
from mmexplorer.present.region.table import REGION_COLUMNS

Key = TypeVar("Key")

_NO_USAGES = Usages()
_BY_START = attrgetter("start")


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


class RegionRows(NamedTuple):
    """The rows of one refresh, for the next one to reuse."""

    shown: ListedRows
    live: LiveRows
    """The rows of all regions, in address order."""
    step: Step = Step()


NO_ROWS = RegionRows(LiveRows(), LiveRows())


def region_rows(
    space: AddressSpace,
    recent: Sequence[Event],
    clock: float,
    options: RegionOptions,
    previous: RegionRows = NO_ROWS,
    *,
    watch: Watch | None = None,
) -> RegionRows:
    """Return the rows of `space`; an unchanged row is the same object as in `previous`, if it was asked for there.

    `recent` are the events to highlight, oldest first, and `clock` is the current time (monotonic). A ghost is left out
    if another region now covers all of its addresses.
    """
    made = _live_rows(Look(space, _lit(recent), clock, watch), previous)
    live = made.live
    others = list(_ghosts(space, recent, clock))
    if options.holes:
        others += (RegionRow(hole.range, None, None) for hole in holes(space.regions))
    if options.by_address:
        others.sort(key=_by_range)
    if options.by_address and not options.query.terms:
        return made._replace(shown=ChosenRows(live, others, MixedPlaces(live.regions, others))) if others else made
    count = len(live) + len(others)
    places: Sequence[int] = MixedPlaces(live.regions, others) if options.by_address else range(count)
    if options.query.terms:
        matches = map(options.query.matches, live.facts(places, others))
        places = array("I", compress(places, matches))
    if not options.by_address:
        places = _sorted(places, live.facts(places, others), options)
    return made._replace(shown=ChosenRows(live, others, AnyPlaces(places, count)))


def _sorted(places: Sequence[int], rows: Iterable[RegionFacts], options: RegionOptions) -> Sequence[int]:
    column = next((each for each in REGION_COLUMNS if each.key == options.sort), REGION_COLUMNS[0])
    found = order(rows, column.sort or _by_range, descending=options.descending, unknown=_largest_first)
    return array("I", map(places.__getitem__, found))


def _lit(recent: Sequence[Event]) -> Mapping[tuple[int, int], Event]:
    """Return the newest event of each existing region."""
    return {(region.start, region.end): event for event in recent for region in event.change.after}


def _live_rows(look: Look, previous: RegionRows) -> RegionRows:
    """Return the rows of all regions, and where they differ from the previous ones."""
    space, before = look.space, previous.live.space
    head, tail = common_ends(before.regions, space.regions) if before is not None else (0, 0)
    changed = array("I", _changed(space, before, head, tail)) if before is not None else ()
    step = Step(head, tail, changed)
    live = LiveRows(look, _kinds(space, step, previous.live.kinds), previous.live, step)
    return RegionRows(live, live, step)


def _changed(space: AddressSpace, before: AddressSpace, head: int, tail: int) -> Iterator[int]:
    """Yield the places of the regions that stayed while something became known of them, ascending."""
    regions, starts = space.regions, _touched(space, before)
    now, then = space.usages or _NO_USAGES, before.usages or _NO_USAGES
    if now is not then:
        for place in chain(range(head), range(len(regions) - tail, len(regions))):
            region = regions[place]
            if region.start in starts or now.of(region) is not then.of(region):
                yield place
        return
    for start in sorted(starts):
        place = bisect_left(regions, start, key=_BY_START)
        if place < len(regions) and regions[place].start == start and not head <= place < len(regions) - tail:
            yield place


def _touched(space: AddressSpace, before: AddressSpace) -> set[int]:
    """Return the starts of the regions of which something else than the counters read by smaps changed."""
    starts = _differing(space.layout.matches, before.layout.matches)
    starts |= _differing(space.roles, before.roles)
    starts.update(covered.start for covered in _differing(space.known, before.known))
    return starts


def _differing(now: Mapping[Key, object], before: Mapping[Key, object]) -> set[Key]:
    """Return the keys whose values aren't the identical object in both."""
    if now is before:
        return set()
    came = compress(now, map(is_not, now.values(), map(before.get, now)))
    return {*came, *(before.keys() - now.keys())}


def _kinds(space: AddressSpace, step: Step, before: bytes) -> bytes:
    """Return the number of the kind of each region; only what changed is classified."""
    regions, end = space.regions, len(space.regions) - step.tail
    kinds = bytearray(before[: step.head])
    kinds += bytes(kind_number(region, space) for region in regions[step.head : end])
    kinds += before[len(before) - step.tail :]
    for place in step.changed:
        kinds[place] = kind_number(regions[place], space)
    return bytes(kinds)


def _ghosts(space: AddressSpace, recent: Sequence[Event], clock: float) -> Iterator[RegionRow]:
    gone = {event.change.range.start: event for event in recent if event.change.kind is ChangeKind.REMOVED}
    for start, event in gone.items():
        region = event.change.before[0]
        now = locate(space.regions, start)
        if not (isinstance(now, Inside) and region.end <= now.region.end):
            yield RegionRow(
                region.range,
                region,
                classify(region, None, None),
                change=event.change.kind,
                delta=event.change.delta,
                age=age_of(event, clock),
            )


def _largest_first(row: RegionFacts) -> int:
    return -row.size


def _by_range(row: RegionFacts) -> Range:
    return row.range
