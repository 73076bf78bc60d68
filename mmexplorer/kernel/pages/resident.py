"""Counts a process's resident pages without stalling it: by PAGEMAP_SCAN, in pieces, with pauses.

A call holds the lock that the process's own mmap(2) needs (kernel/README.md, "smaps"). Its duration is measured, and
the size of the next piece is chosen to make that take `PIECE_SECONDS`.
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

PIECE_SECONDS = 0.00005
"""Intended processor time per call: mmap(2) takes up to twice as long when nobody looks at the process."""
_PAUSE = 10
"""Pause this many times as long as the call took: that hardly changes the 99th percentile of the process's own calls.
"""

_FEWEST, _FIRST, _MOST = 1 << 9, 1 << 10, 1 << 15
"""How many resident pages one call may count."""
_NEAREST, _NEAR, _FARTHEST = 1 << 21, 1 << 30, 1 << 46
"""How many bytes one call may cover; empty parts take almost no time, unless they have page tables."""
_FARTHER = 1 << 3
_VECTORS = 1 << 10
_READ = 1 << 24
"""How many bytes' entries are read at once if the kernel has no PAGEMAP_SCAN."""


class ResidentCounter:
    """Counts the pages of one process within a time limit."""

    def __init__(self, procfs: LiveProcfs) -> None:
        self._procfs = procfs
        self._pages = _FIRST
        self._reach = _NEAR
        self._owed = 0.0
        self._can_scan = True
        self.seconds = 0.0
        """Processor time of the last count, without pauses."""
        self.longest = 0.0
        """The longest single call in it."""

    def count(self, pid: int, pieces: Iterable[Piece], seconds: float) -> Sequence[Resident | None]:
        """Count what is resident and swapped out in each of `pieces`, stopping early after `seconds`.

        The pieces consist of pages that `model.carried.countable` accepts. None for a file's huge pages: hugetlbfs
        pages aren't in Rss. `seconds` is processor time, since on a busy machine much of the wall time isn't spent
        here; including pauses it takes eleven times as long.
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
            return found  # the process is gone, or unreadable: reading maps will report it
        return found

    def _count(self, pagemap: Pagemap, piece: Piece) -> Resident | None:
        total = Resident(0, 0, 0)
        # Asking for FILE makes the kernel look at each page, at seven times the cost: do it only if both kinds may
        # occur.
        mixed = is_private_file(piece.region)
        start = piece.range.start
        while start < piece.range.end:
            wanted = Range(start, min(start + self._reach, piece.range.end))
            found = self._scan(pagemap, wanted, piece.region) if wanted.end <= USER_END else None
            if found is None and piece.region.inode and not self._can_scan:
                return None  # nothing else identifies huge pages
            part, start = self._read(pagemap, Range(start, piece.range.end)) if found is None else found
            if part is None:
                return None
            total = total.plus(part)
        if not mixed:
            total = total._replace(anonymous=total.rss if piece.region.perms.endswith("p") else 0)
        return total

    def _scan(self, pagemap: Pagemap, wanted: Range, region: Region) -> tuple[Resident | None, int] | None:
        """Make one call, and return how far it got; None if the kernel can't scan, or pages are swapped out.

        PAGEMAP_SCAN can't always distinguish a guard from a swapped-out page, but pagemap can.
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
        # walk_end may lag behind the returned regions (kernel/README.md, "pagemap").
        return Resident(rss, 0, anonymous), max(walk_end, scanned[-1].end) if stopped else wanted.end

    def _adapt(self, seconds: float, *, all_of_them: bool) -> None:
        """Adapt the size of the next piece to the time this one took, and pause."""
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
        """Read entries: the kernel releases the lock every 2 MiB."""
        wanted = Range(rest.start, min(rest.start + _READ, rest.end))
        begun, longest = time.thread_time(), self.longest
        states = PageStates(wanted, pagemap.page, pagemap.runs(wanted)).counts()
        self._spend(time.thread_time() - begun)
        self.longest = longest
        rss = sum(count for state, count in states.items() if state.in_rss)
        anonymous = states[PageState.ANONYMOUS] + states[PageState.ANONYMOUS_SHARED]
        counted = (rss, states[PageState.SWAPPED], anonymous)
        return Resident(*(count * pagemap.page for count in counted)), wanted.end
