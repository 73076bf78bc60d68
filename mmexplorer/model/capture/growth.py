"""How fast a process's regions grow over many moments: a least-squares line and how well it fits."""

from collections.abc import Iterable, Sequence

from mmexplorer.model.region import Range
from mmexplorer.model.value import NamedTuple, mutable

SURE_SAMPLES = 8
"""With fewer moments the result proves nothing."""
_SURE_FIT = 0.7
"""R². Memory that grows in steps, as malloc's heap does, still reaches more than this over a few steps."""
_FALL_AT_MOST = 0.35
"""As a fraction of total growth. If more is lost again, the memory is freed now and then, as in a cache or a sawtooth.
"""


class Sample(NamedTuple):
    """A region at one moment."""

    range: Range
    resident: int
    """Bytes in memory or swapped out; the size if that isn't known."""
    what: str
    """What the region is, in words."""


class Trend(NamedTuple):
    """A straight line fitted to samples."""

    per_second: float
    """Bytes per second."""
    samples: int
    r_squared: float
    """From 0 to 1: how much of the variation the line explains. 0 if there was none."""
    fall: float
    """The deepest drop below an earlier peak, as a fraction of the difference between lowest and highest."""

    @property
    def leak(self) -> bool:
        """Whether it keeps growing, as far as the samples can tell."""
        sure = self.samples >= SURE_SAMPLES and self.r_squared >= _SURE_FIT
        return self.per_second > 0 and sure and self.fall <= _FALL_AT_MOST


class Growth(NamedTuple):
    """How one region grew."""

    what: str
    range: Range
    """Where it was last seen."""
    trend: Trend
    gained: int
    """Bytes from the first sample to the last."""


def trend(points: Sequence[tuple[float, int]]) -> Trend:
    """Fit a line to (seconds, bytes)."""
    count = len(points)
    if count == 0:
        return Trend(0.0, 0, 0.0, 0.0)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    across = sum((x - mean_x) ** 2 for x, _ in points)
    up = sum((y - mean_y) ** 2 for _, y in points)
    both = sum((x - mean_x) * (y - mean_y) for x, y in points)
    slope = both / across if across else 0.0
    fit = min(1.0, both * both / (across * up)) if across and up else 0.0
    return Trend(slope, count, fit, _fall([y for _, y in points]))


def _fall(heights: Sequence[int]) -> float:
    distance = max(heights) - min(heights)
    top = heights[0]
    deepest = 0
    for height in heights:
        top = max(top, height)
        deepest = max(deepest, top - height)
    return deepest / distance if distance else 0.0


@mutable
class _Track:
    """A region followed from moment to moment."""

    latest: Sample
    points: list[tuple[float, int]]


class GrowthTracker:
    """Follows regions through moments: a region is paired with the one that overlaps it most, even if its start moved.

    So malloc's heap, which grows upward, and a stack or a run of mappings, which grow downward, each count as one
    region. Regions that merge are counted as one from the start: their earlier sizes are added up.
    """

    def __init__(self) -> None:
        self._alive: list[_Track] = []
        self._ended: list[_Track] = []

    def add(self, seconds: float, samples: Iterable[Sample]) -> None:
        """Add the regions of a moment, ascending and not overlapping."""
        now = list(samples)
        heirs = _heirs(self._alive, now)
        alive = []
        for index, sample in enumerate(now):
            track = heirs.get(index)
            if track is None:
                track = _Track(sample, [])
            track.latest = sample
            track.points.append((seconds, sample.resident))
            alive.append(track)
        taken = set(map(id, heirs.values()))
        self._ended += (track for track in self._alive if id(track) not in taken)
        self._alive = alive

    def growths(self) -> tuple[Growth, ...]:
        """Return every region that changed: leaks first, then by growth rate."""
        found = [_growth(track) for track in (*self._alive, *self._ended) if len({y for _, y in track.points}) > 1]
        return tuple(sorted(found, key=lambda each: (not each.trend.leak, -each.trend.per_second, each.range)))


def _growth(track: _Track) -> Growth:
    points = track.points
    return Growth(track.latest.what, track.latest.range, trend(points), points[-1][1] - points[0][1])


def _heirs(tracks: Sequence[_Track], samples: Sequence[Sample]) -> dict[int, _Track]:
    """Pair each track with the sample it shares the most addresses with, one to one."""
    shared: list[tuple[int, int, int]] = []
    old = new = 0
    while old < len(tracks) and new < len(samples):
        before, after = tracks[old].latest.range, samples[new].range
        common = min(before.end, after.end) - max(before.start, after.start)
        if common > 0:
            shared.append((-common, old, new))
        if before.end <= after.end:
            old += 1
        else:
            new += 1
    heirs: dict[int, _Track] = {}
    taken: set[int] = set()
    for _, old, new in sorted(shared):
        if new not in heirs and old not in taken:
            heirs[new] = tracks[old]
            taken.add(old)
    return heirs
