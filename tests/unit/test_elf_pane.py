from dataclasses import replace
from typing import Any

import pytest

from mmexplorer.model.elf.image import ElfImage, Section
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.present.elf.loader import LOADER_COLUMNS, loader_lines, loader_rows
from mmexplorer.present.elf.plain import image_lines
from mmexplorer.present.elf.sections import SECTION_COLUMNS, section_rows
from mmexplorer.present.elf.segments import SEGMENT_COLUMNS, segment_rows
from mmexplorer.present.text.column import Column, plain_table
from mmexplorer.present.text.line import Tone, plain
from tests.support.fakes.spaces import NOT_READ, image, loaded, segment

PAGE = 0x1000


def section(index: int, name: str, address: int, size: int, *, flags: str = "A", kind: str = "PROGBITS") -> Section:
    return Section(index, name, kind, address, address, size, 0, flags, 0, 0, 1)


LIBC = image(
    "/usr/lib/libc.so.6",
    segment(2, "R", memsz=0x25D38, sections=(".text", ".init")),
    segment(3, "R E", vaddr=0x26000, memsz=0x155D2D),
    segment(5, "RW", vaddr=0x1D0BC8, offset=0x1CFBC8, filesz=0x4F80, memsz=0x12550),
    segment(11, "RW", type="GNU_STACK", memsz=0, align=0x10),
    entry=0x27370,
    sections=(
        section(0, "", 0, 0, flags="", kind="NULL"),
        section(14, ".text", 0x26380, 0x153B4D, flags="AX"),
        section(20, ".tbss", 0x1D0BD8, 0x80, flags="WAT", kind="NOBITS"),
        section(33, ".bss", 0x1D5B60, 0xD5B8, flags="WA", kind="NOBITS"),
        section(34, ".comment", 0, 0x26, flags="MS"),
    ),
)
HERE = loaded(LIBC, 0x7F3A4C000000)


def table(image: ElfImage, loaded: LoadedImage | None) -> list[list[str]]:
    return [[plain(each.text(row)) for each in LOADER_COLUMNS] for row in loader_rows(image, loaded, PAGE)]


def test_the_loaders_table_of_a_loaded_file() -> None:
    assert table(LIBC, HERE) == [
        ["code", "0x26000", "1.3M", "7f3a4c026000", "= 0x26000 + bias"],
        ["data", "0x1cfbc8", "20K", "7f3a4c1d0bc8", "= 0x1d0bc8 + bias"],
        ["entry", "", "", "7f3a4c027370", "= 0x27370 + bias"],
        ["needs", "", "1.6M", "by all LOADs; 1.6M in pages", ""],
        ["bias", "", "", "7f3a4c000000", ""],
    ]
    assert [row.target for row in loader_rows(LIBC, HERE, PAGE)] == [
        0x7F3A4C026000,
        0x7F3A4C1D0BC8,
        0x7F3A4C027370,
        None,
        0x7F3A4C000000,
    ]


def test_the_loaders_table_as_lines() -> None:
    assert [plain(each) for each in loader_lines(LIBC, HERE, PAGE)][:3] == [
        "code    0x26000  1.3M 7f3a4c026000 = 0x26000 + bias",
        "data   0x1cfbc8   20K 7f3a4c1d0bc8 = 0x1d0bc8 + bias",
        "entry                 7f3a4c027370 = 0x27370 + bias",
    ]


def test_the_loaders_table_of_a_file_on_disk() -> None:
    assert table(image("/bin/x", segment(0, "R"), opened_via="path"), None) == [
        ["code", "", "", "no such segment", ""],
        ["data", "", "", "no such segment", ""],
        ["entry", "", "", "none", ""],
        ["needs", "", "4K", "by all LOADs; 4K in pages", ""],
        ["bias", "", "", "not loaded", ""],
    ]
    assert table(LIBC, None)[0] == ["code", "0x26000", "1.3M", "not loaded", "= 0x26000 + bias"]
    assert {row.target for row in loader_rows(LIBC, None, PAGE)} == {None}


def test_the_cells_of_a_segment() -> None:
    rows = segment_rows(LIBC, HERE, PAGE)
    assert {each.key: plain(each.text(rows[2])) for each in SEGMENT_COLUMNS} == {
        "index": "5",
        "type": "LOAD",
        "offset": "0x1cfbc8",
        "vaddr": "0x1d0bc8",
        "filesz": "20K",
        "memsz": "73K",
        "flags": "RW",
        "align": "0x1000",
        "start": "7f3a4c1d0000",
        "end": "7f3a4c1e4000",
        "sections": "",
    }
    assert plain(SEGMENT_COLUMNS[-1].text(rows[0])) == ".text .init"
    assert [row.key for row in rows] == [2, 3, 5, 11]


def test_what_takes_no_memory_is_nowhere() -> None:
    assert segment_rows(LIBC, HERE, PAGE)[3].range is None
    assert all(row.range is None for row in segment_rows(LIBC, None, PAGE))
    assert plain(SEGMENT_COLUMNS[8].text(segment_rows(LIBC, None, PAGE)[0])) == "—"


def test_a_writable_and_executable_segment_stands_out() -> None:
    row = segment_rows(image("/bin/x", segment(0, "RWE")), None, PAGE)[0]
    assert SEGMENT_COLUMNS[6].text(row)[0].tone is Tone.WARN


def test_a_section_is_where_its_segment_is() -> None:
    rows = section_rows(LIBC, HERE)
    assert isinstance(rows, tuple)
    assert [(row.segments, row.start) for row in rows] == [
        ((), None),
        ((3,), 0x7F3A4C026380),
        ((), None),
        ((5,), 0x7F3A4C1D5B60),
        ((), None),
    ]
    assert {each.key: plain(each.text(rows[1])) for each in SECTION_COLUMNS} == {
        "index": "14",
        "name": ".text",
        "type": "PROGBITS",
        "size": "1.3M",
        "flags": "AX",
        "load": "3",
        "offset": "0x26380",
        "address": "0x26380",
        "start": "7f3a4c026380",
    }


def test_sections_that_were_not_read_give_their_reason() -> None:
    assert section_rows(image("/bin/x"), None) == NOT_READ


def test_hostile_names_reach_no_cell() -> None:
    hostile: ElfImage = image("/bin/x", sections=(section(1, "\x1b]0;x\x07", 0, 1),))
    rows = section_rows(hostile, None)
    assert isinstance(rows, tuple)
    assert plain(SECTION_COLUMNS[1].text(rows[0])) == "␛]0;x␇"


@pytest.mark.parametrize("columns", [LOADER_COLUMNS, SEGMENT_COLUMNS, SECTION_COLUMNS])
def test_titles_fit_and_one_column_is_flexible(columns: tuple[Column[Any], ...]) -> None:
    assert all(len(each.title) <= each.width for each in columns)
    assert sum(each.flexible for each in columns) == 1


def test_the_printed_tables_have_the_columns_of_the_pane() -> None:
    printed = [plain(each).rstrip() for each in image_lines(LIBC, HERE, PAGE)][8:]
    assert " ".join(printed[0].split()) == "# TYPE OFFSET VADDR PADDR FILESZ MEMSZ FLG ALIGN START-END SECTIONS"
    assert printed[1].endswith(" R   0x1000 7f3a4c000000-7f3a4c026000 .text .init")
    assert printed[3] == (
        " 5 LOAD      0x1cfbc8 0x1d0bc8 0x1d0bc8   0x4f80  0x12550 RW  0x1000 7f3a4c1d0000-7f3a4c1e4000"
    )
    assert printed[4].endswith(" 0x0      0x0 RW    0x10")
    rows = section_rows(LIBC, None)
    assert isinstance(rows, tuple)
    assert list(plain_table(SECTION_COLUMNS, rows))[2].split() == [
        "14", ".text", "PROGBITS", "1.3M", "AX", "3", "0x26380", "0x26380", "—",
    ]  # fmt: skip


def test_a_core_file_is_told_as_one_and_has_no_loaders_table() -> None:
    printed = [plain(each) for each in image_lines(replace(LIBC, type="CORE"), None, PAGE)]
    assert printed[1].startswith("a core file: the memory of a process")
    assert not any(text.startswith("code ") for text in printed)


def test_a_section_without_a_name_says_so_but_for_the_first_which_never_has_one() -> None:
    rows = section_rows(image("/bin/x", sections=(section(0, "", 0, 1), section(1, "", 0, 1))), None)
    assert isinstance(rows, tuple)
    assert [plain(SECTION_COLUMNS[1].text(row)) for row in rows] == ["", "(no name)"]
