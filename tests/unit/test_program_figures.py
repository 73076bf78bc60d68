"""A program's table as figures, and a map compared with it."""

from dataclasses import replace

import pytest

from mmexplorer.labs.measurement import Program
from mmexplorer.labs.step_figures import of_file, of_process
from mmexplorer.model.elf.image import ElfImage, Segment
from mmexplorer.model.elf.layout import Layout, LoadedImage
from mmexplorer.model.region import FileId, Region
from tests.support.layouts import match_layout
from tests.support.regions import region_of, with_traits

BIAS = 0x555555554000
FILE = FileId("fe:00", 7)


def load(index: int, flags: str, offset: int, vaddr: int, *, filesz: int, memsz: int) -> Segment:
    return Segment(index, "LOAD", offset, vaddr, vaddr, filesz, memsz, flags, 0x1000)


IMAGE = ElfImage(
    "/bin/x", "path", 0, "ELF64", "2LSB", "DYN", "X86_64", 0x1040, None, None,
    (
        load(0, "R E", 0x1000, 0x1000, filesz=0x64, memsz=0x64),
        load(1, "RW", 0x2010, 0x3010, filesz=0xC8, memsz=0x1100),
    ),
    (),
)  # fmt: skip


def region(start: int, end: int, perms: str, offset: int = 0, *, inode: int = 7) -> Region:
    return region_of(BIAS + start, BIAS + end, perms, offset, "fe:00", inode, "/bin/x" if inode else "")


CODE = region(0x1000, 0x2000, "r-xp", 0x1000)
DATA = region(0x3000, 0x4000, "rw-p", 0x2000)
BSS = region(0x4000, 0x5000, "rw-p", inode=0)


def figures(*regions: Region) -> dict[str, int]:
    layout = Layout(
        (LoadedImage(IMAGE, FILE, BIAS, "executable"),), match_layout(regions, {FILE: [IMAGE]}, 4096).matches
    )
    return dict(of_process(Program(IMAGE, layout, BIAS + 0x1040, regions)))


def test_the_table_is_told_in_bytes_and_in_pages() -> None:
    assert dict(of_file(IMAGE)) == {
        "code_offset": 0x1000, "code_size": 0x64, "code_address": 0x1000,
        "data_offset": 0x2010, "data_size": 0xC8, "data_address": 0x3010,
        "entry": 0x1040, "loads": 2, "movable": 1, "memory_needed": 0x64 + 0x1100, "memory_in_pages": 0x1000 + 0x2000,
    }  # fmt: skip
    assert dict(of_file(replace(IMAGE, type="EXEC")))["movable"] == 0


def test_a_map_that_agrees_with_the_table() -> None:
    assert figures(CODE, DATA, BSS) == {
        "load_bias": BIAS, "entry_at": BIAS + 0x1040, "entry_moved": BIAS, "loads_in_place": 2,
        "bytes_of_loads": 0x3000, "regions_of_program": 2, "bytes_of_program": 0x2000, "regions_of_elf_files": 2,
        "regions_unexplained": 0,
        "elf_files": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ((DATA, BSS), "the code isn't mapped"),
        ((CODE, DATA), "bss is missing"),
        ((CODE, DATA._replace(offset=0x1000), BSS), "data comes from elsewhere in the file"),
        ((CODE, with_traits(DATA, inode=8), BSS), "data comes from another file"),
        ((CODE, DATA, BSS._replace(start=BIAS + 0x4800)), "bss begins too late"),
    ],
)
def test_a_load_that_is_not_in_place_is_not_counted(wrong: tuple[Region, ...], why: str) -> None:
    assert figures(*wrong)["loads_in_place"] == 1, why


def test_a_region_of_the_file_that_no_header_accounts_for_is_counted() -> None:
    stray = region(0x10000, 0x11000, "r--p", 0)
    assert figures(CODE, DATA, BSS, stray)["regions_unexplained"] == 1


def test_a_file_that_nobody_runs_has_no_places() -> None:
    assert dict(of_process(Program(IMAGE))) == {}
