"""The table of free(1), exact to the blank."""

import pytest

from mmexplorer.model.system.memory import Free, free
from mmexplorer.present.system.free import Unit, amount, free_lines, free_notes, swap_note
from mmexplorer.present.text.line import plain
from tests.support.specimens.meminfo import HUGETLB, NO_SWAP, SWAPPING, recorded


def table(name: str, unit: Unit) -> list[str]:
    figures = free(recorded(name))
    assert isinstance(figures, Free)
    return [plain(text) for text in free_lines(figures, unit)]


def test_kibibytes() -> None:
    assert table(SWAPPING, Unit.KIB) == [
        "               total        used        free      shared  buff/cache   available",
        "Mem:          929104      694264       27236          12      269224      234840",
        "Swap:         204796      175880       28916",
    ]


def test_human() -> None:
    assert table(SWAPPING, Unit.HUMAN)[1:] == [
        "Mem:           907Mi       677Mi        26Mi        12Ki       262Mi       229Mi",
        "Swap:          199Mi       171Mi        28Mi",
    ]


def test_what_the_kernel_does_not_give_is_a_dash_with_a_reason() -> None:
    assert table(HUGETLB, Unit.KIB)[1].endswith("     7631568           —")
    figures = free(recorded(HUGETLB))
    assert isinstance(figures, Free)
    assert [plain(note) for note in free_notes(figures)] == [
        "available: this kernel has no MemAvailable in /proc/meminfo; used is total - free - buffers - cache"
    ]


@pytest.mark.parametrize(
    ("count", "unit", "text"),
    [
        (0, Unit.HUMAN, "0B"),
        (999, Unit.HUMAN, "999B"),
        (1000, Unit.HUMAN, "1.0Ki"),
        (10239 * 1024, Unit.HUMAN, "9Mi"),
        (2113929216 * 1024, Unit.HUMAN, "2.0Ti"),
        (779361326 * 1024, Unit.HUMAN, "743Gi"),
        (1024**3 * 2 - 1, Unit.GIB, "1"),
        (1024**2 - 1, Unit.MIB, "0"),
        (1023, Unit.KIB, "0"),
        (1023, Unit.BYTES, "1023"),
    ],
)
def test_amounts(count: int, unit: Unit, text: str) -> None:
    assert amount(count, unit) == text


def test_no_swap_is_said_and_swap_is_not() -> None:
    without, with_swap = free(recorded(NO_SWAP)), free(recorded(SWAPPING))
    assert isinstance(without, Free)
    assert isinstance(with_swap, Free)
    assert plain(swap_note(without)) == "no swap: nothing can be paged out"
    assert plain(swap_note(with_swap)) == ""
