"""The parts of every address space: which of their addresses change from run to run, and what stays the same."""

from collections.abc import Iterator, Sequence
from enum import Enum

from mmexplorer.model.region import Range, Region


class Landmark(Enum):
    """A part of an address space; the value names it for people."""

    PROGRAM = "program"
    HEAP = "heap"
    LIBRARY = "libraries"
    STACK = "stack"
    VDSO = "vdso"


_NAMED = {"[heap]": Landmark.HEAP, "[stack]": Landmark.STACK, "[vdso]": Landmark.VDSO}


def landmarks(regions: Sequence[Region]) -> dict[Landmark, int]:
    """Return the addresses of the parts that this map has; `regions` ascend.

    The lowest file is the program: Linux loads it below the libraries. A stack grows downward, so its place is its end.
    """
    found = {
        _NAMED[region.path]: region.end if region.path == "[stack]" else region.start
        for region in regions
        if region.path in _NAMED
    }
    files = [region for region in regions if region.file is not None and region.path.startswith("/")]
    if not files:
        return found
    library = next((region.start for region in files if region.file != files[0].file), None)
    return found | {Landmark.PROGRAM: files[0].start} | ({} if library is None else {Landmark.LIBRARY: library})


def shape(regions: Sequence[Region]) -> tuple[tuple[Range, str], ...]:
    """Return the program's own regions as offsets from its start, with permissions: they never change."""
    return tuple(_shape(regions))


def _shape(regions: Sequence[Region]) -> Iterator[tuple[Range, str]]:
    first = next((region for region in regions if region.file is not None), None)
    if first is None:
        return
    for region in regions:
        if region.file == first.file:
            yield Range(region.start - first.start, region.end - first.start), region.perms
