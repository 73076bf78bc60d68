"""How a process's regions have grown since a moment, followed through growing, splitting and merging.

Only regions that changed are stored.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from mmexplorer.model.changes import Change, ChangeKind
from mmexplorer.model.process.process import Process
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.usages import Usages
from mmexplorer.model.value import NamedTuple, field, frozen, replace

_MINUTE = 60.0
_LEAST = 1.0
"""Seconds. A rate over less is meaningless."""
_POINTS = 128
"""Points kept per region; when there are more, every other one is dropped, which keeps the first."""


class Growth(NamedTuple):
    """How much a region gained, in bytes; negative for a loss."""

    size: int
    """Bytes of address space."""
    rss: int
    """Bytes of memory; swapped-out or freed memory counts as lost."""
    seconds: float
    """The time it took."""

    @property
    def size_per_minute(self) -> float | None:
        """Bytes per minute; None if too little time has passed."""
        return self._per_minute(self.size)

    @property
    def rss_per_minute(self) -> float | None:
        """Bytes per minute; None if too little time has passed."""
        return self._per_minute(self.rss)

    def _per_minute(self, count: int) -> float | None:
        return count * _MINUTE / self.seconds if self.seconds >= _LEAST else None


UNMEASURED = Growth(0, 0, 0.0)
"""The growth of every region at the first look, which has nothing to compare with."""


class Point(NamedTuple):
    """A region's size from one moment until the next point."""

    clock: float
    """Seconds on the monotonic clock."""
    size: int
    """Bytes of address space."""
    rss: int | None
    """Bytes of memory; None if unknown."""


class Track(NamedTuple):
    """One region that changed since the start, keyed by its current start address."""

    region: Region
    since: float
    """When it was first seen, on the monotonic clock."""
    size: int = 0
    """Bytes gained since then."""
    rss: int = 0
    jump: int = 0
    """How much Rss changed at the last reading that differed."""
    jumped_at: float = 0.0
    points: tuple[Point, ...] = ()
    """Its history, oldest first."""

    def then(self, clock: float, rss: int | None) -> "Track":
        """Append the region's current size."""
        point = Point(clock, self.region.size, rss)
        if self.points and self.points[-1].clock == clock:
            return self._replace(points=(*self.points[:-1], point))
        kept = self.points if len(self.points) < _POINTS else self.points[::2]
        return self._replace(points=(*kept, point))


class Tally(NamedTuple):
    """Regions of one kind that appeared or disappeared."""

    regions: int = 0
    size: int = 0
    """Bytes of address space."""
    gained: int = 0
    """How many of these bytes they had gained while being watched."""

    def plus(self, region: Region, gained: int) -> "Tally":
        """Count another region."""
        return Tally(self.regions + 1, self.size + region.size, self.gained + gained)


class Origin(NamedTuple):
    """The process at the moment growth is counted from."""

    clock: float
    """Seconds on the monotonic clock."""
    taken_at: float
    """Seconds since the epoch."""
    vsz: int
    """The sum of the regions: statm is read at a different moment."""
    rss: int | None
    """None if unknown."""
    faults: int

    @classmethod
    def of(cls, process: Process, vsz: int, clock: float, taken_at: float) -> "Origin":
        """Start counting now."""
        rss = process.rss if isinstance(process.rss, int) else None
        return cls(clock, taken_at, vsz, rss, process.min_flt + process.maj_flt)


@frozen
class Watch:
    """The regions of a process since a moment."""

    origin: Origin
    looks: int = 0
    """How often the process was looked at."""
    clock: float = 0.0
    """When it was last looked at."""
    tracks: Mapping[int, Track] = field(default_factory=dict)
    """Keyed by the region's start."""
    read: Usages = field(default_factory=Usages)
    """The last reading of smaps, which has the last known Rss of most regions."""
    rss: Mapping[int, int | None] = field(default_factory=dict)
    """The last known Rss of the others, keyed by the region's start; None if it isn't known any more."""
    came: Mapping[RegionKind, Tally] = field(default_factory=dict)
    went: Mapping[RegionKind, Tally] = field(default_factory=dict)

    def growth(self, track: Track) -> Growth:
        """Return what a region gained since it was first seen."""
        return Growth(track.size, track.rss, self.clock - track.since)

    def advance(
        self,
        clock: float,
        changes: Sequence[Change],
        rss: Iterable[tuple[Region, int | None]],
        kind_of: Callable[[Region], RegionKind],
        read: Usages | None = None,
    ) -> "Watch":
        """Advance by one look, which found `changes`; `rss` has all regions whose counters were read or counted.

        `read` is a new reading of smaps, if there was one; then `rss` has all regions.
        """
        step = _Step(self, clock)
        for change in changes:
            step.change(change, kind_of)
        if read is None:
            step.counted(rss)
        else:
            step.read_again(read, rss)
        return replace(
            self,
            looks=self.looks + 1,
            clock=clock,
            tracks=step.tracks,
            read=step.read,
            rss=step.rss,
            came=step.came,
            went=step.went,
        )


class _Step:
    """The changes one look makes to a `Watch`; copies only what changes."""

    def __init__(self, watch: Watch, clock: float) -> None:
        self._watch = watch
        self._clock = clock
        self.tracks = dict(watch.tracks)
        self.read = watch.read
        self.rss: Mapping[int, int | None] = watch.rss
        self._own_rss: dict[int, int | None] | None = None
        self.came = watch.came
        self.went = watch.went

    def change(self, change: Change, kind_of: Callable[[Region], RegionKind]) -> None:
        if change.kind is ChangeKind.ADDED:
            self._come(change.after, kind_of)
        elif change.kind is ChangeKind.REMOVED:
            self._go(change.before, kind_of)
        elif change.kind is ChangeKind.REPLACED:
            self._go(change.before, kind_of)
            self._come(change.after, kind_of)
        elif len(change.before) == len(change.after):
            self._follow([((old,), (new,)) for old, new in zip(change.before, change.after, strict=True)])
        else:
            self._follow([(change.before, change.after)])

    def counted(self, rss: Iterable[tuple[Region, int | None]]) -> None:
        """Record the Rss of some regions."""
        for region, count in rss:
            if count is not None:
                self.resident(region, count)

    def resident(self, region: Region, count: int) -> None:
        """Record a region's Rss."""
        before, track = self._known(region), self.tracks.get(region.start)
        if before == count:
            return
        self._set_rss(region, count)
        if before is not None:
            track = track or self._begun(region, before)
            gained = count - before
            track = track._replace(rss=track.rss + gained, jump=gained, jumped_at=self._clock)
        if track is not None:
            self.tracks[region.start] = track.then(self._clock, count)

    def read_again(self, read: Usages, rss: Iterable[tuple[Region, int | None]]) -> None:
        """Record the Rss of all regions, and keep only what the new reading of smaps doesn't know of them."""
        rest: dict[int, int | None] = {}
        for region, count in rss:
            if count is not None and self._watch.looks:  # at the first look there is nothing to compare it with
                self.resident(region, count)
            known = self._known(region) if count is None else count
            if known != _rss_in(read, region):
                rest[region.start] = known
        self.read, self.rss = read, rest

    def _known(self, region: Region) -> int | None:
        """Return the last known Rss of a region."""
        return self.rss[region.start] if region.start in self.rss else _rss_in(self.read, region)

    def _begun(self, region: Region, rss: int | None) -> Track:
        """Start the track of a region that hasn't changed before."""
        clock = self._watch.origin.clock
        return Track(region, clock).then(clock, rss)

    def _set_rss(self, region: Region, count: int | None) -> None:
        if self._own_rss is None:
            self.rss = self._own_rss = dict(self.rss)
        if count is None and not self.read.has_start(region.start):
            self._own_rss.pop(region.start, None)
        else:
            self._own_rss[region.start] = count

    def _come(self, regions: Sequence[Region], kind_of: Callable[[Region], RegionKind]) -> None:
        for region in regions:
            self.came = _counted(self.came, kind_of(region), region)
            self.tracks[region.start] = Track(region, self._clock).then(self._clock, None)

    def _go(self, regions: Sequence[Region], kind_of: Callable[[Region], RegionKind]) -> None:
        for region in regions:
            track = self.tracks.pop(region.start, None)
            self.went = _counted(self.went, kind_of(region), region, track.size if track is not None else 0)
            self._set_rss(region, None)

    def _follow(self, pairs: Sequence[tuple[Sequence[Region], Sequence[Region]]]) -> None:
        """Pass on what the regions had gained to their successors, or to the largest one if there are several."""
        olds = [[self._take(region) for region in before] for before, _ in pairs]
        for (before, after), taken in zip(pairs, olds, strict=True):
            heir = max(after, key=lambda region: region.size)
            tracks = [track for track, _ in taken]
            gained = sum(region.size for region in after) - sum(region.size for region in before)
            newest = max(tracks, key=lambda track: track.jumped_at)
            known = [count for _, count in taken if count is not None]
            if len(known) == len(taken):
                self._share(after, sum(known))
            self.tracks[heir.start] = Track(
                heir,
                min(track.since for track in tracks),
                sum(track.size for track in tracks) + gained,
                sum(track.rss for track in tracks),
                newest.jump,
                newest.jumped_at,
                max(tracks, key=lambda track: track.region.size).points,
            ).then(self._clock, self._known(heir))

    def _take(self, region: Region) -> tuple[Track, int | None]:
        count = self._known(region)
        track = self.tracks.pop(region.start, None) or self._begun(region, count)
        if count is not None:
            self._set_rss(region, None)
        return track, count

    def _share(self, regions: Sequence[Region], count: int) -> None:
        """Assume that memory is spread evenly until it is counted."""
        whole = sum(region.size for region in regions)
        at = done = 0
        for region in regions:
            at += region.size
            upto = count * at // whole
            self._set_rss(region, upto - done)
            done = upto


def _rss_in(read: Usages, region: Region) -> int | None:
    usage = read.of(region)
    return None if usage is None else usage.get("Rss")


def _counted(
    tallies: Mapping[RegionKind, Tally], kind: RegionKind, region: Region, gained: int = 0
) -> Mapping[RegionKind, Tally]:
    return {**tallies, kind: tallies.get(kind, Tally()).plus(region, gained)}
