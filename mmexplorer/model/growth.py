"""How the regions of a process have grown since a moment: kept through growing, splitting and merging.

What is kept is of the regions that changed alone: one that did not has nothing to tell.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from mmexplorer.model.changes import Change, ChangeKind
from mmexplorer.model.process import Process
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.value import field, frozen, replace

_MINUTE = 60.0
_LEAST = 1.0
"""Seconds. Before that a rate says nothing."""
_POINTS = 128
"""Kept of a region; of more every other one is left out, so that what is kept still begins where it began."""


class Growth(NamedTuple):
    """What a region gained; bytes, negative for what it lost."""

    size: int
    """Of address space."""
    rss: int
    """Of memory; swapped out or given back is lost."""
    seconds: float
    """In which time."""

    @property
    def size_per_minute(self) -> float | None:
        """None before there is enough to tell."""
        return self._per_minute(self.size)

    @property
    def rss_per_minute(self) -> float | None:
        """None before there is enough to tell."""
        return self._per_minute(self.rss)

    def _per_minute(self, count: int) -> float | None:
        return count * _MINUTE / self.seconds if self.seconds >= _LEAST else None


class Point(NamedTuple):
    """What a region was from a moment on, until the next point."""

    clock: float
    """Seconds of the monotonic clock."""
    size: int
    """Bytes of address space."""
    rss: int | None
    """Bytes of memory; None where that wasn't known."""


class Track(NamedTuple):
    """One region that changed since the moment, under whatever start it has now."""

    region: Region
    since: float
    """When it was seen first, on the monotonic clock."""
    size: int = 0
    """Bytes gained since."""
    rss: int = 0
    jump: int = 0
    """By how much Rss differed at the last reading that differed."""
    jumped_at: float = 0.0
    points: tuple[Point, ...] = ()
    """How it came to what it is, oldest first."""

    def then(self, clock: float, rss: int | None) -> "Track":
        """Add what the region is now."""
        point = Point(clock, self.region.size, rss)
        if self.points and self.points[-1].clock == clock:
            return self._replace(points=(*self.points[:-1], point))
        kept = self.points if len(self.points) < _POINTS else self.points[::2]
        return self._replace(points=(*kept, point))


class Tally(NamedTuple):
    """Regions of a kind that came, or went."""

    regions: int = 0
    size: int = 0
    """Bytes of address space."""
    gained: int = 0
    """How many of these they had gained since they are watched, before they went."""

    def plus(self, region: Region, gained: int) -> "Tally":
        """Count one more."""
        return Tally(self.regions + 1, self.size + region.size, self.gained + gained)


class Origin(NamedTuple):
    """The process at the moment from which on growth is counted."""

    clock: float
    """Seconds of the monotonic clock."""
    taken_at: float
    """Seconds since the epoch."""
    vsz: int
    """Of the regions: statm is read at another moment."""
    rss: int | None
    """None where it isn't known."""
    faults: int

    @classmethod
    def of(cls, process: Process, vsz: int, clock: float, taken_at: float) -> "Origin":
        """Begin now."""
        rss = process.rss if isinstance(process.rss, int) else None
        return cls(clock, taken_at, vsz, rss, process.min_flt + process.maj_flt)


@frozen
class Watch:
    """The regions of a process since a moment."""

    origin: Origin
    looks: int = 0
    """How often the process was looked at."""
    clock: float = 0.0
    """When it was looked at last."""
    tracks: Mapping[int, Track] = field(default_factory=dict)
    """By the start of the region."""
    rss: Mapping[int, int] = field(default_factory=dict)
    """What was last known of each region, by its start."""
    came: Mapping[RegionKind, Tally] = field(default_factory=dict)
    went: Mapping[RegionKind, Tally] = field(default_factory=dict)

    def growth(self, track: Track) -> Growth:
        """Give what a region gained since it was seen first."""
        return Growth(track.size, track.rss, self.clock - track.since)

    def advance(
        self,
        clock: float,
        changes: Sequence[Change],
        rss: Iterable[tuple[Region, int | None]],
        kind_of: Callable[[Region], RegionKind],
    ) -> "Watch":
        """Go on to another look, which found `changes`; `rss` is of all regions whose counters were read or counted."""
        step = _Step(self, clock)
        for change in changes:
            step.change(change, kind_of)
        for region, count in rss:
            if count is not None:
                step.resident(region, count)
        return replace(
            self,
            looks=self.looks + 1,
            clock=clock,
            tracks=step.tracks,
            rss=step.rss,
            came=step.came,
            went=step.went,
        )


class _Step:
    """What one look makes of a `Watch`; copies only what it changes."""

    def __init__(self, watch: Watch, clock: float) -> None:
        self._watch = watch
        self._clock = clock
        self.tracks = dict(watch.tracks)
        self.rss: Mapping[int, int] = watch.rss
        self._own_rss: dict[int, int] | None = None
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

    def resident(self, region: Region, count: int) -> None:
        """Take note of a region's Rss."""
        before, track = self.rss.get(region.start), self.tracks.get(region.start)
        if before == count:
            return
        self._set_rss({region.start: count})
        if before is not None:
            track = track or self._begun(region, before)
            gained = count - before
            track = track._replace(rss=track.rss + gained, jump=gained, jumped_at=self._clock)
        if track is not None:
            self.tracks[region.start] = track.then(self._clock, count)

    def _begun(self, region: Region, rss: int | None) -> Track:
        """Give the track of a region that hasn't changed yet."""
        clock = self._watch.origin.clock
        return Track(region, clock).then(clock, rss)

    def _set_rss(self, counts: Mapping[int, int], gone: Iterable[int] = ()) -> None:
        if self._own_rss is None:
            self.rss = self._own_rss = dict(self.rss)
        for start in gone:
            self._own_rss.pop(start, None)
        self._own_rss.update(counts)

    def _come(self, regions: Sequence[Region], kind_of: Callable[[Region], RegionKind]) -> None:
        for region in regions:
            self.came = _counted(self.came, kind_of(region), region)
            self.tracks[region.start] = Track(region, self._clock).then(self._clock, None)

    def _go(self, regions: Sequence[Region], kind_of: Callable[[Region], RegionKind]) -> None:
        for region in regions:
            track = self.tracks.pop(region.start, None)
            self.went = _counted(self.went, kind_of(region), region, track.size if track is not None else 0)
        self._set_rss({}, (region.start for region in regions))

    def _follow(self, pairs: Sequence[tuple[Sequence[Region], Sequence[Region]]]) -> None:
        """Hand what the regions before had gained to those after: the largest is the heir, where there are more."""
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
            ).then(self._clock, self.rss.get(heir.start))

    def _take(self, region: Region) -> tuple[Track, int | None]:
        count = self.rss.get(region.start)
        track = self.tracks.pop(region.start, None) or self._begun(region, count)
        if count is not None:
            self._set_rss({}, (region.start,))
        return track, count

    def _share(self, regions: Sequence[Region], count: int) -> None:
        """Take the memory to be spread evenly, until it is counted."""
        whole = sum(region.size for region in regions)
        at = done = 0
        for region in regions:
            at += region.size
            upto = count * at // whole
            self._set_rss({region.start: upto - done})
            done = upto


def _counted(
    tallies: Mapping[RegionKind, Tally], kind: RegionKind, region: Region, gained: int = 0
) -> Mapping[RegionKind, Tally]:
    return {**tallies, kind: tallies.get(kind, Tally()).plus(region, gained)}
