"""The map before and after, with the differences marked."""

from mmexplorer.model.region import Region
from mmexplorer.present.labs.map import map_around, map_difference
from mmexplorer.present.text.line import plain
from tests.support.regions import region_of


def region(start: int, end: int, path: str = "", perms: str = "rw-p") -> Region:
    return region_of(start, end, perms, 0, "00:00", 0, path)


ROWS = tuple(region(start << 20, (start + 1) << 20, f"[{start}]") for start in range(1, 9))


def test_an_added_region_is_marked_among_its_neighbours_and_the_rest_counted() -> None:
    new = region(0xA00000, 0x1A00000)
    assert [plain(row) for row in map_difference(ROWS, (*ROWS, new))] == [
        "  ... 7 unchanged regions",
        "  00800000-00900000 rw-p    1M [8]",
        "+ 00a00000-01a00000 rw-p   16M   <- added, +16M (rw-p)",
    ]


def test_a_removed_region_is_marked_and_a_single_one_left_out_is_counted_in_the_singular() -> None:
    shown = [plain(row) for row in map_difference(ROWS[:4], (*ROWS[:2], ROWS[3]))]
    assert shown == [
        "  ... 1 unchanged region",
        "  00200000-00300000 rw-p    1M [2]",
        "- 00300000-00400000 rw-p    1M [3]   <- removed, -1M (rw-p)",
        "  00400000-00500000 rw-p    1M [4]",
    ]


def test_a_region_that_grew_stands_before_and_after() -> None:
    before, after = (region(0x200000, 0x300000),), (region(0x100000, 0x300000),)
    assert [plain(row) for row in map_difference(before, after)] == [
        "+ 00100000-00300000 rw-p    2M   <- grew, +1M (downward)",
        "- 00200000-00300000 rw-p    1M",
    ]


def test_nothing_changed_is_one_count() -> None:
    assert [plain(row) for row in map_difference(ROWS, ROWS)] == ["  ... 8 unchanged regions"]


def test_a_name_that_acts_on_a_terminal_is_shown_harmless() -> None:
    hostile = region(0x1000, 0x2000, "/tmp/\x1b]0;evil\x07")
    assert "\x1b" not in "".join(plain(row) for row in map_difference((), (hostile,)))


def test_an_address_is_drawn_in_its_region_or_between_two() -> None:
    assert [plain(row) for row in map_around(ROWS, 0x300010)] == [
        "  00300000-00400000 rw-p    1M [3]",
        "> 00300010 is in it, at +0x10",
    ]
    assert [plain(row) for row in map_around(ROWS, 0)] == [
        "> 00000000 is in no region",
        "  00100000-00200000 rw-p    1M [1]",
    ]
