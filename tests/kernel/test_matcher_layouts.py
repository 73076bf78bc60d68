"""The matcher compared with what dl_iterate_phdr(3) reports inside the process."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.image import ElfImage, page_ceil, page_floor
from mmexplorer.model.elf.layout import Label, Layout, LoadedImage, regions_of, run_time_range
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.present.region.match_reason import match_reason
from tests.support.live import live_layout
from tests.support.specimens.c_programs import Load, Running, build, build_library, running

pytestmark = pytest.mark.gcc

_LAYOUTS: dict[str, Sequence[str]] = {
    "pie": ["-pie", "-fPIE"],
    "not-pie": ["-no-pie", "-fno-pie"],
    "static": ["-static", "-no-pie"],
    "static-pie": ["-static-pie", "-fPIE"],
    "2-MiB-alignment": ["-Wl,-z,max-page-size=0x200000,-z,common-page-size=0x200000"],
    "64-KiB-alignment": ["-Wl,-z,max-page-size=0x10000"],
    "no-separate-code": ["-Wl,-z,noseparate-code"],
    "no-relro": ["-Wl,-z,norelro"],
    "relro-now": ["-Wl,-z,relro,-z,now", "-DBSS=1000000"],
    "bss-alone": ["-no-pie", "-fno-pie", "-DBSS=300000", "-Wl,--section-start=.bss=0x20000000"],
    "static-with-a-large-bss": ["-static", "-no-pie", "-DBSS=67108864"],
    "executable-stack": ["-Wl,-z,execstack"],
}
_MULTILIB = ("/usr/lib32/libc.so", "/usr/lib/i386-linux-gnu/libc.so")
if any(Path(path).exists() for path in _MULTILIB):
    _LAYOUTS |= {"32-bit": ["-m32"], "32-bit-static": ["-m32", "-static", "-DBSS=300000"]}


def _look(pid: int) -> tuple[tuple[Region, ...], Layout]:
    text = LiveProcfs().read(f"{pid}/maps")
    assert not isinstance(text, Unavailable)
    regions = parse_maps(text).regions
    layout = live_layout(pid, regions)
    return regions, layout


def _in_target(loads: Sequence[Load]) -> set[tuple[int, int, Range]]:
    """Return bias, index and run-time pages of every LOAD, as seen from inside."""
    page = page_size()
    return {
        (load.bias, load.segment, Range(page_floor(load.bias + load.vaddr, page), page_ceil(sum(load[1:4]), page)))
        for load in loads
    }


def _from_outside(layout: Layout) -> set[tuple[int, int, Range]]:
    return {
        (loaded.load_bias, load.index, run_time_range(loaded, load, page_size()))
        for loaded in layout.images
        for load in loaded.image.loads
    }


def _check(target: Running) -> tuple[tuple[Region, ...], Layout]:
    regions, layout = _look(target.pid)
    assert target.loads
    assert _from_outside(layout) == _in_target(target.loads)
    _check_regions(regions, layout, _in_target(target.loads))
    return regions, layout


def _check_regions(regions: Sequence[Region], layout: Layout, loads: set[tuple[int, int, Range]]) -> None:
    """Check that every region inside the pages of a LOAD is matched to it, and names it."""
    tied = 0
    for bias, index, pages in loads:
        for region in regions:
            if pages.start <= region.start and region.end <= pages.end:
                match = layout.matches[region.start]
                assert (match.loaded.load_bias, match.index) == (bias, index), region
                assert region.start in regions_of(layout, match.loaded, index)
                assert f"{region.start:#x}" in match_reason(match, region)
                tied += 1
    assert tied >= len(loads) - 1


def _labels(layout: Layout, path: Path) -> set[Label]:
    return {match.label for match in layout.matches.values() if match.loaded.image.path == str(path)}


def _image_of(layout: Layout, role: str) -> LoadedImage:
    [found] = [loaded for loaded in layout.images if loaded.role == role]
    return found


@pytest.mark.parametrize("name", _LAYOUTS)
def test_a_program_started_directly(tmp_path: Path, name: str) -> None:
    program = build(tmp_path, name, _LAYOUTS[name])
    with running(program) as target:
        _, layout = _check(target)
        assert _image_of(layout, "executable").image.path == str(program)
        assert _image_of(layout, "vdso").image.opened_via == "memory"
        assert [loaded.role for loaded in layout.images].count("interpreter") == ("static" not in name)
        labels = _labels(layout, program)
        assert Label.BSS in labels or not any(flag.startswith("-DBSS") for flag in _LAYOUTS[name])
        assert (Label.RELRO in labels) == (name != "no-relro")


def test_a_bss_that_merges_with_the_heap(tmp_path: Path) -> None:
    program = build(tmp_path, "merged", _LAYOUTS["static-with-a-large-bss"])
    with running("setarch", "-R", program) as target:
        _check(target)


def test_a_program_started_through_the_dynamic_linker(tmp_path: Path) -> None:
    program = build(tmp_path, "program", ["-pie", "-fPIE"])
    with running(program) as target:
        _, layout = _look(target.pid)
        linker = _image_of(layout, "interpreter").image.path
    with running(linker, program) as target:
        _, layout = _check(target)
        assert _image_of(layout, "executable").image.path == linker
        assert str(program) in {loaded.image.path for loaded in layout.images}


@pytest.mark.parametrize("alignment", ["0x1000", "0x200000"])
def test_a_library_loaded_several_times(tmp_path: Path, alignment: str) -> None:
    program = build(tmp_path, "twice", ["-DTWICE"])
    library = build_library(tmp_path, "library.so", [f"-Wl,-z,max-page-size={alignment}"])
    with running(program, library) as target:
        regions, layout = _look(target.pid)
        assert _in_target(target.loads) <= _from_outside(layout)
        assert len(target.copies) == 2
        copies = [loaded for loaded in layout.images if loaded.image.path == str(library)]
        assert {loaded.load_bias for loaded in copies} == {bias for bias, _ in target.copies}
        _check_regions(regions, layout, _from_outside(layout))
        of_library = [region for region in regions if region.path == str(library)]
        assert all(region.start in layout.matches for region in of_library)
        inaccessible = any(region.perms == "---p" for region in of_library)
        assert (Label.HOLE in _labels(layout, library)) == inaccessible


def test_a_library_inside_an_archive(tmp_path: Path) -> None:
    library = build_library(tmp_path, "library.so")
    archive = tmp_path / "archive.apk"
    at = 5 * page_size()
    archive.write_bytes(b"PK\3\4".ljust(at, b"\0") + library.read_bytes() + b"PK\5\6" * 100)
    program = build(tmp_path, "loader", ["-DARCHIVE"])
    with running(program, archive, str(at)) as target:
        regions, layout = _look(target.pid)
        [loaded] = [loaded for loaded in layout.images if loaded.image.path == str(archive)]
        assert loaded.image.header_offset == at
        inside = [load for load in target.loads if load.name == "archive"]
        assert {loaded.load_bias} == {load.bias for load in inside}
        for region in regions:
            if region.path == str(archive):
                assert layout.matches[region.start].loaded is loaded
                assert f"the ELF at {at:#x} in archive.apk" in match_reason(layout.matches[region.start], region)


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_file_that_went_away(tmp_path: Path, how: str) -> None:
    program = build(tmp_path, "program", ["-pie", "-fPIE"])
    other = build(tmp_path, "other", ["-no-pie", "-fno-pie"])
    before = ElfCache().open_path(str(program))
    assert isinstance(before, ElfImage)
    with running(program) as target:
        program.unlink() if how == "deleted" else shutil.move(other, program)
        _, layout = _check(target)
        loaded = _image_of(layout, "executable")
        assert loaded.image.build_id == before.build_id is not None
        assert loaded.image.path == str(program)
        assert loaded.image.opened_via in {"map_files", "exe"}


def test_memory_mapped_over_a_segment(tmp_path: Path) -> None:
    program = build(tmp_path, "patched", ["-DPATCHED"])
    with running(program) as target:
        _, layout = _check(target)
        assert Label.PATCHED in _labels(layout, program)


def test_a_library_that_is_only_read_is_not_loaded(tmp_path: Path) -> None:
    library = build_library(tmp_path, "library.so")
    code = (
        f"import mmap, time; f = open({str(library)!r}, 'rb'); a = mmap.mmap(f.fileno(), 0, prot=1, flags=2);"
        "b = mmap.mmap(f.fileno(), 4096, prot=1, flags=2); print('end', flush=True); time.sleep(600)"
    )
    python = shutil.which("python3")
    assert python
    with running(python, "-c", code) as target:
        regions, layout = _look(target.pid)
        assert [region for region in regions if region.path == str(library)]
        assert str(library) not in {loaded.image.path for loaded in layout.images}
