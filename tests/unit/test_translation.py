import json

import pytest

from mmexplorer.model.memory.inspection import TableCount
from mmexplorer.model.memory.pages import PageState
from mmexplorer.model.memory.translation import Paging, Populated, Translation, page_tables, table_bytes
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.translate import translate_document
from mmexplorer.present.memory.translation import table_line, translation_lines

FOUR = Paging(4096, 48)
FIVE = Paging(4096, 57)
MIB, GIB = 1 << 20, 1 << 30
HIDDEN = Unavailable(Cause.DENIED, "hidden")


def walk(paging: Paging, address: int) -> list[tuple[str, int]]:
    return [(level.name, level.index) for level in paging.levels(address)]


@pytest.mark.parametrize(
    ("address", "indices"),
    [
        (0, [0, 0, 0, 0]),
        (0xFFF, [0, 0, 0, 0]),
        (0x1000, [0, 0, 0, 1]),
        (0x1FF000, [0, 0, 0, 511]),
        (0x200000, [0, 0, 1, 0]),
        (0x40000000, [0, 1, 0, 0]),
        (0x8000000000, [1, 0, 0, 0]),
        (0x7FFFFFFFF000, [255, 511, 511, 511]),
        (0xFFFFFFFFFF600000, [511, 511, 507, 0]),
        (0x7FA16ABC8570, [255, 133, 341, 456]),
    ],
)
def test_four_levels(address: int, indices: list[int]) -> None:
    assert walk(FOUR, address) == list(zip(("PGD", "PUD", "PMD", "PTE"), indices, strict=True))


def test_five_levels() -> None:
    assert walk(FIVE, 0x00FF_7FA1_6ABC_8570) == [("PGD", 255), ("P4D", 255), ("PUD", 133), ("PMD", 341), ("PTE", 456)]


def test_the_granules_of_arm64() -> None:
    address = 0xFFFF_8765_4321
    assert walk(Paging(1 << 14, 48), address) == [
        ("PGD", address >> 47),
        ("PUD", address >> 36 & 2047),
        ("PMD", address >> 25 & 2047),
        ("PTE", address >> 14 & 2047),
    ]
    assert walk(Paging(1 << 16, 48), address) == [
        ("PGD", address >> 42),
        ("PMD", address >> 29 & 8191),
        ("PTE", address >> 16 & 8191),
    ]
    assert [name for name, _ in walk(Paging(1 << 12, 39), 0)] == ["PGD", "PMD", "PTE"]


def pages(start: int, count: int = 1) -> Populated:
    return Populated(Range(start, start + count * 4096))


@pytest.mark.parametrize(
    ("populated", "expected"),
    [
        ([], (0, 0, 0)),
        ([pages(GIB)], (1, 1, 1)),
        ([pages(GIB, 512)], (1, 1, 1)),
        ([pages(GIB), pages(GIB + 8192)], (1, 1, 1)),
        ([pages(GIB, 513)], (1, 1, 2)),
        ([pages(GIB - 4096, 2)], (1, 2, 2)),
        ([pages(each * 2 * MIB + GIB) for each in range(10)], (1, 1, 10)),
        ([pages(each * GIB + GIB) for each in range(10)], (1, 10, 10)),
        ([Populated(Range(GIB, GIB + 4 * MIB), 2 * MIB, deposit=True)], (1, 1, 2)),
        ([Populated(Range(GIB, GIB + 4 * MIB), 2 * MIB)], (1, 1, 0)),
        ([Populated(Range(GIB, 2 * GIB), GIB)], (1, 0, 0)),
    ],
)
def test_tables_that_pages_need(populated: list[Populated], expected: tuple[int, int, int]) -> None:
    counts = page_tables(populated, FOUR)
    assert (counts["PUD"], counts["PMD"], counts["PTE"]) == expected
    assert table_bytes(counts, 4096) == sum(expected) * 4096
    assert table_line(TableCount(counts, HIDDEN), 4096).endswith("VmPTE: hidden")
    assert table_line(TableCount(counts, HIDDEN, age=7.2), 4096).endswith("VmPTE: hidden, 7 s ago")


def test_a_p4d_is_not_counted_by_the_kernel() -> None:
    counts = page_tables([pages(GIB)], FIVE)
    assert counts == {"P4D": 1, "PUD": 1, "PMD": 1, "PTE": 1}
    assert table_bytes(counts, 4096) == 3 * 4096


def translated(frame: int | Unavailable, huge: int | None = None) -> Translation:
    levels = FOUR.levels(0x7FA16ABC8570)
    state = PageState.HUGE if huge else PageState.ANONYMOUS
    return Translation(0x7FA16ABC8570, levels[:3] if huge else levels, state, frame, 4096, huge)


def test_the_walk_as_text() -> None:
    assert list(translation_lines(translated(0x10634A))) == [
        "PGD  entry   255  bits 47-39  each covers 512G",
        "PUD  entry   133  bits 38-30  each covers 1G",
        "PMD  entry   341  bits 29-21  each covers 2M",
        "PTE  entry   456  bits 20-12  each covers 4K",
        "offset 0x570 in a page of 4K: anonymous",
        "frame 0x10634a, physical address 0x10634a570",
    ]
    assert list(translation_lines(translated(HIDDEN)))[-1] == "frame: hidden"
    assert list(translation_lines(translated(5, huge=2 * MIB)))[-2:] == [
        "offset 0x1c8570 in a page of 2M: huge page",
        "frame 0x5, physical address 0x5570",
    ]


def test_the_document() -> None:
    assert json.loads(translate_document(7, translated(0x10634A))) == {
        "schema": "mmexplorer/translate/1",
        "pid": 7,
        "address": "0x7fa16abc8570",
        "levels": [
            {"name": "PGD", "index": 255},
            {"name": "PUD", "index": 133},
            {"name": "PMD", "index": 341},
            {"name": "PTE", "index": 456},
        ],
        "frame": 0x10634A,
        "physical": "0x10634a570",
        "huge": None,
    }
    hidden = json.loads(translate_document(7, translated(HIDDEN)))
    assert hidden["frame"] is hidden["physical"] is None
    assert hidden["unavailable"] == {"frame": "hidden", "physical": "hidden"}
