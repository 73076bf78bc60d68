"""Files that aren't ELF, or are broken: one clear sentence, never an exception, and never slow."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.elf.reader import Wanted, read_elf
from mmexplorer.kernel.files import OpenFile
from mmexplorer.kernel.files_below import open_below
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.specimens.elf_bytes import Made, make_elf

_MADE = make_elf(64, "<", 62)
_PHNUM, _PHENTSIZE, _SHNUM, _SHENTSIZE, _SHSTRNDX = 56, 54, 60, 58, 62
_PHOFF, _SHOFF = 32, 40
_FIRST_SECTION_SIZE, _FIRST_SECTION_LINK = _MADE.shoff + 32, _MADE.shoff + 40
_NAMES = _MADE.shoff + 6 * 64


def _read(path: Path, data: bytes) -> ElfImage | Unavailable:
    path.write_bytes(data)
    return ElfCache().open_path(str(path))


def _reason(result: ElfImage | Unavailable) -> str:
    assert isinstance(result, Unavailable), result
    assert "\n" not in result.reason
    return result.reason


def _no_segments_reason(result: ElfImage | Unavailable) -> str:
    """Return the reason; the sections of such a file are still read."""
    assert isinstance(result, ElfImage), result
    assert isinstance(result.sections, tuple)
    assert len(result.sections) == 7
    assert not result.segments
    assert result.no_segments is not None
    return result.no_segments.reason


def _sections_reason(result: ElfImage | Unavailable) -> str:
    assert isinstance(result, ElfImage), result
    assert len(result.segments) == 4
    assert isinstance(result.sections, Unavailable)
    return result.sections.reason


def _make_directory(path: Path) -> None:
    path.mkdir()


def _make_fifo(path: Path) -> None:
    os.mkfifo(path)


def _make_empty(path: Path) -> None:
    path.touch()


def _make_text(path: Path) -> None:
    path.write_text("#!/bin/sh\n")


def _make_loop(path: Path) -> None:
    path.symlink_to(path.name)


def _make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _make_truncated(path: Path) -> None:
    path.write_bytes(_MADE.data[:40])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_make_directory, "a directory, not an ELF file"),
        (_make_fifo, "a FIFO, not an ELF file"),
        (_make_empty, "an empty file, not an ELF file"),
        (_make_text, "not an ELF file"),
        (_make_loop, "too many levels of symbolic links"),
        (_make_device, "a character device, not an ELF file"),
        (_make_truncated, "a truncated ELF file: it ends inside the ELF header, after 40 bytes"),
        (Path.exists, "no such file or directory"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "it"
    make(path)
    assert main(["elf", str(path)]) == 1
    output, error = capsys.readouterr()
    assert output == ""
    assert error == f"mmexplorer: {path}: {words}\n"


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_file_cut_off_anywhere(tmp_path: Path, bits: int, order: str) -> None:
    made = make_elf(bits, "<" if order == "<" else ">", 8)
    cache = ElfCache()
    path = tmp_path / "cut"
    for length in sorted({*made.boundaries, *(at + 1 for at in made.boundaries)}):
        path.write_bytes(made.data[:length])
        result = cache.open_path(str(path))
        if length <= made.phoff + made.phnum * (56 if bits == 64 else 32) - 1:
            assert "ELF file" in _reason(result)
        elif length < len(made.data):
            assert "truncated" in _sections_reason(result), length
        else:
            assert isinstance(result, ElfImage)
            assert isinstance(result.sections, tuple)


@pytest.mark.parametrize("data", [_MADE.with_field(4, "B", 3), _MADE.with_field(5, "B", 0)])
def test_a_broken_identification(tmp_path: Path, data: bytes) -> None:
    words = "its first 16 bytes name no known class and byte order"
    assert words in _reason(_read(tmp_path / "broken", data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_MADE.with_field(_PHENTSIZE, "H", 32), "program headers are 32 bytes each, but ELF64 has 56"),
        (_MADE.with_field(_PHENTSIZE, "H", 0), "program headers are 0 bytes each, but ELF64 has 56"),
        (_MADE.with_field(_PHOFF, "Q", 1 << 63), "program headers would end at 0x80000000000000e0"),
        (_MADE.with_field(_PHNUM, "H", 0xFFFE), "its 65,534 program headers would end at"),
        (_MADE.with_field(_PHNUM, "H", 0xFFFF), "its 65,535 program headers would end at"),
    ],
)
def test_broken_program_headers(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in _no_segments_reason(_read(tmp_path / "broken", data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_MADE.with_field(_SHENTSIZE, "H", 63), "section headers are 63 bytes each, but ELF64 has 64"),
        (_MADE.with_field(_SHOFF, "Q", (1 << 64) - 1), "section headers would end at"),
        (_MADE.with_field(_SHNUM, "H", 0xFF00), "its 65,280 section headers would end at"),
        (
            Made(_MADE.with_field(_SHNUM, "H", 0), 64, "<", 0, 0, 0, 0).with_field(_FIRST_SECTION_SIZE, "Q", 1 << 60),
            "its 1,152,921,504,606,846,976 section headers would end at",
        ),
    ],
)
def test_broken_sections_leave_the_segments_readable(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in _sections_reason(_read(tmp_path / "broken", data))


@pytest.mark.parametrize(
    "data",
    [
        _MADE.with_field(_SHSTRNDX, "H", 99),
        _MADE.with_field(_NAMES + 24, "Q", 1 << 62),
        Made(_MADE.with_field(_SHSTRNDX, "H", 0xFFFF), 64, "<", 0, 0, 0, 0).with_field(
            _FIRST_SECTION_LINK, "I", 1 << 31
        ),
    ],
    ids=["no such section", "names past the end", "extended index out of range"],
)
def test_sections_whose_names_cant_be_had_are_sections(tmp_path: Path, data: bytes) -> None:
    whole, nameless = _read(tmp_path / "whole", _MADE.data), _read(tmp_path / "nameless", data)
    assert isinstance(whole, ElfImage)
    assert isinstance(nameless, ElfImage)
    assert not isinstance(whole.sections, Unavailable)
    assert not isinstance(nameless.sections, Unavailable)
    assert {section.name for section in nameless.sections} == {""}
    assert [section.type for section in nameless.sections] == [section.type for section in whole.sections]


def test_a_name_outside_the_table_is_marked(tmp_path: Path) -> None:
    image = _read(tmp_path / "broken", _MADE.with_field(_MADE.shoff + 64, "I", 5_000))
    assert isinstance(image, ElfImage)
    assert isinstance(image.sections, tuple)
    assert [section.name for section in image.sections[:3]] == ["", "<corrupt>", ".note.gnu.build-id"]


def test_more_headers_than_the_elf_header_can_count(tmp_path: Path) -> None:
    """Read PN_XNUM and SHN_XINDEX: the counts are in section 0, as in the core file of a process with many regions."""
    count = 70_000
    header = bytearray(_MADE.data[:64])
    zero = bytearray(64)
    table = 64 + 64
    struct.pack_into("<Q", header, _PHOFF, table)
    struct.pack_into("<Q", header, _SHOFF, 64)
    struct.pack_into("<HHHHH", header, _PHENTSIZE, 56, 0xFFFF, 64, 0, 0)
    struct.pack_into("<QII", zero, 32, 1, 0, count)
    load = struct.pack("<IIQQQQQQ", 1, 4, 0, 0x1000, 0x1000, 0, 0x1000, 0x1000)
    image = _read(tmp_path / "core", bytes(header + zero) + load * count)
    assert isinstance(image, ElfImage)
    assert len(image.segments) == count
    assert isinstance(image.sections, tuple)
    assert len(image.sections) == 1


def test_a_sparse_file_that_claims_millions_of_sections_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    path.write_bytes(
        Made(_MADE.with_field(_SHNUM, "H", 0), 64, "<", 0, 0, 0, 0).with_field(_FIRST_SECTION_SIZE, "Q", 1 << 30)
    )
    os.truncate(path, 1 << 40)
    assert "more than the 131,072 that are read" in _sections_reason(ElfCache().open_path(str(path)))


def test_section_names_that_overlap_endlessly_are_refused(tmp_path: Path) -> None:
    """Refuse names that would take 240 MB: one long string shared by all 60,000 sections."""
    count = 60_000
    names = b"n" * 5_000 + b"\0"
    header = bytearray(_MADE.data[:64])
    struct.pack_into("<QQ", header, _PHOFF, 0, 64)
    struct.pack_into("<HHHHH", header, _PHENTSIZE, 56, 0, 64, count, 1)
    section = struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, 64 + 64 * count, len(names), 0, 0, 1, 0)
    image = _read(tmp_path / "named", bytes(header) + section * count + names)
    assert isinstance(image, ElfImage)
    assert isinstance(image.sections, Unavailable)
    assert "overlap endlessly" in image.sections.reason


def test_a_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "changing"
    cache = ElfCache()
    path.write_bytes(_MADE.data)
    first = cache.open_path(str(path))
    assert cache.open_path(str(path)) is first
    path.write_bytes(_MADE.data + b"more")
    assert cache.open_path(str(path)) is not first
    path.write_text("no longer")
    assert _reason(cache.open_path(str(path))) == "not an ELF file"


def test_a_path_is_resolved_inside_the_root_of_the_process(tmp_path: Path) -> None:
    """Follow an absolute link within the root, unlike open(2)."""
    inside = tmp_path / "root" / "usr"
    inside.mkdir(parents=True)
    (inside / "it").write_bytes(_MADE.data)
    (tmp_path / "root" / "lib").symlink_to("/usr")
    opened = open_below(str(tmp_path / "root"), "/lib/../../../lib/it")
    assert isinstance(opened, OpenFile)
    with opened:
        assert opened.identity.ino == (inside / "it").stat().st_ino
        assert opened.read(0, 4) == b"\x7fELF"
    missing = open_below(str(tmp_path / "root"), "/usr/absent")
    assert isinstance(missing, Unavailable)
    assert missing.cause is Cause.GONE


def test_descriptors_are_closed_again(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(_MADE.data)
    os.mkfifo(tmp_path / "fifo")
    cache = ElfCache()
    for name in ("it", "fifo", "absent", "."):
        cache.open_path(str(tmp_path / name))
        opened = open_below(str(tmp_path), f"/{name}")
        if isinstance(opened, OpenFile):
            opened.close()
    # Only those: what an earlier test has left behind may be closed at any moment.
    links = (each.readlink() for each in Path("/proc/self/fd").iterdir() if each.is_symlink())
    assert not [link for link in links if link.is_relative_to(tmp_path)]


@pytest.mark.parametrize(
    ("number", "name"),
    [(0x60000000, "0x60000000"), (0x70000000, "0x70000000"), (8, "0x8"), (0x6474E554, "GNU_SFRAME"), (4, "NOTE")],
)
def test_the_limit_of_a_range_is_no_type_of_a_segment(tmp_path: Path, number: int, name: str) -> None:
    found = _read(tmp_path / "odd", _MADE.with_field(_MADE.phoff + 3 * 56, "I", number))
    assert isinstance(found, ElfImage)
    assert found.segments[3].type == name
    assert found.build_id == bytes(range(20)).hex(), "told by the section, whatever the segments are"


@pytest.mark.parametrize(
    ("number", "name", "solaris"),
    [
        (20, "0x14", "0x14"),
        (0x80000000, "0x80000000", "0x80000000"),
        (0x6FFFFFF4, "GNU_SFRAME", "SUNW_dof"),
        (0x6FFFFFF3, "0x6ffffff3", "SUNW_LDYNSYM"),
        (0x6FFFFFF6, "GNU_HASH", "SUNW_SIGNATURE"),
        (0x6FFFFFFD, "VERDEF", "SUNW_verdef"),
    ],
)
def test_types_of_sections_go_by_whose_file_it_is(tmp_path: Path, number: int, name: str, solaris: str) -> None:
    data = _MADE.with_field(_MADE.shoff + 3 * 64 + 4, "I", number)
    for osabi, expected in ((0, name), (6, solaris)):
        found = _read(tmp_path / "odd", data[:7] + bytes([osabi]) + data[8:])
        assert isinstance(found, ElfImage)
        assert isinstance(found.sections, tuple)
        assert found.sections[3].type == expected


def test_the_build_id_is_found_without_asking_for_the_sections(tmp_path: Path) -> None:
    path = tmp_path / "of-go"
    path.write_bytes(_MADE.with_field(_MADE.phoff + 3 * 56, "I", 0))
    opened = open_below("/", str(path))
    assert isinstance(opened, OpenFile)
    with opened:
        found = read_elf(opened, Wanted(str(path), "root"))
    assert isinstance(found, ElfImage)
    assert found.build_id == bytes(range(20)).hex()


def test_many_segments_that_hold_sections_with_long_names_are_refused_soon(tmp_path: Path) -> None:
    """Refuse a file of 270 KiB whose complete output would be gigabytes."""
    segments, sections, name = 1000, 1000, 4000
    at = 64 + segments * 56
    names_at = at + sections * 64
    header = bytearray(_MADE.data[:64])
    struct.pack_into("<QQ", header, _PHOFF, 64, at)
    struct.pack_into("<HHHHH", header, _PHENTSIZE, 56, segments, 64, sections, sections - 1)
    load = struct.pack("<IIQQQQQQ", 1, 7, 0, 0, 0, 1 << 30, 1 << 30, 4096)
    section = struct.pack("<IIQQQQIIQQ", 0, 1, 2, 0x1000, 0x1000, 16, 0, 0, 1, 0)
    strings = struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, names_at, name + 1, 0, 0, 1, 0)
    data = bytes(header) + load * segments + section * (sections - 1) + strings + b"n" * name + b"\0"
    found = _read(tmp_path / "wide", data)
    assert isinstance(found, ElfImage)
    assert isinstance(found.sections, Unavailable)
    assert "too many to tell in each" in found.sections.reason
