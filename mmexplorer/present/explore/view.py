"""What one refresh of Explore shows, built from a snapshot in the reading thread: rows, history, extents."""

from collections.abc import Iterator, Sequence

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.capture.timeline import EMPTY_TIMELINE, Timeline
from mmexplorer.model.changes import Change, ChangeHistory, ChangeKind, diff
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.growth import Origin, Watch
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import Range, Region, RegionKind
from mmexplorer.model.region_kind import classify
from mmexplorer.model.snapshot import AddressSpace, Snapshot
from mmexplorer.model.value import field, frozen, replace
from mmexplorer.present.capture.timeline import Shown
from mmexplorer.present.explore.difference import DifferenceOptions, DifferenceView, difference_view
from mmexplorer.present.explore.extents import look_the_same, region_extents
from mmexplorer.present.explore.growth import growth_lines
from mmexplorer.present.explore.hits import Searched
from mmexplorer.present.explore.live_rows import LIT_SECONDS, Step
from mmexplorer.present.explore.processes import ProcessOptions, ProcessRows, process_rows
from mmexplorer.present.explore.region_rows import NO_ROWS, RegionOptions, RegionRows, region_rows
from mmexplorer.present.explore.threads import ThreadRow, thread_rows
from mmexplorer.present.explore.totals import (
    NOTHING_LISTED,
    AddedUp,
    GroupSums,
    TotalRow,
    Totals,
    group_sums,
    resident,
    same_counters,
    totals,
    totals_after,
)
from mmexplorer.present.region.address_strip import Extent, Lit
from mmexplorer.present.region.changes import ChangeRow, change_rows
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.region.table import region_mark, region_tone
from mmexplorer.present.text.line import Line, Tone


@frozen
class ViewOptions:
    """What the user chose to see."""

    processes: ProcessOptions = field(default_factory=ProcessOptions)
    regions: RegionOptions = field(default_factory=RegionOptions)
    marks: int = 0
    """The number of marks set; growth is measured from the last one."""
    difference: DifferenceOptions | None = None
    """What to compare with; None for nothing."""


@frozen
class AddressSpaceView:
    """The target's address space."""

    regions: RegionRows
    listed: TotalRow | None
    """The totals of the regions that match the filter; None without a filter."""
    totals: Totals | None
    """None without a target."""
    added_up: AddedUp
    """The totals by kind, file and name."""
    extents: Sequence[Extent]
    threads: tuple[ThreadRow, ...] = ()
    sums: GroupSums = field(default_factory=dict)
    """The sums of all regions by kind, file and name."""
    lit: tuple[Lit, ...] = ()
    """The extents that changed recently."""


NO_ADDRESS_SPACE = AddressSpaceView(NO_ROWS, None, None, AddedUp(), ())


@frozen
class ExploreView:
    """Everything the screen shows."""

    snapshot: Snapshot
    earlier: Snapshot | None
    """The snapshot that rates are computed from: the newest that isn't too recent."""
    options: ViewOptions
    processes: ProcessRows
    map: AddressSpaceView
    history: ChangeHistory
    changes: tuple[ChangeRow, ...]
    """The history, newest first."""
    watch: Watch | None = None
    """How the regions changed since the process has been watched."""
    since_mark: Watch | None = None
    """The same since the last mark, if one was set for this process."""
    searched: Searched | None = None
    """The progress of the search for regions; None if the process filter has no region terms."""
    timeline: Timeline = EMPTY_TIMELINE
    difference: DifferenceView | None = None
    """The difference from A; None if nothing is compared."""
    shown: Shown | None = None
    """The moment shown; None without a timeline."""
    too_recent: tuple[Snapshot, ...] = ()
    """The snapshots between `earlier` and this one, in order: rates will be computed from them."""

    @property
    def sums(self) -> tuple[Line, ...]:
        """The totals of the changes, since the process has been watched and since the mark."""
        space, watch, sums = self.snapshot.target, self.watch, self.map.totals
        if space is None or not space.regions or watch is None or sums is None:
            return ()
        if self.since_mark is None:
            return growth_lines(watch, space.process, sums.vsz, space.layout, space.roles)
        return (
            *growth_lines(watch, space.process, sums.vsz, space.layout, space.roles)[:1],
            *growth_lines(self.since_mark, space.process, sums.vsz, space.layout, space.roles, marked=True),
        )

    @property
    def target(self) -> ProcessKey | None:
        """The process whose regions are shown."""
        return self.snapshot.target.process.key if self.snapshot.target is not None else None


LEAST_SPAN = 0.05
"""Seconds: half of the shortest interval between two refreshes."""


def build_view(
    before: ExploreView | None,
    snapshot: Snapshot,
    options: ViewOptions,
    searched: Searched | None = None,
    first: Snapshot | None = None,
    *,
    least: float = LEAST_SPAN,
    like: ExploreView | None = None,
) -> ExploreView:
    """Build the view of `snapshot`; whatever hasn't changed since `before` is the same object as there.

    Growth counts from where `before` began to watch; without it from `first`, an earlier moment, or from now. Rates are
    measured over `least` seconds or more: in almost no time, a busy process does nothing. `like` is the view of any
    other moment, whose rows are used where they are the same; it tells nothing of this one.
    """
    earlier, too_recent = _earlier(before, snapshot, least)
    rows_before = before.processes.all if before else ()
    answers = searched.found if searched is not None else None
    processes = process_rows(earlier, snapshot, options.processes, rows_before, answers)
    space = snapshot.target
    if space is None:
        nothing = NO_ADDRESS_SPACE, ChangeHistory(), ()
        return ExploreView(snapshot, earlier, options, processes, *nothing, searched=searched, too_recent=too_recent)
    known = before if before is not None and before.target == space.process.key else None
    found = _changes(known, space, snapshot)
    history = known.history.advance(found, snapshot.taken_at, snapshot.clock) if known else ChangeHistory()
    watch, since_mark = _watches(known, space, snapshot, found, options, first=first)
    if known is not None and history is known.history and space.layout is _layout(known):
        changes = known.changes
    else:
        changes = change_rows(history, space.layout)
    return ExploreView(
        snapshot,
        earlier,
        options,
        processes,
        _address_space(known, space, history, snapshot, options, watch=since_mark or watch, like=like),
        history,
        changes,
        watch,
        since_mark,
        searched,
        difference=difference_view(
            before.difference if before is not None else None, space, snapshot.taken_at, options.difference
        ),
        too_recent=too_recent,
    )


def not_shown(snapshot: Snapshot, options: ViewOptions, first: Snapshot | None = None) -> ExploreView:
    """Begin with a moment that isn't shown: the next is compared with it, but nobody looks at rows of its regions."""
    processes = process_rows(None, snapshot, options.processes)
    space = snapshot.target
    watch = _since(first, space, snapshot) if space is not None else None
    return ExploreView(snapshot, None, options, processes, NO_ADDRESS_SPACE, ChangeHistory(), (), watch)


def _layout(view: ExploreView) -> Layout | None:
    return view.snapshot.target.layout if view.snapshot.target is not None else None


def _address_space(
    known: ExploreView | None,
    space: AddressSpace,
    history: ChangeHistory,
    snapshot: Snapshot,
    options: ViewOptions,
    *,
    watch: Watch,
    like: ExploreView | None,
) -> AddressSpaceView:
    measured = watch.looks == 1 or (known is not None and not known.map.regions.live.unmeasured)
    quiet = known is not None and measured and not watch.tracks and _unchanged(known, space, history, snapshot, options)
    if known is not None and known.map.totals is not None and quiet:
        totals_now = known.map.totals._replace(rss=resident(space))
        return replace(known.map, totals=totals_now, threads=_threads(known, space))
    base = like if like is not None and like.target == space.process.key else known
    before = base.map if base is not None and base.options.marks == options.marks else NO_ADDRESS_SPACE
    recent = history.fresh(snapshot.clock, LIT_SECONDS)
    regions = region_rows(space, recent, snapshot.clock, options.regions, before.regions, watch=watch)
    sums = _sums(before, regions)
    filtered = bool(options.regions.query.terms)
    added = AddedUp(group_sums(regions.shown.facts())) if filtered else AddedUp(sums, resident(space))
    same = look_the_same(before.regions.live, regions.live, regions.step)
    return AddressSpaceView(
        regions._replace(step=Step()),
        next(iter(added.rows), NOTHING_LISTED) if filtered else None,
        totals_after(before.totals, sums, space, before.regions.live.space),
        added,
        before.extents if same else region_extents(regions.live),
        thread_rows(space),
        sums,
        lit=_lit_parts(regions, watch),
    )


def _sums(before: AddressSpaceView, regions: RegionRows) -> GroupSums:
    """Return the sums of all regions from those of `before`, or by adding up all if most regions differ."""
    step, live = regions.step, regions.live
    if len(live) < 2 * (len(step.changed) + len(live) - step.head - step.tail):
        return group_sums(live.facts())
    went, came = step.differing(before.regions.live, live)
    return group_sums(came, went, before.sums)


def _threads(known: ExploreView, space: AddressSpace) -> tuple[ThreadRow, ...]:
    """Return the rows of the threads, when the regions are unchanged."""
    last = known.snapshot.target
    return known.map.threads if last is not None and space.threads is last.threads else thread_rows(space)


def _earlier(
    before: ExploreView | None, snapshot: Snapshot, least: float
) -> tuple[Snapshot | None, tuple[Snapshot, ...]]:
    """Return the newest snapshot that is `least` seconds older, if any, and those after it."""
    if before is None:
        return None, ()
    if before.snapshot is snapshot:
        return before.earlier, before.too_recent
    later = (*before.too_recent, before.snapshot)
    too_recent = tuple(each for each in later if 0 <= snapshot.clock - each.clock < least)
    old = len(later) - len(too_recent)
    return later[old - 1] if old else before.earlier, too_recent


def _unchanged(
    known: ExploreView, space: AddressSpace, history: ChangeHistory, snapshot: Snapshot, options: ViewOptions
) -> bool:
    """Return whether the rows of `known` are still valid: nothing new was read and nothing is highlighted."""
    last = known.snapshot.target
    return (
        last is not None
        and space.regions is last.regions
        and same_counters(space.counters, last.counters)
        and space.known is last.known
        and space.roles is last.roles
        and space.layout is last.layout
        and options.regions == known.options.regions
        and not history.fresh(known.snapshot.clock, LIT_SECONDS)
        and not history.fresh(snapshot.clock, LIT_SECONDS)
    )


def _changes(known: ExploreView | None, space: AddressSpace, snapshot: Snapshot) -> tuple[Change, ...]:
    if known is None or known.snapshot.target is None or snapshot is known.snapshot:
        return ()
    last = known.snapshot.target
    if same_counters(space.counters, last.counters):
        return diff(last.regions, space.regions)
    return diff(last.regions, space.regions, last.usages, space.usages)


def _watches(
    known: ExploreView | None,
    space: AddressSpace,
    snapshot: Snapshot,
    changes: Sequence[Change],
    options: ViewOptions,
    *,
    first: Snapshot | None,
) -> tuple[Watch, Watch | None]:
    """Continue watching, from the first refresh of the process and from the last mark."""
    last = known.snapshot.target if known is not None else None
    if known is None or known.watch is None or last is None:
        return _since(first, space, snapshot), None
    watch, since_mark = known.watch, known.since_mark
    if snapshot is not known.snapshot:
        watch = _advance(watch, space, snapshot, changes, last)
        since_mark = since_mark and _advance(since_mark, space, snapshot, changes, last)
    return watch, _begin(space, snapshot) if options.marks != known.options.marks else since_mark


def _since(first: Snapshot | None, space: AddressSpace, snapshot: Snapshot) -> Watch:
    """Watch from an earlier moment if the process was seen then; when it changed in between isn't known."""
    then = first.target if first is not None else None
    seen = then is not None and then.process.key == space.process.key and then.regions
    if first is None or then is None or not seen or first.clock >= snapshot.clock:
        return _begin(space, snapshot)
    changes = diff(then.regions, space.regions)
    watch = _advance(_begin(then, first), space, snapshot, changes, None)
    return replace(watch, tracks={start: track._replace(jump=0) for start, track in watch.tracks.items()})


def _begin(space: AddressSpace, snapshot: Snapshot) -> Watch:
    origin = Origin.of(space.process, totals(space).vsz, snapshot.clock, snapshot.taken_at)
    return _advance(Watch(origin, clock=snapshot.clock), space, snapshot, (), None)


def _advance(
    watch: Watch, space: AddressSpace, snapshot: Snapshot, changes: Sequence[Change], last: AddressSpace | None
) -> Watch:
    """Continue with what changed since the `last` refresh."""
    new = last is None or space.counters is not last.counters
    read = space.usages if new else None
    return watch.advance(snapshot.clock, changes, _resident(space, last), _plain_kind, read)


def _resident(space: AddressSpace, last: AddressSpace | None) -> Iterator[tuple[Region, int | None]]:
    """Yield the Rss of the regions whose counters were read or counted since the `last` refresh."""
    if last is not None and same_counters(space.counters, last.counters) and space.known is last.known:
        return
    if last is None or space.counters is not last.counters:
        for region in space.regions:
            usage = space.usage_of(region)
            yield region, usage.get("Rss") if usage is not None else None
        return
    for covered, known in space.known.items():
        if last.known.get(covered) is not known:
            place = locate(space.regions, covered.start)
            if isinstance(place, Inside):
                yield place.region, known.usage.get("Rss")


def _plain_kind(region: Region) -> RegionKind:
    return classify(region, None, None)


def _lit_parts(regions: RegionRows, watch: Watch) -> tuple[Lit, ...]:
    """Visit only regions that changed: there may be tens of thousands of others."""
    starts = regions.live.lit | {start for start, track in watch.tracks.items() if track.jump}
    rows = (row for start in sorted(starts) if (row := regions.live.at(start)) is not None)
    return tuple(filter(None, map(lit_part, rows)))


def lit_part(row: RegionRow) -> Lit | None:
    """Return the part of a region that is new, grew or was touched recently; all of it if it was touched."""
    if row.region is None or row.ghost or (row.change is None and not row.jump):
        return None
    start, end = row.range
    if row.change is ChangeKind.GREW and 0 < row.delta < end - start:
        start, end = (start, start + row.delta) if row.kind is RegionKind.STACK else (end - row.delta, end)
    return Lit(Range(start, end), region_mark(row), region_tone(row) or Tone.CHANGED)
