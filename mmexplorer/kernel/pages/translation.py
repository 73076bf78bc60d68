"""How a process's addresses are translated, as far as the kernel shows it."""

import os
import time
from collections.abc import Mapping, Sequence
from functools import cache

from mmexplorer.kernel.pages.frames import read_counts
from mmexplorer.kernel.pages.pagemap import HIDDEN, reaches, read_frames, read_pages, read_populated
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.budget import may_read
from mmexplorer.model.elf.image import page_floor
from mmexplorer.model.memory.inspection import TableCount, Walk
from mmexplorer.model.memory.pages import PageState
from mmexplorer.model.memory.translation import Paging, Populated, Translation, page_tables
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.process.status import parse_status

_USER_BITS = (32, 36, 38, 39, 42, 47, 48, 52, 56)
"""How many address bits processes have in the configurations of x86-64, arm64 and RISC-V."""
_TABLE_FOR_EACH_HALF = ("aarch64",)
"""Machines where user and kernel have separate tables, so that a process's table doesn't include the kernel's half."""
_OLDEST_BITS = 47
_HUGETLB = "ht"
"""A VmFlag in smaps."""
_AGAIN = 60.0
"""Seconds after which the tables are counted again, even if no page seems to have come or gone."""

_NO_PAGE = {
    PageState.ABSENT: "no page is there yet: the first access faults it in",
    PageState.SWAPPED: "the page is in the swap space",
    PageState.GUARD: "a guard: every access to it is a fault",
}


@cache
def read_paging(procfs: LiveProcfs) -> Paging:
    """Determine how many levels this kernel uses: processes' addresses end where its tables do."""
    bits = next((bits for bits in _USER_BITS if not reaches(procfs, 1 << bits)), _OLDEST_BITS)
    return Paging(procfs.page_size, bits if os.uname().machine in _TABLE_FOR_EACH_HALF else bits + 1)


def translate(procfs: LiveProcfs, pid: int, address: int, huge_size: int | None = None) -> Translation | Unavailable:
    """Translate `address`, which lies in a region. `huge_size`: the page size of a hugetlb region, from smaps."""
    paging = read_paging(procfs)
    start = page_floor(address, paging.page_size)
    page = Range(start, start + paging.page_size)
    states = read_pages(procfs, pid, page)
    if isinstance(states, Unavailable):
        return states
    state = states.runs[0].state
    huge = huge_size or (_largest_entry(paging) if state in (PageState.HUGE, PageState.HUGE_SHARED) else None)
    levels = paging.levels(address)
    if huge and state.in_memory:
        levels = tuple(level for level in levels if 1 << level.shift >= huge)
    frame = _frame(procfs, pid, page, state)
    return Translation(address, levels, state, frame, paging.page_size, huge if state.in_memory else None)


def _largest_entry(paging: Paging) -> int:
    """Return the size of a transparent huge page: the span of an entry one level above the lowest."""
    return 1 << paging.shift(paging.depth - 2)


def _frame(procfs: LiveProcfs, pid: int, page: Range, state: PageState) -> int | Unavailable:
    if not state.in_memory:
        return Unavailable(Cause.UNSUPPORTED, _NO_PAGE.get(state, state.value))
    frames = read_frames(procfs, pid, page)
    return frames[0] if frames and frames[0] else HIDDEN


def read_entries(
    procfs: LiveProcfs, pid: int, regions: Sequence[Region], hugetlb: Sequence[Range] = ()
) -> tuple[Populated, ...] | Unavailable:
    """Return where the page-table entries of `regions` are not empty; `hugetlb` pages keep no spare tables."""
    paging = read_paging(procfs)
    ranges = [region.range for region in regions if not region.kernels_own]
    found = read_populated(procfs, pid, ranges, _largest_entry(paging))
    if isinstance(found, Unavailable) or not hugetlb:
        return found
    starts = [each.start for each in hugetlb]
    return tuple(
        entries._replace(deposit=False)
        if any(start <= entries.range.start < each.end for start, each in zip(starts, hugetlb, strict=True))
        else entries
        for entries in found
    )


def hugetlb_size(space: AddressSpace, region: Region) -> int | None:
    """Return the page size of a hugetlb region; None for any other, and if smaps wasn't read."""
    usage = space.usage_of(region)
    return usage.get("KernelPageSize") if usage is not None and _HUGETLB in (usage.vm_flags or ()) else None


def walk(counter: "TableCounter", pid: int, space: AddressSpace, region: Region, address: int) -> Walk | Unavailable:
    """Translate an `address` of `region`, and let `counter` count the process's page tables."""
    found = translate(counter.procfs, pid, address, hugetlb_size(space, region))
    if isinstance(found, Unavailable):
        return found
    return Walk(found, _mapped(counter.procfs, found.frame), counter.count(pid, space))


def _mapped(procfs: LiveProcfs, frame: int | Unavailable) -> int | Unavailable:
    if isinstance(frame, Unavailable):
        return frame
    counts = read_counts(procfs, (frame,))
    return counts if isinstance(counts, Unavailable) else counts.get(frame, 0)


class _Footprint(NamedTuple):
    """What changes when a page or a table of a process comes or goes."""

    process: ProcessKey
    regions: tuple[Region, ...]
    vm_pte: int | Unavailable
    pages: tuple[object, ...]


class TableCounter:
    """Counts the page tables of one process after another.

    This walks all of them, under the lock that the process's own mmap(2) needs: they are counted again only once
    something has changed or after a minute, and at most 1 % of the time. Until then the last count is returned.
    """

    def __init__(self, procfs: LiveProcfs) -> None:
        self.procfs = procfs
        self._last: TableCount | None = None
        self._of: _Footprint | None = None
        self._at = 0.0
        """When they were last known to be so many (monotonic)."""
        self._counted_at = self._seconds = 0.0

    def count(self, pid: int, space: AddressSpace) -> TableCount:
        """Return how many tables of each level the present pages need, and how long ago that was so."""
        process, now = space.process, time.monotonic()
        pages = (process.rss, process.min_flt, process.maj_flt)
        of = _Footprint(process.key, space.regions, _vm_pte(self.procfs, pid), pages)
        last, waited = self._last, now - self._counted_at
        if last is not None and self._of is not None and self._of.process == of.process:
            if self._of == of and waited < _AGAIN:
                self._at = now
                return last
            if not may_read(waited, self._seconds):
                return last._replace(age=now - self._at)
        begun = time.thread_time()
        self._last = last = TableCount(_tables(self.procfs, pid, space), of.vm_pte)
        self._seconds = time.thread_time() - begun
        self._of, self._at, self._counted_at = of, now, now
        return last


def _tables(procfs: LiveProcfs, pid: int, space: AddressSpace) -> Mapping[str, int] | Unavailable:
    hugetlb = [region.range for region in space.regions if hugetlb_size(space, region)]
    entries = read_entries(procfs, pid, space.regions, hugetlb)
    return entries if isinstance(entries, Unavailable) else page_tables(entries, read_paging(procfs))


def _vm_pte(procfs: LiveProcfs, pid: int) -> int | Unavailable:
    status = procfs.read(f"{pid}/status")
    if isinstance(status, Unavailable):
        return status
    size = parse_status(status).size("VmPTE")
    return Unavailable(Cause.UNSUPPORTED, "this kernel's status has no VmPTE") if size is None else size
