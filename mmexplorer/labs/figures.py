"""From two measurements and the replies between them to figures with names. Sizes are bytes.

Numbers:
  regions                      how many the map has afterwards; regions_change
  vm_size, page_tables         VmSize and VmPTE of status; vm_size_change, page_tables_change
  rss, anonymous               Rss and Anonymous of smaps_rollup, counted from the page tables; rss_change ...
  heap                         the size of [heap], 0 without one; heap_change
  process_min_flt, process_maj_flt   faults of the whole process, also those of its own housekeeping
  start, end, length           the range of the last operation
  covered                      1 if the map afterwards covers all of that range, else 0
  pages_present, pages_zero, pages_shared, pages_copied, pages_swapped, pages_guard, pages_absent
                               pages of the watched range; pages_mapped are those that are in memory
  si_addr                      the address of the fault, si_addr
  inside                       1 if a region covered it, else 0; region_start, region_end: that region
  distance_below, distance_above   bytes from the nearest region below it, and to the nearest one above, if there are
  ... and what the operations themselves counted: `labs/operations.py` says which.
Words:
  signal, si_code              of the fault; perms: those of the region that covers its address
  ended                        how the process ended, "" if it did not; output: what its program printed
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.lab import Fault, Figures, LabReply, Measurement
from mmexplorer.model.pages import PageState, PageStates
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable

_COUNTERS = {
    "VmSize": "vm_size", "VmPTE": "page_tables", "Rss": "rss", "Anonymous": "anonymous", "min_flt": "process_min_flt",
    "maj_flt": "process_maj_flt",
}  # fmt: skip
_SINCE_START = {"process_min_flt", "process_maj_flt"}
"""Counted since the start of the process: only the change says something about a step."""

_PAGES = {
    PageState.PRESENT: "pages_present", PageState.ZERO: "pages_zero", PageState.SHARED: "pages_shared",
    PageState.COPIED: "pages_copied", PageState.SWAPPED: "pages_swapped", PageState.GUARD: "pages_guard",
    PageState.ABSENT: "pages_absent",
}  # fmt: skip


def figures(
    before: Measurement | Unavailable, after: Measurement | Unavailable, replies: Sequence[LabReply]
) -> Figures:
    """Give all that can be said of a step."""
    numbers: dict[str, int] = {}
    words = {"ended": "", "output": "".join(reply.output for reply in replies)}
    why_not = "it is not measured in this step"
    if isinstance(after, Unavailable):
        why_not = after.reason
    else:
        numbers |= dict(_counters(before, after)) | dict(_pages(after.pages))
        if isinstance(after.pages, Unavailable):
            why_not = after.pages.reason
    for reply in replies:
        numbers |= reply.figures
        words["ended"] = reply.ended
        if reply.fault is not None and isinstance(before, Measurement):
            numbers |= dict(_place(reply.fault, before.regions))
            words |= _signal(reply.fault, before.regions)
    if replies and replies[-1].end:
        numbers |= _range(replies[-1], after)
    return Figures(numbers, words, why_not)


def covers(regions: Sequence[Region], start: int, end: int) -> bool:
    """Whether every address of the range lies in some region; `regions` ascend."""
    inside = [region for region in regions if region.end > start and region.start < end]
    if not inside or inside[0].start > start or inside[-1].end < end:
        return False
    return all(lower.end == upper.start for lower, upper in pairwise(inside))


def _counters(before: Measurement | Unavailable, after: Measurement) -> Iterator[tuple[str, int]]:
    now = dict(_named(after))
    then = {} if isinstance(before, Unavailable) else dict(_named(before))
    for name, value in now.items():
        if name in _SINCE_START:
            if name in then:
                yield name, value - then[name]
            continue
        yield name, value
        if name in then:
            yield f"{name}_change", value - then[name]


def _named(measured: Measurement) -> Iterator[tuple[str, int]]:
    yield "regions", len(measured.regions)
    yield "heap", sum(region.size for region in measured.regions if region.path == "[heap]")
    for kernel_name, name in _COUNTERS.items():
        if kernel_name in measured.counters:
            yield name, measured.counters[kernel_name]


def _pages(pages: PageStates | Unavailable | None) -> Iterator[tuple[str, int]]:
    if not isinstance(pages, PageStates):
        return
    counts = pages.counts()
    for state, name in _PAGES.items():
        yield name, counts.get(state, 0)
    yield "pages_mapped", pages.in_memory


def _range(reply: LabReply, after: Measurement | Unavailable) -> dict[str, int]:
    numbers = {"start": reply.start, "end": reply.end, "length": reply.end - reply.start}
    if isinstance(after, Measurement):
        numbers["covered"] = int(covers(after.regions, reply.start, reply.end))
    return numbers


def _place(fault: Fault, regions: Sequence[Region]) -> Iterator[tuple[str, int]]:
    yield "si_addr", fault.address
    place = locate(regions, fault.address)
    yield "inside", int(isinstance(place, Inside))
    if isinstance(place, Inside):
        yield "region_start", place.region.start
        yield "region_end", place.region.end
        return
    if place.below is not None:
        yield "distance_below", place.after_below
    if place.above is not None:
        yield "distance_above", place.before_above


def _signal(fault: Fault, regions: Sequence[Region]) -> dict[str, str]:
    words = {"signal": fault.signal, "si_code": fault.code}
    place = locate(regions, fault.address)
    return words | {"perms": place.region.perms} if isinstance(place, Inside) else words
