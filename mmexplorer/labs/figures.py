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
  range_rss, range_pss, range_shared, range_private   smaps of the watched range: Rss, Pss, Shared_*, Private_*
  range_regions                regions of the map in the watched range
  same_frames                  pages of the watched range that are one page frame in both processes; absent if hidden
  code_offset, code_size, code_address, data_offset, data_size, data_address, entry   of a program's ELF table
  loads, movable, memory_needed, memory_in_pages   its LOADs; 1 if it is of type DYN, else 0; their p_memsz; in pages
  load_bias, entry_at, entry_moved   of the process that runs it; AT_ENTRY, and how far that is from `entry`
  loads_in_place               LOADs whose pages lie where the table and the load bias put them; bytes_of_loads: those
                               of the map in their place
  regions_of_program, bytes_of_program   of the map, what comes from the program's file
  regions_of_elf_files, elf_files   the same of all files with an ELF table, and how many files
  regions_unexplained          regions of ELF files that no program header accounts for
  distinct_program, distinct_heap, distinct_library, distinct_stack, distinct_vdso   at how many places the other
                               processes have them; distinct_shapes: how many maps of the program, seen from its start
  first_program_at, first_stack_at, second_program_at, second_stack_at, third_program_at, third_stack_at   where the
                               process of that name has them; so with library, heap and vdso
  child_range_rss, child_range_pss, child_range_private, child_touch_min_flt, child_byte, program_vm_size,
  program_rss, program_regions   as those above, of the process whose name stands before them; ...
  si_addr                      the address of the fault, si_addr
  inside                       1 if a region covered it, else 0; region_start, region_end: that region
  distance_below, distance_above   bytes from the nearest region below it, and to the nearest one above, if there are
  ... and what the operations themselves counted: `labs/operations.py` says which.
Of a lab's surroundings (`Lab.surroundings`); each also as a change, mem_free_change for example:
  mem_total, mem_free, mem_available, buff_cache   as free(1) shows them; dirty, committed_as, commit_limit: meminfo's
  oom_kills                    processes killed for want of memory since boot; cgroup_oom_kills: in the lab's own cgroup
  mem_and_swap                 MemTotal + SwapTotal
  mem_free_change, buff_cache_change, mem_available_change, committed_as_change, oom_kills_change,
  cgroup_oom_kills_change, oom_score_change
  cgroup_usage, cgroup_limit, cgroup_processes   of the lab's own cgroup; cgroup_usage_change
  overcommit_memory, panic_on_oom   the settings below /proc/sys/vm
  oom_score, oom_score_adj     of the lab process; app_oom_score: of mmexplorer
Of the simulator, for each rule, here `first`; the others are best, worst and paged:
  first_failures               requests that failed; first_wasted: of them those that enough units were free for
  first_failed                 units the first of them asked for, 0 if none failed
  first_free, first_largest    units free then, or at the end, and those of the largest hole
  first_pieces                 how many places the last request got units in
  best_failures, worst_failures, paged_failures, paged_pieces, paged_free   are among them; units: the memory's size
Words:
  signal, si_code              of the fault; perms: those of the region that covers its address
  ended                        how the process ended, "" if it did not; output: what its program printed
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from mmexplorer.labs.measurement import Measurement, Program
from mmexplorer.labs.program_figures import of_file, of_process, of_several, same_frames
from mmexplorer.labs.protocol import Fault, LabReply
from mmexplorer.model.address import Inside, locate
from mmexplorer.model.pages import PageState, PageStates
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Cause, Unavailable

_COUNTERS = {
    "VmSize": "vm_size", "VmPTE": "page_tables", "Rss": "rss", "Anonymous": "anonymous", "min_flt": "process_min_flt",
    "maj_flt": "process_maj_flt",
}  # fmt: skip
_SINCE_START = {"process_min_flt", "process_maj_flt"}
"""Counted since the start of the process: only the change says something about a step."""

_PAGES = {
    "pages_present": (PageState.ANONYMOUS, PageState.FILE, PageState.HUGE), "pages_zero": (PageState.ZERO,),
    "pages_shared": (PageState.ANONYMOUS_SHARED, PageState.FILE_SHARED, PageState.HUGE_SHARED),
    "pages_copied": (PageState.COPIED, PageState.COPIED_SHARED), "pages_swapped": (PageState.SWAPPED,),
    "pages_guard": (PageState.GUARD,), "pages_absent": (PageState.ABSENT,),
}  # fmt: skip

_USAGE = {
    "range_rss": ("Rss",), "range_pss": ("Pss",), "range_shared": ("Shared_Clean", "Shared_Dirty"),
    "range_private": ("Private_Clean", "Private_Dirty"),
}  # fmt: skip
_NEW = Unavailable(Cause.GONE, "it was not there before")


class MissingFigureError(LookupError):
    """A figure was asked for that was not measured; the message says which and why."""


class Figures:
    """What was measured in a step, by name. `labs/figures.py` says which names there are."""

    def __init__(self, numbers: Mapping[str, int], words: Mapping[str, str], why_not: str) -> None:
        """`why_not`: why a figure that isn't there could not be measured."""
        self.numbers = numbers
        self.words = words
        self._why_not = why_not

    def __getitem__(self, name: str) -> int:
        """Give a number. Raises MissingFigureError."""
        if name not in self.numbers:
            raise MissingFigureError(f"{name} is not known: {self._why_not}")
        return self.numbers[name]

    def word(self, name: str) -> str:
        """Give a word. Raises MissingFigureError."""
        if name not in self.words:
            raise MissingFigureError(f"{name} is not known: {self._why_not}")
        return self.words[name]


def figures(
    before: Measurement | Unavailable,
    after: Measurement | Unavailable,
    replies: Sequence[LabReply],
    around: Sequence[Mapping[str, int]] = ({}, {}),
) -> Figures:
    """Give all that can be said of a step."""
    numbers = dict(_around(*around))
    words = {"ended": "", "output": "".join(reply.output for reply in replies)}
    why_not = "it is not measured in this step"
    if isinstance(after, Unavailable):
        why_not = after.reason
    else:
        numbers |= dict(_of_process(before, after)) | dict(_of_others(before, after)) | dict(_of_program(after))
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


def _around(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    for name, value in after.items():
        yield name, value
        if name in before:
            yield f"{name}_change", value - before[name]


def covers(regions: Sequence[Region], start: int, end: int) -> bool:
    """Whether every address of the range lies in some region; `regions` ascend."""
    inside = [region for region in regions if region.end > start and region.start < end]
    if not inside or inside[0].start > start or inside[-1].end < end:
        return False
    return all(lower.end == upper.start for lower, upper in pairwise(inside))


def _of_process(before: Measurement | Unavailable, after: Measurement) -> Iterator[tuple[str, int]]:
    yield from _counters(before, after)
    yield from _pages(after.pages)
    if isinstance(after.pages, PageStates):
        start, end = after.pages.range
        yield "range_regions", sum(region.start < end and start < region.end for region in after.regions)
    if after.usage is not None:
        for figure, fields in _USAGE.items():
            yield figure, sum(after.usage.get(field) or 0 for field in fields)


def _of_others(before: Measurement | Unavailable, after: Measurement) -> Iterator[tuple[str, int]]:
    """The same figures of each further process, with its name before them, and how the processes compare."""
    for name, other in after.others.items():
        if isinstance(other, Measurement):
            then = before.others.get(name, _NEW) if isinstance(before, Measurement) else before
            for figure, value in _of_process(then, other):
                yield f"{name}_{figure}", value
            yield from same_frames(after, other)
    yield from of_several(after.others)


def _of_program(after: Measurement) -> Iterator[tuple[str, int]]:
    if not isinstance(after.program, Program):
        return
    yield from of_file(after.program.image)
    yield from of_process(after.program)


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
    for name, states in _PAGES.items():
        yield name, sum(counts.get(state, 0) for state in states)
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
