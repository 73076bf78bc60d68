"""Computes the figures of a step, named in `labs/figures.py`, from two measurements and the replies between them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.landmarks import Landmark, landmarks, shape
from mmexplorer.labs.measurement import Measurement, Program
from mmexplorer.labs.protocol import Fault, LabReply
from mmexplorer.model.address import Inside, locate
from mmexplorer.model.elf.image import ElfImage, LoaderPart, Segment, loader_table, page_ceil, page_floor
from mmexplorer.model.elf.layout import LoadedImage, run_time_address, run_time_range
from mmexplorer.model.memory.pages import PageState, PageStates
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Cause, Unavailable

_COUNTERS = {
    "VmSize": "vm_size", "VmPTE": "page_tables", "Rss": "rss", "Anonymous": "anonymous", "min_flt": "process_min_flt",
    "maj_flt": "process_maj_flt",
}  # fmt: skip
_SINCE_START = {"process_min_flt", "process_maj_flt"}
"""Counted since the process started, so only the change in the step is a figure."""

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
_OF_TOUCHES = ("pages", "touch_min_flt", "touch_maj_flt")
_NEW = Unavailable(Cause.GONE, "it was not there before")
_PAGE = 4096
"""Bytes: `Need.SMALL_PAGES` of the labs that use these figures."""


def figures(
    before: Measurement | Unavailable,
    after: Measurement | Unavailable,
    replies: Sequence[LabReply],
    around: Sequence[Mapping[str, int]] = ({}, {}),
) -> Figures:
    """Return all figures of a step."""
    numbers = dict(_around(*around))
    words = {"ended": "", "output": "".join(reply.output for reply in replies)}
    why_not = "it is not measured in this step"
    if isinstance(after, Unavailable):
        why_not = after.reason
    else:
        numbers |= dict(_of_process(before, after)) | dict(_of_others(before, after)) | dict(_of_program(after))
        if isinstance(after.pages, Unavailable):
            why_not = after.pages.reason
    numbers |= _told(replies)
    for reply in replies:
        words["ended"] = reply.ended
        if reply.fault is not None and isinstance(before, Measurement):
            numbers |= dict(_place(reply.fault, before.regions))
            words |= _signal(reply.fault, before.regions)
    if replies and replies[-1].end:
        numbers |= _range(replies[-1], after)
    return Figures(numbers, words, why_not)


def _told(replies: Sequence[LabReply]) -> dict[str, int]:
    """Return the figures of the replies: sums over the touches, else those of the last reply that has them."""
    told: dict[str, int] = {}
    for reply in replies:
        for name, value in reply.figures.items():
            told[name] = value + (told.get(name, 0) if name.endswith(_OF_TOUCHES) else 0)
    return told


def _around(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    for name, value in after.items():
        yield name, value
        if name in before:
            yield f"{name}_change", value - before[name]


def covers(regions: Sequence[Region], start: int, end: int) -> bool:
    """Return whether the regions cover the whole range; `regions` ascend."""
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
    """Yield the figures of each further process, prefixed with its name, and how the processes compare."""
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
    yield "stack", sum(region.size for region in measured.regions if region.path == "[stack]")
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


def of_file(image: ElfImage) -> Iterator[tuple[str, int]]:
    """Yield the figures of an ELF table: `code_offset` ... `memory_in_pages`."""
    table = loader_table(image, _PAGE)
    yield from _part("code", table.code)
    yield from _part("data", table.data)
    yield "entry", table.entry
    yield "loads", len(image.loads)
    yield "movable", int(image.type == "DYN")
    yield "memory_needed", table.memory.raw
    yield "memory_in_pages", table.memory.pages


def of_process(program: Program) -> Iterator[tuple[str, int]]:
    """Yield the figures of a process that runs the program: `load_bias` ... `regions_unexplained`."""
    loaded = next((each for each in program.layout.images if each.role == "executable"), None)
    if loaded is None or program.entry is None:
        return
    regions = program.regions
    yield "load_bias", loaded.load_bias
    yield "entry_at", program.entry
    yield "entry_moved", program.entry - program.image.entry
    yield "loads_in_place", sum(_in_place(loaded, load, regions) for load in program.image.loads)
    elf_files = {each.file for each in program.layout.images if each.file is not None}
    from_elf = [region for region in regions if region.file in elf_files]
    unexplained = sum(region.start not in program.layout.matches for region in from_elf)
    spans = [run_time_range(loaded, load, _PAGE) for load in program.image.loads]
    yield "bytes_of_loads", sum(_common(region, span) for region in regions for span in spans)
    of_program = [region for region in regions if region.file == loaded.file]
    yield "regions_of_program", len(of_program)
    yield "bytes_of_program", sum(region.size for region in of_program)
    yield "regions_of_elf_files", len(from_elf)
    yield "regions_unexplained", unexplained
    yield "elf_files", len(elf_files)


def of_several(others: Mapping[str, Measurement | Unavailable]) -> Iterator[tuple[str, int]]:
    """Yield how the maps of several processes compare: `distinct_stack` ..."""
    maps = {name: other.regions for name, other in others.items() if isinstance(other, Measurement)}
    places = {name: landmarks(regions) for name, regions in maps.items()}
    for name, found in places.items():
        for landmark, address in found.items():
            yield f"{name}_{_NAMES[landmark]}_at", address
    if len(maps) > 1:
        for landmark, figure in _NAMES.items():
            known = [found[landmark] for found in places.values() if landmark in found]
            if len(known) == len(maps):
                yield f"distinct_{figure}", len(set(known))
        yield "distinct_shapes", len({shape(regions) for regions in maps.values()})


_NAMES = {
    Landmark.PROGRAM: "program", Landmark.HEAP: "heap", Landmark.LIBRARY: "library", Landmark.STACK: "stack",
    Landmark.VDSO: "vdso",
}  # fmt: skip


def same_frames(one: Measurement, other: Measurement) -> Iterator[tuple[str, int]]:
    """Yield how many watched pages have the same page frame in two processes; nothing if frames are hidden."""
    if one.frames is not None and other.frames is not None:
        yield "same_frames", sum(ours == theirs != 0 for ours, theirs in zip(one.frames, other.frames, strict=False))


def _part(name: str, part: LoaderPart | None) -> Iterator[tuple[str, int]]:
    if part is not None:
        yield f"{name}_offset", part.offset
        yield f"{name}_size", part.size
        yield f"{name}_address", part.address


def _common(region: Region, span: Range) -> int:
    return max(0, min(region.end, span.end) - max(region.start, span.start))


def _in_place(loaded: LoadedImage, load: Segment, regions: Sequence[Region]) -> bool:
    """Return whether the map has the pages of a LOAD at the addresses and file offsets given by its program header.

    Computed from p_vaddr, p_offset and p_filesz alone, so that it doesn't rely on the matcher it checks.
    """
    span = run_time_range(loaded, load, _PAGE)
    file_end = run_time_address(loaded, page_ceil(load.vaddr + load.filesz, _PAGE))
    at = span.start
    for region in regions:
        if region.start <= at < region.end:
            offset = page_floor(load.offset, _PAGE) + at - span.start
            if at < file_end and (region.file != loaded.file or region.offset + at - region.start != offset):
                return False
            at = region.end
    return at >= span.end
