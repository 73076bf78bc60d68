"""The matcher on layouts that no compiler or kernel here produces."""

import pytest

from mmexplorer.model.differing import Differing
from mmexplorer.model.elf.image import ElfImage, Segment
from mmexplorer.model.elf.layout import Label, Layout, LoadedImage, regions_of, run_time_range, same_load
from mmexplorer.model.elf.load_bias import load_biases
from mmexplorer.model.elf.match import concerns_layout
from mmexplorer.model.process.auxv import Auxv
from mmexplorer.model.region import FileId, Range, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.maps import segment_json
from mmexplorer.present.region.match_reason import match_reason
from tests.support.layouts import match_layout
from tests.support.regions import region_of, with_traits

_PAGE = 4096
_FILE = FileId("fe:00", 7)
_NOT_READ = Unavailable(Cause.NOT_READ, "sections not read yet")


def _load(index: int, offset: int, vaddr: int, filesz: int, memsz: int, flags: str) -> Segment:  # noqa: PLR0917 -- in the order of readelf
    return Segment(index, "LOAD", offset, vaddr, vaddr, filesz, memsz, flags, _PAGE)


def _image(*segments: Segment, at: int = 0, entry: int = 0) -> ElfImage:
    return ElfImage("/lib/it.so", "path", at, "ELF64", "2LSB", "DYN", "X86_64", entry, None, None, segments, _NOT_READ)


def _region(start: int, end: int, perms: str, offset: int = 0, *, file: FileId | None = _FILE) -> Region:
    if file is None:
        return region_of(start, end, perms, 0, "00:00", 0, "")
    return region_of(start, end, perms, offset, file.dev, file.inode, "/lib/it.so")


_LIBRARY = _image(
    _load(0, 0, 0, 0x800, 0x800, "R"),
    _load(1, 0x1000, 0x1000, 0x1234, 0x1234, "R E"),
    _load(2, 0x2E00, 0x3E00, 0x500, 0x2400, "RW"),
    Segment(3, "GNU_RELRO", 0x2E00, 0x3E00, 0x3E00, 0x200, 0x200, "R", 1),
    entry=0x1040,
)
"""Its last LOAD begins in the file page in which the previous one ends."""


def _mapped(base: int) -> list[Region]:
    return [
        _region(base, base + 0x1000, "r--p"),
        _region(base + 0x1000, base + 0x3000, "r-xp", 0x1000),
        _region(base + 0x3000, base + 0x4000, "r--p", 0x2000),
        _region(base + 0x4000, base + 0x5000, "rw-p", 0x3000),
        _region(base + 0x5000, base + 0x7000, "rw-p", file=None),
    ]


def _reason(layout: Layout, region: Region) -> str:
    return match_reason(layout.matches[region.start], region)


def test_every_label_of_an_ordinary_library() -> None:
    base = 0x7F0000000000
    regions = _mapped(base)
    layout = match_layout(regions, {_FILE: [_LIBRARY]}, _PAGE)
    [loaded] = layout.images
    assert loaded.load_bias == base
    found = [(layout.matches[region.start].index, layout.matches[region.start].label) for region in regions]
    assert found == [
        (0, Label.SEGMENT), (1, Label.SEGMENT), (2, Label.RELRO), (2, Label.ZEROED_TAIL), (2, Label.BSS)
    ]  # fmt: skip
    assert regions_of(layout, loaded, 2) == (base + 0x3000, base + 0x4000, base + 0x5000)
    assert [layout.matches[start].span for start in (base + 0x1000, base + 0x5000)] == [
        Range(base + 0x1000, base + 0x3000),
        Range(base + 0x3000, base + 0x7000),
    ]
    assert _reason(layout, regions[1]) == (
        "LOAD #1 of it.so: file 0x1000 -> 0x7f0000001000, bias 0x7f0000000000. p_vaddr 0x1000 + bias = 0x7f0000001000,"
        " 4,660 bytes in memory; rounded outward to pages: 0x7f0000001000-0x7f0000003000"
    )
    assert "Its first 768 bytes are the file's" in _reason(layout, regions[3])
    merged = _reason(layout, regions[4])
    assert "p_memsz 9,216 is 7,936 bytes more than the file has" in merged
    assert "It ends at 0x7f0000007000" not in merged


def test_a_page_of_the_file_that_two_segments_share_is_evidence_once() -> None:
    """Reject the bias that the RELRO region would imply, which also maps bytes of LOAD #1."""
    base = 0x10000
    shared = [region for region in _mapped(base) if region.offset == 0x2000]
    assert load_biases(_LIBRARY, [region for region in _mapped(base) if region.inode], _PAGE) == (base,)
    assert load_biases(_LIBRARY, shared, _PAGE) == ()


def test_a_file_of_one_page_that_both_segments_map() -> None:
    """Find the only bias that explains both, although either region could be either segment."""
    tiny = _image(_load(0, 0, 0, 0x800, 0x800, "R E"), _load(1, 0x800, 0x1800, 0x100, 0x100, "RW"))
    regions = [_region(0x10000, 0x11000, "r-xp"), _region(0x11000, 0x12000, "rw-p")]
    assert load_biases(tiny, regions, _PAGE) == (0x10000,)


def test_a_page_that_relro_covers_in_part_is_not_relro() -> None:
    relro = Segment(3, "GNU_RELRO", 0x2E00, 0x3E00, 0x3E00, 0x300, 0x300, "R", 1)
    regions = [with_traits(region, perms="r--p") if region.offset == 0x3000 else region for region in _mapped(0)]
    matches = match_layout(regions, {_FILE: [_image(*_LIBRARY.loads, relro)]}, _PAGE).matches
    assert (matches[0x3000].label, matches[0x4000].label) == (Label.RELRO, Label.ZEROED_TAIL)


def test_another_part_of_the_file_mapped_into_a_segment_is_not_of_it() -> None:
    head, code, *rest = _mapped(0)
    over = [code._replace(end=0x2000), _region(0x2000, 0x3000, "r--p", 0x9000)]
    layout = match_layout([head, *over, *rest], {_FILE: [_LIBRARY]}, _PAGE)
    assert 0x1000 in layout.matches
    assert 0x2000 not in layout.matches


def test_two_copies_are_both_found_and_kept_apart() -> None:
    low, high = 0x100000, 0x900000
    layout = match_layout(_mapped(low) + _mapped(high), {_FILE: [_LIBRARY]}, _PAGE)
    assert [loaded.load_bias for loaded in layout.images] == [low, high]
    for start, match in layout.matches.items():
        assert match.loaded.load_bias == (low if start < high else high)
    first, second = layout.images
    assert not same_load(first, second)
    assert same_load(first, LoadedImage(_LIBRARY, _FILE, low, "executable"))


def test_bss_that_runs_into_foreign_memory() -> None:
    base = 0x100000
    regions = [*_mapped(base)[:4], _region(base + 0x5000, base + 0x50000, "rw-p", file=None)]
    layout = match_layout(regions, {_FILE: [_LIBRARY]}, _PAGE)
    assert layout.matches[base + 0x5000].label is Label.BSS
    assert "It ends at 0x107000: the rest is other anonymous memory" in _reason(layout, regions[4])


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        ([_region(0x5000, 0x9000, "r--p")], ()),
        ([_region(0x5000, 0x6000, "r--p")], ()),
        ([_region(0x5000, 0x6000, "r--p"), _region(0x6000, 0x8000, "r--p", 0x1000)], (0x5000,)),
        ([_region(0x5000, 0x6000, "r--p"), _region(0x16000, 0x18000, "r-xp", 0x1000)], ()),
    ],
    ids=["whole, as data", "its first page, as data", "as an emulator maps it", "in pieces that don't fit"],
)
def test_what_is_evidence_of_being_loaded(regions: list[Region], expected: tuple[int, ...]) -> None:
    assert load_biases(_LIBRARY, regions, _PAGE) == expected


def test_the_auxiliary_vector_decides_where_votes_are_few() -> None:
    regions = [_region(0x5000, 0x6000, "r-xp", 0x1000)]
    images = {_FILE: [_LIBRARY]}
    assert match_layout(regions, images, _PAGE).images == ()
    anchored = match_layout(regions, images, _PAGE, Auxv({9: 0x5040}, 8))
    assert [(loaded.load_bias, loaded.role) for loaded in anchored.images] == [(0x4000, "executable")]
    interpreter = match_layout(_mapped(0x8000), images, _PAGE, Auxv({7: 0x8000, 9: 0x400000}, 8))
    assert [(loaded.load_bias, loaded.role) for loaded in interpreter.images] == [(0x8000, "interpreter")]
    elsewhere = match_layout(_mapped(0x8000), images, _PAGE, Auxv({7: 0x7777000, 9: 0x400000}, 8))
    assert [loaded.role for loaded in elsewhere.images] == [""]


def test_a_file_linked_high_and_loaded_low_has_a_bias_modulo_2_to_the_64() -> None:
    image = _image(_load(0, 0, 0xC0000000, 0x1000, 0x1000, "R E"))
    region = _region(0x10000, 0x11000, "r-xp")
    [loaded] = match_layout([region], {_FILE: [image]}, _PAGE).images
    assert loaded.load_bias == 0x10000 - 0xC0000000 + (1 << 64)
    assert run_time_range(loaded, image.segments[0], _PAGE) == Range(0x10000, 0x11000)


def test_permissions_that_the_header_did_not_ask_for_are_explained() -> None:
    base = 0x100000
    everything = [with_traits(region, perms=region.perms[:2] + "xp") for region in _mapped(base)]
    layout = match_layout(everything, {_FILE: [_LIBRARY]}, _PAGE)
    assert 'Executable although the header says "R"' in _reason(layout, everything[0])
    assert "READ_IMPLIES_EXEC" in _reason(layout, everything[0])
    assert "READ_IMPLIES_EXEC" not in _reason(layout, everything[1])
    writable = _mapped(base)
    writable[1] = with_traits(writable[1], perms="rwxp")
    reason = _reason(match_layout(writable, {_FILE: [_LIBRARY]}, _PAGE), writable[1])
    assert 'Its permissions rwx are not the header\'s "R E"' in reason


def test_a_region_that_mprotect_split_is_tied_in_all_its_pieces() -> None:
    base = 0x100000
    head, code, *rest = _mapped(base)
    pieces = [
        code._replace(end=base + 0x2000),
        with_traits(code._replace(start=base + 0x2000, offset=0x2000), perms="rwxp"),
    ]
    layout = match_layout([head, *pieces, *rest], {_FILE: [_LIBRARY]}, _PAGE)
    [loaded] = layout.images
    assert regions_of(layout, loaded, 1) == (base + 0x1000, base + 0x2000)


def test_code_that_was_moved_to_huge_pages_is_patched_over() -> None:
    base = 0x100000
    regions = _mapped(base)
    regions[1] = region_of(base + 0x1000, base + 0x3000, "r-xp", 0, "00:0f", 99, "/anon_hugepage", deleted=True)
    match = match_layout(regions, {_FILE: [_LIBRARY]}, _PAGE).matches[base + 0x1000]
    assert (match.index, match.label) == (1, Label.PATCHED)


def test_holes_belong_to_the_segment_before() -> None:
    image = _image(_load(0, 0, 0, 0x1000, 0x1000, "R"), _load(1, 0x200000, 0x200000, 0x1000, 0x1000, "R E"))
    regions = [
        _region(0x1000000, 0x1001000, "r--p"),
        _region(0x1001000, 0x1200000, "---p", 0x1000),
        _region(0x1200000, 0x1201000, "r-xp", 0x200000),
    ]
    matches = match_layout(regions, {_FILE: [image]}, _PAGE).matches
    found = [(matches[region.start].index, matches[region.start].label) for region in regions]
    assert found == [(0, Label.SEGMENT), (0, Label.HOLE), (1, Label.SEGMENT)]


def test_an_elf_inside_an_archive_counts_offsets_from_its_own_header() -> None:
    at = 0x9000
    image = _image(*_LIBRARY.segments, at=at)
    regions = [region._replace(offset=region.offset + at) if region.inode else region for region in _mapped(0x50000)]
    layout = match_layout(regions, {_FILE: [image]}, _PAGE)
    [loaded] = layout.images
    assert loaded.load_bias == 0x50000
    assert set(layout.matches) == {region.start for region in regions}


def test_neighbours_that_the_kernel_merged_tie_the_region_to_all_of_them() -> None:
    """Match LOADs that are adjacent in file and memory, as patchelf leaves a library (libgfortran in numpy's wheel)."""
    loads = [
        _load(0, 0, 0, 0x2752EC, 0x2752EC, "R E"),
        _load(1, 0x275310, 0x475310, 0x1E10, 0x2160, "RW"),
        _load(2, 0x27B000, 0x478000, 0xB5F0, 0xB5F0, "RW"),
        _load(3, 0x287000, 0x484000, 0x8C70, 0x8C70, "RW"),
        _load(4, 0x290000, 0x48D000, 0x8EB8, 0x8EB8, "RW"),
        _load(5, 0x299000, 0x496000, 0x8CA0, 0x8CA0, "RW"),
    ]
    base = 0x7F0000000000
    regions = [
        _region(base, base + 0x276000, "r-xp"),
        _region(base + 0x475000, base + 0x478000, "rw-p", 0x275000),
        _region(base + 0x478000, base + 0x49F000, "rw-p", 0x27B000),
    ]
    layout = match_layout(regions, {_FILE: [_image(*loads)]}, _PAGE)
    [loaded] = layout.images
    assert loaded.load_bias == base
    assert [layout.matches[region.start].indices for region in regions] == [(0,), (1,), (2, 3, 4, 5)]
    assert [regions_of(layout, loaded, index) for index in (2, 5)] == [(base + 0x478000,)] * 2
    assert _reason(layout, regions[2]).endswith(
        "The kernel merged the next LOADs into it, whose bytes follow in the file: #3 at 0x7f0000484000,"
        " #4 at 0x7f000048d000, #5 at 0x7f0000496000"
    )
    assert segment_json(layout.matches[regions[2].start])["indices"] == [2, 3, 4, 5]


def test_the_vdso_is_tied_by_its_name() -> None:
    vdso = ElfImage(
        "[vdso]", "memory", 0, "ELF64", "2LSB", "DYN", "X86_64", 0, None, None,
        (_load(0, 0, 0, 0x1A00, 0x1A00, "R E"),), _NOT_READ,
    )  # fmt: skip
    region = region_of(0x7FFF0000, 0x7FFF2000, "r-xp", 0, "00:00", 0, "[vdso]")
    layout = match_layout([region], {}, _PAGE, vdso=vdso)
    assert [(loaded.role, loaded.load_bias, loaded.file) for loaded in layout.images] == [("vdso", 0x7FFF0000, None)]
    assert regions_of(layout, layout.images[0], 0) == (0x7FFF0000,)


def test_a_thousand_crafted_segments_are_walked_once() -> None:
    """Ignore segments that overlap: they must ascend (elf(5)), so that a file can't multiply the work."""
    bss = [_load(index, 0, 0x2000, 0, 1 << 60, "RW") for index in range(1, 60_000)]
    image = _image(_load(0, 0, 0, 0x1000, 0x1000, "R E"), *bss)
    regions = [_region(0, 0x1000, "r-xp")]
    regions += [_region(0x2000 * index, 0x2000 * index + 0x1000, "rw-p", file=None) for index in range(1, 2_000)]
    layout = match_layout(regions, {_FILE: [image]}, _PAGE)
    assert {match.index for match in layout.matches.values()} == {0, 1}


@pytest.mark.parametrize(
    ("region", "concerned"),
    [
        (_region(0x7F0000005000, 0x7F0000006000, "rw-p", file=None), True),
        (_region(0x7F0000200000, 0x7F0000201000, "rw-p", file=None), False),
        (_region(0x7F0000200000, 0x7F0000201000, "r--p"), True),
        (region_of(0x7FFF00000000, 0x7FFF00002000, "r-xp", 0, "00:00", 0, "[vdso]"), True),
    ],
)
def test_memory_away_from_segments_has_no_part_in_the_layout(region: Region, *, concerned: bool) -> None:
    layout = match_layout(_mapped(0x7F0000000000), {_FILE: [_LIBRARY]}, _PAGE)
    assert layout.images
    assert concerns_layout(layout, Differing((), (region,))) is concerned
    assert concerns_layout(layout, Differing((region,), ())) is concerned
    assert not concerns_layout(layout, Differing((), ()))
