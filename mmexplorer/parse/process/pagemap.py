"""/proc/PID/pagemap: 64 bits per page in the machine's byte order, and the results of PAGEMAP_SCAN.

See Documentation/admin-guide/mm/pagemap.rst in the kernel source.
"""

import struct
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby

from mmexplorer.model.memory.pages import PageState, Run
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.page_presence import ENTRY_SIZE

_FLAGS_SHIFT = 55
_EXCLUSIVE = 1 << (56 - _FLAGS_SHIFT)
_GUARD = 1 << (58 - _FLAGS_SHIFT)
_FILE_OR_SHM = 1 << (61 - _FLAGS_SHIFT)
_SWAPPED = 1 << (62 - _FLAGS_SHIFT)
_PRESENT = 1 << (63 - _FLAGS_SHIFT)
_FRAME = (1 << _FLAGS_SHIFT) - 1

_SCANNED = struct.Struct("=QQQ")


class Scanned(NamedTuple):
    """A `struct page_region`: consecutive pages in the same categories."""

    start: int
    end: int
    categories: int


def parse_pagemap(entries: bytes | memoryview, start: int, page_size: int, *, private_file: bool) -> Iterator[Run]:
    """Return the runs of the pages from `start` on, 8 bytes per entry; a truncated last entry is left out.

    `private_file`: whether the pages belong to a MAP_PRIVATE region of a file, where an anonymous page is a copy. The
    zero page looks shared here: only PAGEMAP_SCAN recognizes it (kernel/README.md, "pagemap").
    """
    whole = len(entries) - len(entries) % ENTRY_SIZE
    numbers = memoryview(entries)[:whole].cast("Q")
    for flags, group in groupby(number >> _FLAGS_SHIFT for number in numbers):
        end = start + page_size * sum(1 for _ in group)
        yield Run(start, end, _state(flags, private_file))
        start = end


def parse_ranges(
    entries: bytes, start: int, ranges: Sequence[Scanned], page_size: int, *, private_file: bool
) -> Iterator[Run]:
    """Return the runs of `ranges`; `entries` holds the entries of the pages from `start` on."""
    raw = memoryview(entries)
    numbers = raw.cast("Q")
    for first, end, _ in ranges:
        at = (first - start) // page_size
        if end - first == page_size:
            yield Run(first, end, _state(numbers[at] >> _FLAGS_SHIFT, private_file))
        else:
            part = raw[at * ENTRY_SIZE : (at + (end - first) // page_size) * ENTRY_SIZE]
            yield from parse_pagemap(part, first, page_size, private_file=private_file)


@cache
def _state(flags: int, private_file: bool) -> PageState:  # noqa: FBT001 - a cached function of two values
    if flags & _GUARD:
        return PageState.GUARD
    if flags & _SWAPPED:
        return PageState.SWAPPED
    if not flags & _PRESENT:
        return PageState.ABSENT
    if flags & _FILE_OR_SHM:
        alone, shared = PageState.FILE, PageState.FILE_SHARED
    elif private_file:
        alone, shared = PageState.COPIED, PageState.COPIED_SHARED
    else:
        alone, shared = PageState.ANONYMOUS, PageState.ANONYMOUS_SHARED
    return alone if flags & _EXCLUSIVE else shared


def parse_frames(entries: bytes) -> tuple[int, ...] | None:
    """Return the page frame number of each page, 0 if it isn't present; None if the kernel hides them.

    To readers without CAP_SYS_ADMIN the kernel shows 0; no process has a page in frame 0.
    """
    whole = len(entries) - len(entries) % ENTRY_SIZE
    numbers = memoryview(entries)[:whole].cast("Q")
    present = [bool(number >> _FLAGS_SHIFT & _PRESENT) for number in numbers]
    frames = tuple(number & _FRAME if there else 0 for number, there in zip(numbers, present, strict=True))
    hidden = any(there and not frame for there, frame in zip(present, frames, strict=True))
    return None if hidden else frames


def parse_scanned(regions: bytes) -> tuple[Scanned, ...]:
    """Read the vector filled by PAGEMAP_SCAN; a truncated last record is left out."""
    whole = len(regions) - len(regions) % _SCANNED.size
    return tuple(Scanned(*fields) for fields in _SCANNED.iter_unpack(regions[:whole]))
