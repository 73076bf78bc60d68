import re
from itertools import pairwise

import pytest

from mmexplorer.model.changes import Change, ChangeHistory, ChangeKind, diff
from mmexplorer.model.elf.layout import Label, Layout
from mmexplorer.model.region import Range, Region
from mmexplorer.present.region.changes import CHANGE_COLUMNS, MappedBy, change_detail, change_rows, with_makers
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import anonymous, image, loaded, mapped, matched, regions, segment
from tests.support.regions import with_traits

A = anonymous


@pytest.mark.parametrize(
    ("before", "after", "detail"),
    [
        ([], [A(16, 32)], "rw-p"),
        ([A(16, 32, "r--p")], [], "r--p"),
        ([A(32, 48)], [A(16, 48)], "downward"),
        ([A(16, 32)], [A(16, 48)], "upward"),
        ([A(32, 48)], [A(16, 64)], "in both directions"),
        ([A(16, 48)], [A(32, 48)], "from its start"),
        ([A(16, 48)], [A(16, 32)], "from its end"),
        ([A(16, 64)], [A(32, 48)], "from both ends"),
        ([A(16, 32)], [A(24, 40)], "from 00000010-00000020"),
        ([A(16, 64)], [A(16, 32), A(48, 64)], "1 → 2 regions"),
        ([A(16, 32), A(48, 64)], [A(16, 64)], "2 → 1 regions"),
        ([A(16, 32)], [A(16, 32, "r--p")], "rw-p → r--p"),
        ([A(16, 32)], [mapped(16, 32)], "no name → 7.so"),
        ([mapped(16, 32)], [with_traits(mapped(16, 32), deleted=True)], "7.so → 7.so (deleted)"),
    ],
)
def test_what_exactly_changed(before: list[Region], after: list[Region], detail: str) -> None:
    (change,) = diff(before, after)
    assert change_detail(change) == detail


def test_flags_are_told_in_words() -> None:
    same = (A(16, 32),)
    change = Change(ChangeKind.FLAGS, same, same, ("rd", "hg"), ("rd", "dc", "zz"))
    assert change_detail(change) == "+dc not copied to a child by fork, +zz zz, -hg huge pages wanted (MADV_HUGEPAGE)"


def test_the_newest_stands_first_and_has_a_name() -> None:
    small = regions()
    bss = small[6]
    libc = loaded(image("/usr/lib/libc.so.6", segment(4, "RW")), 0x7F3A4C000000)
    layout = Layout((libc,), {bss.start: matched(libc, 4, Label.BSS)})
    without_bss = [region for region in small if region is not bss]
    history = (
        ChangeHistory()
        .advance(diff(small[:3], small[:4]), 1_000.0, 10.0)
        .advance(diff(without_bss, small), 1_001.0, 11.0)
    )
    rows = change_rows(history, layout)
    assert [row.name for row in rows] == ["libc.so.6", "[heap]"]
    assert len({row.key for row in rows}) == 2
    told = {each.key: plain(each.text(rows[0])) for each in CHANGE_COLUMNS}
    assert re.fullmatch(r"\d\d:\d\d:41", told.pop("time"))
    assert told == {
        "what": "added",
        "by": "+52K",
        "range": "7f3a4c1d4000-7f3a4c1e1000",
        "detail": "libc.so.6  rw-p",
    }


def test_every_kind_of_change_fits_its_column() -> None:
    what = next(each for each in CHANGE_COLUMNS if each.key == "what")
    assert max(len(kind.value) for kind in ChangeKind) <= what.width
    assert all(len(each.title) <= each.width for each in CHANGE_COLUMNS)


def test_changes_of_one_kind_that_follow_each_other_are_one_row() -> None:
    history = ChangeHistory()
    other = A(1 << 20, 2 << 20)
    sizes = [16 << 10, 32 << 10, 48 << 10, 64 << 10]
    for clock, (before, after) in enumerate(pairwise(sizes)):
        old = [A(0, before), other._replace(end=other.end + clock)]
        history = history.advance(diff(old, [A(0, after), other._replace(end=other.end + clock + 1)]), 0.0, clock)
    rows = change_rows(history, Layout())
    assert [(row.times, row.delta, row.event.clock) for row in rows] == [(3, 3, 2), (3, 48 << 10, 2)]
    assert plain(CHANGE_COLUMNS[1].text(rows[1])) == "grew \N{MULTIPLICATION SIGN}3"
    shrunk = history.advance(diff([A(0, 64 << 10)], [A(0, 32 << 10)]), 0.0, 3.0)
    again = shrunk.advance(diff([A(0, 32 << 10)], [A(0, 64 << 10)]), 0.0, 4.0)
    assert [row.times for row in change_rows(again, Layout())] == [1, 1, 3, 3]


def test_memory_that_comes_and_goes_at_one_place_is_two_rows() -> None:
    history = ChangeHistory()
    for clock in range(5):
        history = history.advance(diff([], [A(0, 4096)]), 0.0, clock).advance(diff([A(0, 4096)], []), 0.0, clock + 0.5)
    assert [(row.event.change.kind, row.times, row.delta) for row in change_rows(history, Layout())] == [
        (ChangeKind.REMOVED, 5, -5 * 4096),
        (ChangeKind.ADDED, 5, 5 * 4096),
    ]


def test_a_row_keeps_its_key_while_its_region_goes_on_growing() -> None:
    history = ChangeHistory().advance(diff([A(0, 16)], [A(0, 32)]), 0.0, 1.0)
    before = change_rows(history, Layout())
    after = change_rows(history.advance(diff([A(0, 32)], [A(0, 48)]), 0.0, 2.0), Layout())
    assert before[0].key == after[0].key


def test_who_made_a_change_is_told_where_a_trace_saw_it() -> None:
    before, after = [A(0x1000, 0x2000)], [A(0x1000, 0x2000), A(0x5000, 0x9000)]
    history = ChangeHistory().advance(diff(before, after), 1_000.0, 10.0).advance(diff(after, before), 1_009.0, 19.0)
    makers = (MappedBy(Range(0x5000, 0x9000), "mapped by 12"), MappedBy(Range(0x1000, 0x2000), "mapped by 13"))
    rows = change_rows(history, Layout())
    assert [row.maker for row in with_makers(rows, makers, 9.0, 12.0)] == ["", "mapped by 12"]
    assert [row.maker for row in with_makers(rows, makers, 11.0, 30.0)] == ["", ""]
    told = plain(CHANGE_COLUMNS[-1].text(with_makers(rows, makers, 9.0, 12.0)[1]))
    assert told == "rw-p  mapped by 12"
