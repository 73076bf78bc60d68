"""Counts what of a process is in memory without holding it up: by PAGEMAP_SCAN, in pieces, with pauses.

A call holds the lock that the process's own mmap(2) needs (kernel/README.md, "smaps"). How long is measured, and the
next piece is made so large that it takes `PIECE_SECONDS`.
"""

import time
from collections.abc import Iterable, Sequence

from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.opened import opened
from mmexplorer.kernel.pages.pagemap import FILE, HUGE, PAGES_AT_MOST, PFNZERO, PRESENT, SWAPPED, USER_END, Pagemap
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.carried import Piece, Resident
from mmexplorer.model.memory.pages import PageState, PageStates, is_private_file
from mmexplorer.model.region import Range, Region

PIECE_SECONDS = 0.0002
"""Of processor time: what a call should take."""
_PAUSE = 10
"""Times what was spent, until the next one: the 99th percentile of the process's own calls is hardly another then."""

_FEWEST, _FIRST, _MOST = 1 << 9, 1 << 12, 1 << 15
"""Pages in memory that are counted with one call."""
_NEAREST, _NEAR, _FARTHEST = 1 << 21, 1 << 30, 1 << 46
"""Bytes that one call goes over; where nothing is it takes next to no time, unless there are page tables."""
_FARTHER = 1 << 3
_VECTORS = 1 << 10
_READ = 1 << 24
"""Bytes whose entries are read at once where the kernel has no PAGEMAP_SCAN."""


class ResidentCounter:
    """Counts in one process, as long as it may."""

    def __init__(self, procfs: LiveProcfs) -> None:
        self._procfs = procfs
        self._pages = _FIRST
        self._reach = _NEAR
        self._owed = 0.0
        self._can_scan = True
        self.seconds = 0.0
        """Processor time that the last counting took, the pauses aside."""
        self.longest = 0.0
        """Of it, the longest single call."""

    def count(self, pid: int, pieces: Iterable[Piece], seconds: float) -> Sequence[Resident | None]:
        """Count what of each of `pieces` is there and what is swapped out; of fewer, once that has taken `seconds`.

        They are whole pages of memory as `model.carried.countable` tells. None for huge pages of a file: hugetlbfs
        keeps its own out of Rss. The seconds are processor time, as on a busy machine most of the others are not spent
        here; with the pauses it takes eleven times as long.
        """
        self.seconds = self.longest = 0.0
        found: list[Resident | None] = []
        try:
            with opened(self._procfs.path(f"{pid}/pagemap")) as descriptor:
                pagemap = Pagemap(descriptor, page_size(), private_file=False, at_most=PAGES_AT_MOST)
                for piece in pieces:
                    if self.seconds > seconds:
                        break
                    found.append(self._count(pagemap, piece))
        except (OSError, EOFError):
            return found  # the process is gone, or keeps it to itself: the reading of maps says so
        return found

    def _count(self, pagemap: Pagemap, piece: Piece) -> Resident | None:
        total = Resident(0, 0, 0)
        # Asking for FILE has the kernel look at each page, at seven times the cost: only where both kinds may be.
        mixed = is_private_file(piece.region)
        start = piece.range.start
        while start < piece.range.end:
            wanted = Range(start, min(start + self._reach, piece.range.end))
            found = self._scan(pagemap, wanted, piece.region) if wanted.end <= USER_END else None
            if found is None and piece.region.inode and not self._can_scan:
                return None  # nothing else tells huge pages
            part, start = self._read(pagemap, Range(start, piece.range.end)) if found is None else found
            if part is None:
                return None
            total = total.plus(part)
        if not mixed:
            total = total._replace(anonymous=total.rss if piece.region.perms.endswith("p") else 0)
        return total

    def _scan(self, pagemap: Pagemap, wanted: Range, region: Region) -> tuple[Resident | None, int] | None:
        """Make one call, and say how far it came; None where the kernel has none such, or pages are swapped out.

        PAGEMAP_SCAN may not tell a guard from a page that is swapped out, pagemap does.
        """
        asked, also = self._pages, FILE if is_private_file(region) else 0
        scanned, walk_end = pagemap.scan_once(
            wanted, PRESENT | SWAPPED, PFNZERO | HUGE | also, at_most=asked, vectors=_VECTORS
        )
        self._can_scan = scanned is not None
        if scanned is None or any(found.categories & SWAPPED for found in scanned):
            return None
        pages = sum(found.end - found.start for found in scanned) // pagemap.page
        self._adapt(pagemap.seconds, all_of_them=pages >= asked)
        if region.inode and any(found.categories & HUGE for found in scanned):
            return None, wanted.end
        here = [found for found in scanned if not found.categories & PFNZERO]
        rss = sum(found.end - found.start for found in here)
        anonymous = sum(found.end - found.start for found in here if not found.categories & FILE)
        stopped = pages >= asked or len(scanned) >= _VECTORS
        # walk_end may lag behind what was given (kernel/README.md, "pagemap").
        return Resident(rss, 0, anonymous), max(walk_end, scanned[-1].end) if stopped else wanted.end

    def _adapt(self, seconds: float, *, all_of_them: bool) -> None:
        """Make the next piece smaller or larger by what this one took, and pause."""
        if seconds > 2 * PIECE_SECONDS and all_of_them:
            self._pages = max(_FEWEST, self._pages // 2)
        elif seconds > 2 * PIECE_SECONDS:
            self._reach = max(_NEAREST, self._reach // _FARTHER)
        elif seconds < PIECE_SECONDS / 2 and all_of_them:
            self._pages = min(_MOST, self._pages * 2)
        elif seconds < PIECE_SECONDS / 2:
            self._reach = min(_FARTHEST, self._reach * _FARTHER)
        self._spend(seconds)

    def _spend(self, seconds: float) -> None:
        self.seconds += seconds
        self.longest = max(self.longest, seconds)
        self._owed += seconds
        if self._owed >= PIECE_SECONDS:
            time.sleep(_PAUSE * self._owed)
            self._owed = 0.0

    def _read(self, pagemap: Pagemap, rest: Range) -> tuple[Resident, int]:
        """Read entries: the kernel lets go of the lock every 2 MiB."""
        wanted = Range(rest.start, min(rest.start + _READ, rest.end))
        begun, longest = time.thread_time(), self.longest
        states = PageStates(wanted, pagemap.page, pagemap.runs(wanted)).counts()
        self._spend(time.thread_time() - begun)
        self.longest = longest
        rss = sum(count for state, count in states.items() if state.in_rss)
        anonymous = states[PageState.ANONYMOUS] + states[PageState.ANONYMOUS_SHARED]
        counted = (rss, states[PageState.SWAPPED], anonymous)
        return Resident(*(count * pagemap.page for count in counted)), wanted.end
