"""A layout that follows the changes of a map is the same as one made of the map from scratch, and touches less."""

from collections.abc import Iterator, Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from mmexplorer.kernel.capture.text_source import text_procfs
from mmexplorer.kernel.process.layout import LayoutReader, read_layout
from mmexplorer.model.differing import differing
from mmexplorer.model.elf.image import ElfImage, Segment
from mmexplorer.model.elf.match import LayoutMatcher, concerns_layout
from mmexplorer.model.process.auxv import Auxv
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.pasted import Pasted
from tests.support.layouts import match_layout
from tests.support.regions import region_of

_PAGE = 4096
_NOT_READ = Unavailable(Cause.NOT_READ, "sections not read yet")
_NO_ELF = Unavailable(Cause.MALFORMED, "not an ELF file")
_LATER = Unavailable(Cause.NO_ANSWER, "the file system doesn't respond")
_BASE, _SLOT = 0x7F0000000000, 0x40000
_VDSO = "[vdso]"


def _load(index: int, offset: int, size: int, flags: str) -> Segment:
    return Segment(index, "LOAD", offset, offset, offset, size, size + (0x1800 if "W" in flags else 0), flags, _PAGE)


def _image(inode: int) -> ElfImage:
    loads = (_load(0, 0, 0x800, "R"), _load(1, 0x1000, 0x1234, "R E"), _load(2, 0x3000, 0x500, "RW"))
    return ElfImage(
        f"/lib/{inode}.so", "path", 0, "ELF64", "2LSB", "DYN", "X86_64", 0x1040, None, None, loads, _NOT_READ
    )


_IMAGES = {inode: (_image(inode),) for inode in (1, 2, 3)}
_MEMORY, _MALFORMED, _SILENT, _VDSO_THERE = 7, 8, 9, 10


def _library(base: int, inode: int, *, patched: bool, bss: bool = True) -> list[Region]:
    of_file = [(0, 0x1000, "r--p"), (0x1000, 0x3000, "r-xp"), (0x3000, 0x4000, "rw-p")]
    regions = [
        region_of(base + start, base + end, perms, start, "fe:00", inode, f"/lib/{inode}.so")
        for start, end, perms in of_file
    ]
    if patched:
        regions[1:2] = [
            region_of(base + 0x1000, base + 0x2000, "rwxp", 0, "00:00", 0, ""),
            region_of(base + 0x2000, base + 0x3000, "r-xp", 0x2000, "fe:00", inode, f"/lib/{inode}.so"),
        ]
    return [*regions, region_of(base + 0x4000, base + 0x5000, "rw-p", 0, "00:00", 0, "")] if bss else regions


def _regions(slots: Sequence[int]) -> tuple[Region, ...]:
    """Fill each slot: nothing, a library, a patched one, one without bss, memory, a file that is none, the vDSO."""
    found: list[Region] = []
    for place, content in enumerate(slots):
        base = _BASE + place * _SLOT
        if 1 <= content <= 6:
            found += _library(base, (content + 1) // 2, patched=content % 2 == 0)
        elif content > _VDSO_THERE:
            found += _library(base, content - _VDSO_THERE, patched=False, bss=False)
        elif content == _MEMORY:
            found.append(region_of(base, base + 0x2000, "rw-p", 0, "00:00", 0, ""))
        elif content in (_MALFORMED, _SILENT):
            found.append(region_of(base, base + 0x1000, "r--p", 0, "fe:00", content, f"/data/{content}"))
        elif content == _VDSO_THERE and all(region.path != _VDSO for region in found):
            found.append(region_of(base, base + 0x1000, "r-xp", 0, "00:00", 0, _VDSO))
    return tuple(found)


class _Files:
    """Has the images, and notes which files were asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def images(
        self, pid: int, mapped: Sequence[Region], *, sections: bool = False
    ) -> tuple[ElfImage, ...] | Unavailable:
        assert pid == 1
        assert sections is (mapped[0].path == _VDSO)
        self.asked.append(mapped[0].inode)
        return _IMAGES.get(mapped[0].inode or 1, _LATER if mapped[0].inode == _SILENT else _NO_ELF)

    def has_name(self, pid: int, region: Region, name: str) -> bool:
        raise NotImplementedError


_EDITS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 13)), min_size=1, max_size=12)


def _states(edits: Sequence[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Yield what is in four slots after each edit."""
    slots = [0] * 4
    for place, content in edits:
        slots[place] = content
        yield tuple(slots)


@given(_EDITS)
@example([(0, 1), (0, 11)])  # only memory of the file's changes
def test_what_a_reader_follows_is_what_a_new_one_reads(edits: Sequence[tuple[int, int]]) -> None:
    procfs, files = text_procfs(Pasted((), 0, (), 0)), _Files()
    reader = LayoutReader(procfs, files)
    before: tuple[Region, ...] = ()
    layout = None
    for slots in _states(edits):
        regions = _regions(slots)
        changed = differing(before, regions)
        if layout is not None and not concerns_layout(layout, changed):
            assert read_layout(procfs, _Files(), 1, regions)[0] == layout
            before = regions
            continue
        files.asked.clear()
        layout, images = reader.read(1, regions, changed, sections=False)
        assert (layout, images) == read_layout(procfs, _Files(), 1, regions)
        differ = {
            file
            for side in changed
            for region in side
            if (file := region.file) is not None and _of(file, before) != _of(file, regions)
        }
        refused = {region.inode for region in regions if region.inode in (_MALFORMED, _SILENT)}
        wanted = {file.inode for file in differ if _of(file, regions)} | refused
        assert sorted({inode for inode in files.asked if inode}) == sorted(wanted)
        before = regions


def _of(file: FileId, regions: Sequence[Region]) -> list[Region]:
    return [region for region in regions if region.file == file]


@given(_EDITS, st.lists(st.sampled_from((0, 0x1040, _SLOT + 0x1040)), min_size=12, max_size=12))
def test_a_matcher_follows_the_auxiliary_vector_too(edits: Sequence[tuple[int, int]], entries: Sequence[int]) -> None:
    matcher = LayoutMatcher(_PAGE)
    before: tuple[Region, ...] = ()
    for slots, entry in zip(_states(edits), entries, strict=False):
        regions = _regions(slots)
        files = sorted({region.file for region in regions if region.inode in _IMAGES and region.file is not None})
        order = sorted(files, key=lambda file: _of(file, regions)[0].start)
        images = {file: _IMAGES[file.inode] for file in order}
        auxv = Auxv({9: _BASE + entry, 7: _BASE}, 8) if entry else None
        mapped = {file: tuple(_of(file, regions)) for file in order}
        layout = matcher.match(regions, mapped, images, differing(before, regions), auxv, None)
        assert layout == match_layout(regions, images, _PAGE, auxv)
        before = regions
