"""Keeps the counters of regions that change between two readings of smaps, and counts their pages again."""

import time
from collections.abc import Iterable, Mapping, Sequence

from mmexplorer.kernel.pagemap import count_resident
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.model.budget import CHEAP, SHARE
from mmexplorer.model.carried import Known, carry, counted, pieces_to_count
from mmexplorer.model.changes import differing
from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.snapshot import Counters
from mmexplorer.model.unavailable import Unavailable

_SECONDS_PER_BYTE = 0.003 / 2**30
"""Measured: what PAGEMAP_SCAN takes where every page is there. Where it isn't, it takes less."""
_NOTHING = Usage({}, (), None)


class CarriedCounters:
    """Follows the regions of one program in one process."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs if isinstance(procfs, LiveProcfs) else None
        self._regions: tuple[Region, ...] = ()
        self._counters: Counters | Unavailable | None = None
        self._read: Mapping[Range, Usage] = {}
        self._counted_at = time.monotonic() - 2 * CHEAP / SHARE
        self.seconds = 0.0
        """What counting took the last time."""
        self.known: Mapping[Range, Known] = {}
        """Of the regions that differ from those of the last reading of smaps; the same object while nothing changes."""

    def advance(self, pid: int, regions: tuple[Region, ...], counters: Counters | Unavailable) -> Mapping[Range, Known]:
        """Go on to the regions of another look, whose counters are `counters`, and give `known`."""
        before: Sequence[Region] = self._regions
        if isinstance(counters, Counters) and counters is not self._counters:
            self._read, self.known = counters.by_range, {}
            before = tuple(region for region in regions if region.range in self._read)
        self.seconds = 0.0
        if before is not regions and before != regions:
            self.known = self._carried(pid, before, regions)
        self._counters, self._regions = counters, regions
        return self.known

    def _usage_of(self, region: Region) -> Usage | None:
        known = self.known.get(region.range)
        return self._read.get(region.range) if known is None else known.usage

    def _carried(self, pid: int, before: Sequence[Region], after: Sequence[Region]) -> Mapping[Range, Known]:
        middle = differing(before, after)
        same = set(map(id, middle.before)) & set(map(id, middle.after))
        old, new = ([region for region in side if id(region) not in same] for side in middle)
        usages = carry(old, new, self._usage_of)
        known = dict(self.known)
        for region in old:
            known.pop(region.range, None)
        for region in new:
            usage = usages.get(region.range)
            if usage is not None or region.range in self._read:
                # What smaps said of a range says nothing of what was mapped there since.
                known[region.range] = Known(usage or _NOTHING, carried=usage is not None, counted=False)
        return {**known, **self._count(pid, old, new, usages)}

    def _count(
        self, pid: int, old: Sequence[Region], new: Iterable[Region], usages: Mapping[Range, Usage]
    ) -> Mapping[Range, Known]:
        if self._procfs is None:
            return {}
        allowed = self._allowed()
        covered = {region.start: region.range for region in old} | {region.end: region.range for region in old}
        at_most = int(allowed / _SECONDS_PER_BYTE)
        pieces = pieces_to_count(new, lambda region: covered.get(region.start) or covered.get(region.end), at_most)
        found: dict[Range, Known] = {}
        start = time.thread_time()
        residents = count_resident(self._procfs, pid, pieces, allowed)
        self.seconds = time.thread_time() - start
        for piece, resident in zip(pieces, residents, strict=False):
            if resident is None:
                continue
            known = found.get(piece.region.range)
            before = known.usage if known is not None else usages.get(piece.region.range)
            usage = counted(piece, resident, before)
            found[piece.region.range] = Known(usage, carried=piece.region.range in usages, counted=True)
        return found

    def _allowed(self) -> float:
        """Give the seconds that may go into counting now: half of the budget, so that smaps is still read."""
        now = time.monotonic()
        waited, self._counted_at = now - self._counted_at, now
        return min(CHEAP, waited * SHARE / 2)
