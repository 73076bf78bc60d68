"""What is behind a process's addresses: the states of pages and their frames.

Uses /proc/PID/pagemap (kernel/README.md, "pagemap"); the work is bounded, however large the range.
"""

import array
import fcntl
import os
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from mmexplorer.kernel.errors import process_unavailable
from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.opened import opened
from mmexplorer.kernel.pages.memory import NO_MEMORY
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.image import page_ceil, page_floor
from mmexplorer.model.memory.pages import PageState, PageStates, Run, covering, filled, joined, overlaid
from mmexplorer.model.memory.translation import Populated
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.page_presence import ENTRY_SIZE
from mmexplorer.parse.process.pagemap import Scanned, parse_frames, parse_pagemap, parse_ranges, parse_scanned

PAGES_AT_MOST = 1 << 18
"""Entries read per call: a gigabyte's, in about 12 ms."""
FRAMES_AT_MOST = 1 << 13
"""Pages: 32 MiB of 4 KiB pages."""

_SCANNED_FIRST = 1 << 14
"""Pages. For a larger range, PAGEMAP_SCAN first finds the parts that aren't empty."""
_CHUNK = 1 << 16
_SAMPLES = 1 << 6

_PAGEMAP_SCAN = 0xC0606610
_ARGUMENT = struct.Struct("=12Q")
_VECTOR = 1 << 13
_RANGES_AT_MOST = 1 << 20
"""As in 8 GiB in which every other page is present."""
_PIECE, _PIECE_OF_FILES = 1 << 16, 1 << 13
"""Pages that one call may find, each for about a millisecond: that long it holds the process's mmap lock.

Asking for FILE makes the kernel look at each page, at seven times the cost.
"""
_SPAN = 1 << 28
"""Bytes that one call may cover if it looks for what hardly any page is."""
_NEAR = 1 << 9
"""Gaps of up to this many pages are read rather than skipped: a system call costs as much."""
HIDDEN = Unavailable(Cause.DENIED, "hidden: the kernel tells frame numbers only with CAP_SYS_ADMIN", "run with sudo")
"""Used as the frame of a present page."""
USER_END = 0x7FFFFFFFF000
"""PAGEMAP_SCAN refuses ranges beyond it (EFAULT)."""
FILE, PRESENT, SWAPPED, PFNZERO, HUGE = 0x4, 0x8, 0x10, 0x20, 0x40
"""Categories. Always ask for one of them: an empty entry claims to be WRITTEN. A guard is SWAPPED too."""


def reaches(procfs: LiveProcfs, address: int) -> bool:
    """Return whether processes can have a page at `address`: pagemap ends where their address space does."""
    try:
        with opened(procfs.path("self/pagemap")) as descriptor:
            return bool(os.pread(descriptor, ENTRY_SIZE, address // page_size() * ENTRY_SIZE))
    except OSError:
        return False


def read_pages(
    procfs: LiveProcfs,
    pid: int,
    wanted: Range,
    *,
    private_file: bool = False,
    at_most: int = PAGES_AT_MOST,
    parts: int = 0,
) -> PageStates | Unavailable:
    """Read the pages that overlap `wanted`. `private_file`: see `parse_pagemap`.

    With `parts`, find only the first pages of each of that many parts: for 64 GiB this takes some milliseconds if the
    kernel has PAGEMAP_SCAN. The rest of a part that isn't empty is then NOT_READ.

    At most `at_most` entries are read. The rest is NOT_READ: the end of the range if PAGEMAP_SCAN (6.7) finds empty
    parts, otherwise the gaps between samples evenly spaced over the range.
    """
    page = page_size()
    pages = Range(page_floor(wanted.start, page), page_ceil(wanted.end, page))
    try:
        with opened(procfs.path(f"{pid}/pagemap")) as descriptor:
            pagemap = Pagemap(descriptor, page, private_file=private_file, at_most=at_most)
            return PageStates(pages, page, (pagemap.outlined(pages, parts) if parts else None) or pagemap.runs(pages))
    except OSError as error:
        return process_unavailable(error)
    except EOFError:
        return NO_MEMORY


def read_frames(procfs: LiveProcfs, pid: int, pages: Range) -> tuple[int, ...] | None:
    """Return the page frame number of each page of `pages`, 0 if it has none.

    None if the kernel hides them (without CAP_SYS_ADMIN), if the process has ended, and for more than 32 MiB: use the
    page states, `read_pages`, instead.
    """
    page = page_size()
    if pages.size > FRAMES_AT_MOST * page:
        return None
    try:
        with opened(procfs.path(f"{pid}/pagemap")) as descriptor:
            entries = os.pread(descriptor, pages.size // page * ENTRY_SIZE, pages.start // page * ENTRY_SIZE)
    except OSError:
        return None
    return parse_frames(entries)


def read_populated(
    procfs: LiveProcfs, pid: int, ranges: Iterable[Range], huge_size: int
) -> tuple[Populated, ...] | Unavailable:
    """Return where entries in the ascending `ranges` are not empty. `huge_size`: see `Pagemap.populated`."""
    found: list[Populated] = []
    try:
        with opened(procfs.path(f"{pid}/pagemap")) as descriptor:
            pagemap = Pagemap(descriptor, page_size(), private_file=False, at_most=PAGES_AT_MOST)
            for wanted in ranges:
                found += pagemap.populated(wanted, huge_size)
    except OSError as error:
        return process_unavailable(error)
    except EOFError:
        return NO_MEMORY
    return tuple(found)


def read_present(procfs: LiveProcfs, pid: int, wanted: Range) -> tuple[Range, ...] | Unavailable:
    """Return the parts of the page-aligned `wanted` that are in memory; adjacent parts are not merged."""
    try:
        with opened(procfs.path(f"{pid}/pagemap")) as descriptor:
            return Pagemap(descriptor, page_size(), private_file=False, at_most=PAGES_AT_MOST).present(wanted)
    except OSError as error:
        return process_unavailable(error)
    except EOFError:
        return NO_MEMORY


class Pagemap:
    """An open pagemap."""

    seconds = 0.0
    """Processor time of the last PAGEMAP_SCAN call: it held the process's mmap lock no longer than that."""

    def __init__(self, descriptor: int, page: int, *, private_file: bool, at_most: int) -> None:
        self._descriptor = descriptor
        self.page = page
        """The page size in bytes."""
        self._private_file = private_file
        self._at_most = at_most

    def runs(self, pages: Range) -> tuple[Run, ...]:
        """Read page states in the cheapest way, and mark zero pages and huge pages if the kernel reports them."""
        large = pages.size // self.page > _SCANNED_FIRST
        populated = self._scan(pages, PRESENT | SWAPPED) if large else None
        found = joined(self._sampled(pages)) if populated is None else filled(pages, self._populated(populated))
        marks = [
            Run(each.start, each.end, _mark(each))
            for piece in covering(
                [pages] if populated is None else [Range(at.start, at.end) for at in populated], _SPAN
            )
            for each in self._scan(piece, PFNZERO | HUGE) or ()
        ]
        return overlaid(found, marks, _marked) if marks else found

    def outlined(self, pages: Range, parts: int) -> tuple[Run, ...] | None:
        """Read the first page in each of that many equal parts; None if the kernel can't scan."""
        step = page_ceil(max(1, pages.size // parts), self.page)
        found: list[Run] = []
        for start in range(pages.start, pages.end, step):
            part = Range(start, min(start + step, pages.end))
            scanned, _ = (
                self.scan_once(part, PRESENT | SWAPPED, at_most=1, vectors=1) if part.end <= USER_END else (None, 0)
            )
            if scanned is None:
                return None
            for each in scanned:
                found += self._read(Range(each.start, each.start + self.page))
                found.append(Run(each.start + self.page, part.end, PageState.NOT_READ))
        return filled(pages, found)

    def present(self, pages: Range) -> tuple[Range, ...]:
        """Return where pages are in memory, in whatever state."""
        scanned = self._scan(pages, PRESENT)
        if scanned is not None:
            return tuple(Range(each.start, each.end) for each in scanned)
        return tuple(Range(run.start, run.end) for run in self.runs(pages) if run.state.in_memory)

    def populated(self, pages: Range, huge_size: int) -> tuple[Populated, ...]:
        """Return where entries are not empty, separating huge pages of `huge_size` bytes if the kernel reports them."""
        scanned = self._scan(pages, PRESENT | SWAPPED, HUGE | FILE)
        if scanned is None:
            empty = (PageState.ABSENT, PageState.NOT_READ)
            return tuple(Populated(Range(run.start, run.end)) for run in self.runs(pages) if run.state not in empty)
        return tuple(
            Populated(
                Range(each.start, each.end),
                huge_size if each.categories & HUGE else 0,
                deposit=not each.categories & FILE,
            )
            for each in scanned
        )

    def _sampled(self, pages: Range) -> Iterator[Run]:
        """Read all pages, or evenly spaced samples."""
        if pages.size // self.page <= self._at_most:
            yield from self._read(pages)
            return
        step = page_ceil(pages.size // _SAMPLES, self.page)
        length = max(1, self._at_most // _SAMPLES) * self.page
        for start in range(pages.start, pages.end, step):
            end = min(start + length, pages.end)
            yield from self._read(Range(start, end))
            yield Run(end, min(start + step, pages.end), PageState.NOT_READ)

    def _populated(self, scanned: tuple[Scanned, ...]) -> Iterator[Run]:
        """Read what PAGEMAP_SCAN found, within the limit."""
        left = self._at_most
        for window in _windows(scanned, self.page):
            size = sum(found.end - found.start for found in window) // self.page
            if size <= left:
                yield from self._read_window(window)
            else:
                yield from self._read_first(window, left)
            left = max(0, left - size)

    def _read_window(self, window: Sequence[Scanned]) -> Iterator[Run]:
        """Read nearby ranges in one call."""
        if len(window) == 1:
            yield from self._read(Range(window[0].start, window[0].end))
            return
        start = window[0].start
        length = (window[-1].end - start) // self.page * ENTRY_SIZE
        entries = os.pread(self._descriptor, length, start // self.page * ENTRY_SIZE)
        if len(entries) < length:
            raise EOFError
        yield from parse_ranges(entries, start, window, self.page, private_file=self._private_file)

    def _read_first(self, window: Sequence[Scanned], left: int) -> Iterator[Run]:
        for found in window:
            end = min(found.end, found.start + left * self.page)
            yield from self._read(Range(found.start, end))
            yield Run(end, found.end, PageState.NOT_READ)
            left -= (end - found.start) // self.page

    def _read(self, pages: Range) -> Iterator[Run]:
        return chain.from_iterable(self._chunks(pages))

    def _chunks(self, pages: Range) -> Iterator[Iterator[Run]]:
        start = pages.start
        while start < pages.end:
            length = min((pages.end - start) // self.page, _CHUNK) * ENTRY_SIZE
            entries = os.pread(self._descriptor, length, start // self.page * ENTRY_SIZE)
            if len(entries) < ENTRY_SIZE:
                raise EOFError  # the address space is gone, or ends before `pages`
            yield parse_pagemap(entries, start, self.page, private_file=self._private_file)
            start += len(entries) // ENTRY_SIZE * self.page

    def _scan(self, pages: Range, categories: int, also: int = 0) -> tuple[Scanned, ...] | None:
        """Return where pages are in any of `categories`; None if the kernel lacks the request or is too slow.

        Ranges that differ in `categories` or `also` stay separate.
        """
        if pages.end > USER_END:
            return None
        most = _PIECE_OF_FILES if (categories | also) & FILE else _PIECE
        result: list[Scanned] = []
        start = pages.start
        while start < pages.end and len(result) < _RANGES_AT_MOST:
            found, walk_end = self.scan_once(Range(start, pages.end), categories, also, at_most=most)
            if found is None:
                return None
            _append(result, found)
            if len(found) < _VECTOR and sum(each.end - each.start for each in found) < most * self.page:
                return tuple(result)
            # walk_end may lag behind the returned regions (kernel/README.md, "pagemap").
            start = max(walk_end, found[-1].end)
        return tuple(result) if start >= pages.end else None

    def scan_once(
        self, pages: Range, categories: int, also: int = 0, *, at_most: int = 0, vectors: int = _VECTOR
    ) -> tuple[tuple[Scanned, ...] | None, int]:
        """Make one call that stops after `at_most` pages in `categories` or `vectors` ranges; 0 for no limit.

        Return the ranges found (None if the kernel lacks the request) and how far it got.
        """
        vector = array.array("Q", bytes(vectors * 24))
        argument = bytearray(
            _ARGUMENT.pack(
                _ARGUMENT.size, 0, pages.start, pages.end, 0, vector.buffer_info()[0], vectors, at_most, 0, 0,
                categories, categories | also,
            )
        )  # fmt: skip
        start = time.thread_time()
        try:
            count = fcntl.ioctl(self._descriptor, _PAGEMAP_SCAN, argument)
        except OSError:
            return None, 0  # ENOTTY before 6.7: pagemap is read instead, and will report any other problem
        finally:
            self.seconds = time.thread_time() - start
        return parse_scanned(vector.tobytes()[: count * 24]), _ARGUMENT.unpack(argument)[4]


def _append(result: list[Scanned], found: Sequence[Scanned]) -> None:
    """Append ranges; join what was only cut because a call ended there."""
    if result and found and result[-1].end == found[0].start and result[-1].categories == found[0].categories:
        result[-1] = Scanned(result[-1].start, found[0].end, found[0].categories)
        found = found[1:]
    result += found


def _windows(scanned: Sequence[Scanned], page: int) -> Iterator[Sequence[Scanned]]:
    """Group ranges close enough that one read, of at most a chunk, is cheaper than several."""
    first = 0
    for index in range(1, len(scanned)):
        near = scanned[index].start - scanned[index - 1].end <= _NEAR * page
        if not near or scanned[index].end - scanned[first].start > _CHUNK * page:
            yield scanned[first:index]
            first = index
    if scanned:
        yield scanned[first:]


def _mark(found: Scanned) -> PageState:
    return PageState.ZERO if found.categories & PFNZERO else PageState.HUGE


def _marked(below: PageState, mark: PageState) -> PageState:
    """Apply the mark to a page if it is in memory: it may have gone between the two readings."""
    if not below.in_memory:
        return below
    return below.huge if mark is PageState.HUGE else mark
