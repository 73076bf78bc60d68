"""Figures of a program, from its ELF table and from the process that runs it, and of several processes side by side."""

from collections.abc import Iterator, Mapping, Sequence

from mmexplorer.labs.landmarks import Landmark, landmarks, shape
from mmexplorer.labs.measurement import Measurement, Program
from mmexplorer.model.elf import ElfImage, LoaderPart, Segment, loader_table, page_ceil, page_floor
from mmexplorer.model.layout import LoadedImage, run_time_address, run_time_range
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable

_PAGE = 4096
"""Bytes: `Need.SMALL_PAGES` of the labs that use these figures."""


def of_file(image: ElfImage) -> Iterator[tuple[str, int]]:
    """What the table says: `code_offset` ... `memory_in_pages` of `labs/figures.py`."""
    table = loader_table(image, _PAGE)
    yield from _part("code", table.code)
    yield from _part("data", table.data)
    yield "entry", table.entry
    yield "loads", len(image.loads)
    yield "movable", int(image.type == "DYN")
    yield "memory_needed", table.memory.raw
    yield "memory_in_pages", table.memory.pages


def of_process(program: Program) -> Iterator[tuple[str, int]]:
    """Where it all is: `load_bias` ... `regions_unexplained` of `labs/figures.py`."""
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
    """How the maps of several processes compare: `distinct_stack` ... of `labs/figures.py`."""
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
    """In how many pages of the watched range two processes have the same page frame; nothing where that is hidden."""
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
    """Whether the map has the pages of a LOAD where its program header puts them, byte for byte of the file.

    Worked out from p_vaddr, p_offset and p_filesz alone, not by the matcher, which would agree with itself.
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
