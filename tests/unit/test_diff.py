from collections.abc import Mapping

import pytest

from mmexplorer.model.changes import Change, ChangeKind, diff, is_other_program
from mmexplorer.model.region import Range, Region
from mmexplorer.model.usages import Usages
from tests.support.fakes.spaces import anonymous, mapped, regions, usage
from tests.support.regions import with_traits

A = anonymous
K = ChangeKind


def told(before: list[Region], after: list[Region]) -> list[tuple[ChangeKind, int]]:
    return [(change.kind, change.delta) for change in diff(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([], [A(0x10, 0x20)], [(K.ADDED, 0x10)], id="mmap"),
        pytest.param([A(0x10, 0x20)], [], [(K.REMOVED, -0x10)], id="munmap"),
        pytest.param([A(0x80, 0x90)], [A(0x10, 0x90)], [(K.GREW, 0x70)], id="mmap that merges downward"),
        pytest.param([A(0x10, 0x90)], [A(0x10, 0x20)], [(K.SHRANK, -0x70)], id="munmap of the end"),
        pytest.param([A(0x10, 0x90)], [A(0x10, 0x20), A(0x40, 0x90)], [(K.SPLIT, -0x20)], id="munmap of the middle"),
        pytest.param([A(0x10, 0x20), A(0x40, 0x90)], [A(0x10, 0x90)], [(K.MERGED, 0x20)], id="mmap into a hole"),
        pytest.param([A(0x10, 0x20)], [A(0x10, 0x20, "r--p")], [(K.PROTECTION, 0)], id="mprotect"),
        pytest.param(
            [A(0x10, 0x40)],
            [A(0x10, 0x20), A(0x20, 0x30, "r--p"), A(0x30, 0x40)],
            [(K.SPLIT, 0)],
            id="mprotect of the middle",
        ),
        pytest.param([A(0x10, 0x30)], [A(0x10, 0x20), A(0x20, 0x30, "r--p")], [(K.SPLIT, 0)], id="mprotect of the end"),
        pytest.param(
            [A(0x10, 0x20), A(0x20, 0x30, "r--p")], [A(0x10, 0x30)], [(K.MERGED, 0)], id="mprotect back again"
        ),
        pytest.param(
            [A(0x10, 0x20), A(0x20, 0x90, "---p")],
            [A(0x10, 0x30), A(0x30, 0x90, "---p")],
            [(K.GREW, 0x10), (K.SHRANK, -0x10)],
            id="a malloc arena takes from its reserve",
        ),
        pytest.param([A(0x10, 0x20)], [A(0x18, 0x28)], [(K.MOVED, 0)], id="cut below, extended above"),
        pytest.param([A(0x10, 0x20)], [A(0x20, 0x30)], [(K.REMOVED, -0x10), (K.ADDED, 0x10)], id="mremap"),
        pytest.param([A(0x10, 0x20)], [mapped(0x10, 0x20)], [(K.REPLACED, 0)], id="MAP_FIXED over it"),
        pytest.param(
            [mapped(0x10, 0x20)], [mapped(0x10, 0x20, offset=0x50)], [(K.REPLACED, 0)], id="another part of the file"
        ),
        pytest.param(
            [A(0x10, 0x40, "---p")],
            [A(0x10, 0x20, "---p"), mapped(0x20, 0x30), A(0x30, 0x40, "---p")],
            [(K.SPLIT, -0x10), (K.ADDED, 0x10)],
            id="MAP_FIXED into a reserve",
        ),
        pytest.param(
            [mapped(0x10, 0x40, 0x100)],
            [mapped(0x10, 0x20, 0x100), mapped(0x20, 0x40, 0x110, "rw-p")],
            [(K.SPLIT, 0)],
            id="RELRO",
        ),
    ],
)
def test_each_change_has_its_name_and_its_size(
    before: list[Region], after: list[Region], expected: list[tuple[ChangeKind, int]]
) -> None:
    assert told(before, after) == expected


def test_a_file_deleted_under_its_mapping_is_the_same_memory() -> None:
    old = mapped(0x10, 0x20)
    assert told([old], [with_traits(old, deleted=True)]) == [(K.RENAMED, 0)]
    assert told([old], [with_traits(old, path="/lib/renamed.so")]) == [(K.RENAMED, 0)]


def test_what_stayed_is_not_part_of_a_change() -> None:
    small = list(regions())
    heap = small[3]
    grown = heap._replace(end=heap.end + 0x1000)
    assert diff(small, [*small[:3], grown, *small[4:]]) == (Change(K.GREW, (heap,), (grown,)),)


def test_the_same_regions_as_other_objects_did_not_change() -> None:
    assert diff(regions(), regions()) == ()


def _read(flags: Mapping[Region, tuple[str, ...]]) -> Usages:
    return Usages((region.start, region.end, usage(vm_flags)) for region, vm_flags in flags.items())


def test_flags_alone_are_a_change() -> None:
    one, other = A(0x10, 0x20), A(0x20, 0x30)
    before = _read({one: ("rd", "wr"), other: ("rd",)})
    after = _read({one: ("rd", "wr", "dc"), other: ("rd",)})
    same = (one, other)
    assert diff(same, same, before, after) == (Change(K.FLAGS, (one,), (one,), ("rd", "wr"), ("rd", "wr", "dc")),)
    assert diff(same, same, before, before) == ()
    assert diff(same, same, before, _read({other: ("rd",)})) == ()
    assert diff(same, same, before, None) == ()


def test_flags_of_other_memory_at_the_same_addresses_are_not_compared() -> None:
    one, other = A(0x10, 0x20), mapped(0x10, 0x20)
    changes = diff([one], [other], _read({one: ("rd",)}), _read({one: ("rd", "mw")}))
    assert [change.kind for change in changes] == [K.REPLACED]


def test_the_range_spans_all_that_is_involved() -> None:
    (change,) = diff([A(0x80, 0x90)], [A(0x10, 0x90)])
    assert change.range == Range(0x10, 0x90)


def test_a_hundred_thousand_replaced_regions_are_told_without_comparing_each_with_each() -> None:
    before = [A(start, start + 0x2000) for start in range(0, 0x2000 * 50_000, 0x2000)]
    after = [mapped(start + 0x1000, start + 0x3000) for start in range(0, 0x2000 * 50_000, 0x2000)]
    assert len(diff(before, after)) == 1


def test_another_program_has_none_of_the_regions_before_but_the_kernels_own() -> None:
    before = regions()
    moved = [each._replace(start=each.start + (1 << 32), end=each.end + (1 << 32)) for each in before[:-1]]
    assert before[-1].kernels_own
    assert is_other_program(before, [*moved, before[-1]])
    assert not is_other_program(before, [before[0], *moved[1:], before[-1]])
    assert not is_other_program(before, before)
    assert not is_other_program((), before)
