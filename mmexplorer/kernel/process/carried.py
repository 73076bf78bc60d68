"""Keeps the counters of regions that change between two readings of smaps, and recounts their pages."""

import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, tee

from mmexplorer.kernel.pages.resident import ResidentCounter
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.budget import CHEAP, SHARE
from mmexplorer.model.carried import (
    Known,
    Piece,
    Resident,
    carry,
    counted,
    followed,
    in_turn,
    pieces_to_count,
    with_counters,
)
from mmexplorer.model.differing import Differing, differing
from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.snapshot import Counters
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.usages import Usages
from mmexplorer.model.value import NamedTuple

_SECONDS_PER_BYTE = 0.003 / 2**30
"""Measured with PAGEMAP_SCAN when all pages are present; otherwise it is faster."""
_NOTHING = Usage({}, (), None)
_NOTHING_THERE = Resident(0, 0, 0)
_SHARE = SHARE / 2
_FIRST = CHEAP / 4
"""Seconds that counting may take at the first look; with pauses this becomes eleven times as long."""
_PIECE = 1 << 30
"""Bytes: counting may exceed the allowed time by this much."""
_AGAIN = 60.0
"""Seconds after which everything is counted again, even if no page seems to have come or gone."""

Footprint = tuple[object, ...]
"""What changes when a page of a process comes or goes: Rss and the numbers of its page faults."""


class _Turn(NamedTuple):
    """The state of a process when counting all its regions began."""

    footprint: Footprint
    regions: tuple[Region, ...]
    at: float
    """Of the monotonic clock."""


class CarriedCounters:
    """Follows the regions of one program in a process."""

    def __init__(self, procfs: LiveProcfs | None) -> None:
        """`procfs` is where pages are counted; if it is None, they aren't."""
        self._counter = ResidentCounter(procfs) if procfs is not None else None
        self._turn: Sequence[Piece] = ()
        """What remains to be counted until all regions have been."""
        self._begun: _Turn | None = None
        self._complete: _Turn | None = None
        """The last turn in which each region was counted."""
        self._sum: Resident | None = None
        """The sum so far for the first of them; None if it can't be counted."""
        self._regions: tuple[Region, ...] = ()
        self._counters: Counters | Unavailable | None = None
        self._read = Usages()
        self._paid_until = time.monotonic() - _FIRST / _SHARE
        """Up to when the budget is spent, on the monotonic clock."""
        self.seconds = self.longest = 0.0
        """Processor time of the last count, and of its longest call."""
        self.known: Mapping[Range, Known] = {}
        """For regions that differ from those in the last reading of smaps; the same object while nothing changes."""

    def advance(self, pid: int, regions: tuple[Region, ...], counters: Counters | Unavailable) -> Mapping[Range, Known]:
        """Advance to the regions of the next look, with their `counters`, and return `known`."""
        before: Sequence[Region] = self._regions
        if isinstance(counters, Counters) and counters is not self._counters:
            if self.known or counters.by_range is not self._read:
                before = tuple(compress(regions, counters.by_range.of_each(regions)))
                self.known = {} if self.known else self.known
            self._read, self._turn = counters.by_range, ()
        self.seconds = self.longest = 0.0
        if before is not regions and before != regions:
            middle = differing(before, regions)
            self._turn = followed(self._turn, middle)
            self.known = self._carried(pid, middle)
        self._counters, self._regions = counters, regions
        return self.known

    def count_on(self, pid: int, footprint: Footprint) -> Mapping[Range, Known]:
        """Continue counting where the last look stopped, one region after another, and return `known`.

        A region for which smaps gave the same result keeps that. Nothing is counted again while `footprint` stays the
        same: a call is short, but if we are interrupted in it, it holds the process up until we continue.
        """
        self.seconds = self.longest = 0.0
        allowed = self._allowed() if self._counter is not None else 0.0
        if allowed <= 0:
            return self.known
        self._turn = self._turn or self._next_turn(footprint)
        if not self._turn:
            return self.known
        known = dict(self.known)
        pieces, residents = self._turn, self._counts(pid, self._turn, allowed)
        self._turn = pieces[len(residents) :] if residents else ()
        if not self._turn:
            self._complete = self._begun if residents else None
        for piece, resident in zip(pieces, residents, strict=False):
            region = piece.region
            before = _NOTHING_THERE if piece.first else self._sum
            self._sum = None if before is None or resident is None else before.plus(resident)
            if piece.last and self._sum is not None:
                now = self._counted(region, self._sum)
                if now is not None and now != known.get(region.range):
                    known[region.range] = now
        if known != self.known:
            self.known = known
        return self.known

    def _next_turn(self, footprint: Footprint) -> Sequence[Piece]:
        """Return what to count: all regions, or those that changed since all were counted if no page came or went."""
        now, last = time.monotonic(), self._complete
        if last is None or last.footprint != footprint or now - last.at >= _AGAIN:
            self._begun = _Turn(footprint, self._regions, now)
            return in_turn(self._regions, _PIECE)
        self._begun = last._replace(regions=self._regions)
        if last.regions is self._regions:
            return ()
        middle = differing(last.regions, self._regions)
        same = set(map(id, middle.before))
        changed = in_turn((region for region in middle.after if id(region) not in same), _PIECE)
        if not changed:
            self._complete = self._begun
        return changed

    def _counted(self, region: Region, resident: Resident) -> Known | None:
        read = self._read.of(region)
        if region.range not in self.known and read is not None and with_counters(read, resident.counters) == read:
            return None
        usage = with_counters(self.usage_of(region), resident.counters)
        return Known(usage, carried="Pss" in usage.fields, counted=True)

    def usage_of(self, region: Region) -> Usage | None:
        """Return the known counters of one of the regions."""
        known = self.known.get(region.range)
        return self._read.of(region) if known is None else known.usage

    def _counts(self, pid: int, pieces: Iterable[Piece], seconds: float) -> Sequence[Resident | None]:
        if self._counter is None:
            return ()
        found = self._counter.count(pid, pieces, seconds)
        # The last piece may have exceeded the allowed time: then the next look counts less, or nothing.
        self._paid_until += self._counter.seconds / _SHARE
        self.seconds += self._counter.seconds
        self.longest = max(self.longest, self._counter.longest)
        return found

    def _carried(self, pid: int, middle: Differing) -> Mapping[Range, Known]:
        same = set(map(id, middle.before)).intersection(map(id, middle.after))
        old, new = ([region for region in side if id(region) not in same] for side in middle)
        usages = carry(old, new, self.usage_of)
        known = dict(self.known)
        for region in old:
            known.pop(region.range, None)
        for region in new:
            usage = usages.get(region.range)
            if usage is not None or self._read.of(region) is not None:
                # smaps' counters for a range don't apply to what was mapped there since.
                known[region.range] = Known(usage or _NOTHING, carried=usage is not None, counted=False)
        return {**known, **self._count(pid, old, new, usages)}

    def _count(
        self, pid: int, old: Sequence[Region], new: Iterable[Region], usages: Mapping[Range, Usage]
    ) -> Mapping[Range, Known]:
        if self._counter is None:
            return {}
        allowed = self._allowed()
        covered = {region.start: region.range for region in old} | {region.end: region.range for region in old}
        at_most = int(allowed / _SECONDS_PER_BYTE)

        def known_of(region: Region) -> Range | None:
            usage = usages.get(region.range)
            return (covered.get(region.start) or covered.get(region.end)) if usage and "Rss" in usage.fields else None

        pieces, asked = tee(pieces_to_count(new, known_of, at_most))
        found: dict[Range, Known] = {}
        for piece, resident in zip(pieces, self._counts(pid, asked, allowed), strict=False):
            if resident is None:
                continue
            known = found.get(piece.region.range)
            before = known.usage if known is not None else usages.get(piece.region.range)
            usage = counted(piece, resident, before)
            found[piece.region.range] = Known(usage, carried=piece.region.range in usages, counted=True)
        return found

    def _allowed(self) -> float:
        """Return the seconds counting may take now: half of the budget, to leave some for smaps.

        Unspent time is kept, up to the amount for a first look.
        """
        now = time.monotonic()
        self._paid_until = max(self._paid_until, now - _FIRST / _SHARE)
        return max(0.0, (now - self._paid_until) * _SHARE)
