"""Matches a process's regions to the segments of the ELF files behind them."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.differing import Differing
from mmexplorer.model.elf.image import ElfImage, Segment, page_ceil, page_floor
from mmexplorer.model.elf.layout import (
    ADDRESS_MASK,
    Label,
    Layout,
    LoadedImage,
    Match,
    run_time_address,
    run_time_range,
)
from mmexplorer.model.elf.load_bias import file_part, load_biases
from mmexplorer.model.process.auxv import Auxv
from mmexplorer.model.region import FileId, Range, Region
from mmexplorer.model.value import NamedTuple, replace

_LARGEST_PAGE = 1 << 16
_STAND_IN_FOR_ANONYMOUS = ("[heap]", "[anon:", "/anon_hugepage", "/dev/zero")
"""Names of memory that has no file of its own, such as huge pages a program moved its code to."""


class Vdso(NamedTuple):
    """The vDSO of a process: its region, and the ELF image in it."""

    region: Region
    image: ElfImage


class _OfFile(NamedTuple):
    """What a file was matched to, and what that depends on."""

    images: Sequence[ElfImage]
    regions: Sequence[Region]
    loaded: tuple[LoadedImage, ...]
    matches: tuple[Mapping[int, Match], ...]
    """Of each, by the region's start."""


class LayoutMatcher:
    """Matches the regions of one process again and again, but only the files that a change may concern."""

    def __init__(self, page_size: int) -> None:
        self._page_size = page_size
        self._auxv: Auxv | None = None
        self._files: dict[FileId, _OfFile] = {}

    def match(  # noqa: PLR0917 - all that a layout depends on
        self,
        regions: Sequence[Region],
        mapped: Mapping[FileId, Sequence[Region]],
        images: Mapping[FileId, Sequence[ElfImage]],
        changed: Differing,
        auxv: Auxv | None,
        vdso: Vdso | None,
    ) -> Layout:
        """Match every region that was loaded from a LOAD; of `regions`, `changed` differ from those of the last call.

        `regions` are ascending. `mapped` has the regions of each file, and `images` those that are ELF files, several
        for an archive: the identical object as last time if nothing in it changed. Without `auxv` no image has a role,
        and every bias needs a majority.
        """
        known = self._files if auxv == self._auxv else {}
        self._auxv = auxv
        touched = _hull(changed)
        self._files = {
            file: self._of_file(_OfFile(found, mapped[file], (), ()), known.get(file), file, regions, touched)
            for file, found in images.items()
        }
        matches: dict[int, Match] = {}
        for of_file in self._files.values():
            for own in of_file.matches:
                for start, match in own.items():
                    matches.setdefault(start, match)
        kernels_own = _match_vdso(vdso, self._page_size)
        loaded = (each for of_file in self._files.values() for each in of_file.loaded)
        return Layout((*loaded, *(match.loaded for match in kernels_own.values())), matches | kernels_own)

    def _of_file(
        self, now: _OfFile, before: _OfFile | None, file: FileId, regions: Sequence[Region], touched: Range
    ) -> _OfFile:
        if before is None or before.images is not now.images or before.regions != now.regions:
            loaded = tuple(
                _with_role(LoadedImage(image, file, bias), self._auxv, regions)
                for image in now.images
                for bias in load_biases(image, now.regions, self._page_size, _anchors(image, file, self._auxv, regions))
            )
            matches = tuple(_matches(each, regions, self._page_size) for each in loaded)
            return now._replace(loaded=loaded, matches=matches)
        matches = tuple(
            _matches(each, regions, self._page_size) if _concerns(each, touched) else own
            for each, own in zip(before.loaded, before.matches, strict=True)
        )
        return before._replace(regions=now.regions, matches=matches)


def _matches(loaded: LoadedImage, regions: Sequence[Region], page_size: int) -> Mapping[int, Match]:
    matches: dict[int, Match] = {}
    for region, match in _walk(loaded, regions, page_size):
        if match.span.start <= region.start:
            matches.setdefault(region.start, match)
        elif (first := matches.get(region.start)) is not None:
            matches[region.start] = replace(first, also=(*first.also, match.segment))
    return matches


def _hull(changed: Differing) -> Range:
    """Return the range from the first changed region to the last."""
    sides = [side for side in changed if side]
    return Range(min((side[0].start for side in sides), default=0), max((side[-1].end for side in sides), default=0))


def _concerns(loaded: LoadedImage, touched: Range) -> bool:
    if not loaded.image.loads:
        return False
    start, end = _extent(loaded)
    return end > ADDRESS_MASK or (touched.start < end and start < touched.end)


def concerns_layout(layout: Layout, changed: Differing) -> bool:
    """Return whether the changed regions can affect matches: files, and memory between segments."""
    regions = [region for side in changed for region in side]
    if any(region.inode or region.path == "[vdso]" for region in regions):
        return True
    spans = [_extent(loaded) for loaded in layout.images if loaded.image.loads]
    return any(region.start < end and start < region.end for region in regions for start, end in spans)


def _extent(loaded: LoadedImage) -> Range:
    """Return the range an image's segments span in memory, plus a margin: pages may be larger than 4096."""
    loads = loaded.image.loads
    start = run_time_address(loaded, min(load.vaddr for load in loads))
    size = max(load.vaddr + load.memsz for load in loads) - min(load.vaddr for load in loads)
    return Range(start - _LARGEST_PAGE, start + size + _LARGEST_PAGE)


def _anchors(image: ElfImage, file: FileId, auxv: Auxv | None, regions: Sequence[Region]) -> list[int]:
    """Return the biases the auxiliary vector gives for `image`, if its addresses lie in a region of that file."""
    biases = []
    if auxv and auxv.entry and _file_at(regions, auxv.entry) == file:
        biases.append((auxv.entry - image.entry) & ADDRESS_MASK)
    if auxv and auxv.base and _file_at(regions, auxv.base) == file:
        biases.append(auxv.base)
    return biases


def _file_at(regions: Sequence[Region], address: int) -> FileId | None:
    found = locate(regions, address)
    return found.region.file if isinstance(found, Inside) else None


def _with_role(loaded: LoadedImage, auxv: Auxv | None, regions: Sequence[Region]) -> LoadedImage:
    """Mark the executable and the interpreter. Started as `ld.so PROGRAM`, ld.so is the executable."""
    if auxv and auxv.entry and loaded.image.entry and run_time_address(loaded, loaded.image.entry) == auxv.entry:
        return LoadedImage(loaded.image, loaded.file, loaded.load_bias, "executable")
    if auxv and auxv.base and loaded.load_bias == auxv.base and _file_at(regions, auxv.base) == loaded.file:
        return LoadedImage(loaded.image, loaded.file, loaded.load_bias, "interpreter")
    return loaded


def _match_vdso(vdso: Vdso | None, page_size: int) -> dict[int, Match]:
    """Match the vDSO, which the kernel maps completely: its first byte is its ELF header."""
    if vdso is None or not vdso.image.loads:
        return {}
    load = vdso.image.loads[0]
    header = load.vaddr - load.offset
    loaded = LoadedImage(vdso.image, None, (vdso.region.start - header) & ADDRESS_MASK, "vdso")
    return {vdso.region.start: Match(loaded, load, Label.SEGMENT, run_time_range(loaded, load, page_size))}


def _walk(loaded: LoadedImage, regions: Sequence[Region], page_size: int) -> Iterator[tuple[Region, Match]]:
    """Visit the LOADs in address order, as elf(5) requires them, with the regions that overlap each."""
    passed = 0
    before: Segment | None = None
    for load in loaded.image.loads:
        if load.vaddr < passed or not load.memsz:
            continue
        if before is not None:
            yield from _holes(loaded, before, Range(passed, load.vaddr), regions, page_size)
        span = run_time_range(loaded, load, page_size)
        for region in _overlapping(regions, span):
            label = _label_of(region, load, span, loaded, page_size)
            if label is not None:
                yield region, Match(loaded, load, label, span)
        passed = load.vaddr + load.memsz
        before = load


def _overlapping(regions: Sequence[Region], span: Range) -> Iterator[Region]:
    index = max(0, bisect_right(regions, span.start, key=lambda region: region.start) - 1)
    while index < len(regions) and regions[index].start < span.end:
        if regions[index].end > span.start:
            yield regions[index]
        index += 1


def _label_of(region: Region, load: Segment, span: Range, loaded: LoadedImage, page_size: int) -> Label | None:
    """Return what `region`, which overlaps the pages of `load`, is within it; None if it came from elsewhere."""
    part = file_part(loaded.image, load, page_size)
    in_file = region.start < span.start + (part.end - part.offset if load.filesz else 0)
    same_bytes = region.file == loaded.file and region.start - region.offset == span.start - part.offset
    if region.start < span.start:
        # The kernel merged it with the mapping of an earlier LOAD.
        return Label.SEGMENT if same_bytes and load.filesz else None
    if _is_anonymous(region):
        return Label.PATCHED if in_file else Label.BSS
    if in_file and same_bytes:
        return _label_of_file_bytes(region, load, span, loaded, page_size)
    return None


def _label_of_file_bytes(region: Region, load: Segment, span: Range, loaded: LoadedImage, page_size: int) -> Label:
    if _in_relro(loaded, region, page_size):
        return Label.RELRO
    last_page = page_floor(load.vaddr + load.filesz, page_size)
    if load.bss and run_time_address(loaded, last_page) == region.start > span.start:
        return Label.ZEROED_TAIL
    return Label.SEGMENT


def _is_anonymous(region: Region) -> bool:
    if not region.path:
        return not region.inode
    return region.path.startswith(_STAND_IN_FOR_ANONYMOUS)


def _in_relro(loaded: LoadedImage, region: Region, page_size: int) -> bool:
    """Return whether it is in RELRO, both ends rounded down as by the dynamic linker: a partial page stays writable."""
    for segment in loaded.image.segments:
        if segment.type == "GNU_RELRO" and "w" not in region.perms:
            start = run_time_address(loaded, page_floor(segment.vaddr, page_size))
            end = run_time_address(loaded, page_floor(segment.vaddr + segment.memsz, page_size))
            if start <= region.start and region.end <= end:
                return True
    return False


def _holes(
    loaded: LoadedImage, before: Segment, hole: Range, regions: Sequence[Region], page_size: int
) -> Iterator[tuple[Region, Match]]:
    """Find the space left between two LOADs, which the dynamic linker reserved by mapping the file once."""
    start = run_time_address(loaded, page_ceil(hole.start, page_size))
    end = run_time_address(loaded, page_floor(hole.end, page_size))
    for region in _overlapping(regions, Range(start, end)):
        if start <= region.start and region.file == loaded.file and region.perms.startswith("---"):
            yield region, Match(loaded, before, Label.HOLE, run_time_range(loaded, before, page_size))
