from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.changes import Change, ChangeKind, diff
from mmexplorer.model.region import Region, holes
from tests.support.fakes.spaces import anonymous, mapped

PAGE = 0x1000
MIRRORED = {
    ChangeKind.ADDED: ChangeKind.REMOVED,
    ChangeKind.REMOVED: ChangeKind.ADDED,
    ChangeKind.GREW: ChangeKind.SHRANK,
    ChangeKind.SHRANK: ChangeKind.GREW,
    ChangeKind.SPLIT: ChangeKind.MERGED,
    ChangeKind.MERGED: ChangeKind.SPLIT,
}


@st.composite
def maps(draw: st.DrawFn) -> list[Region]:
    """Draw a small address space whose regions are often adjacent."""
    edges = sorted(draw(st.sets(st.integers(0, 24), max_size=16)))
    made = []
    for start, end in pairwise(edges):
        perms = draw(st.sampled_from(["rw-p", "r--p", "---p"]))
        what = draw(st.sampled_from(["hole", "anonymous", "file"]))
        if what == "anonymous":
            made.append(anonymous(start * PAGE, end * PAGE, perms))
        elif what == "file":
            # Two thirds of the mappings are contiguous in the file, as mprotect leaves them.
            slide = draw(st.sampled_from([0, 0, PAGE]))
            made.append(mapped(start * PAGE, end * PAGE, start * PAGE + slide, perms))
    return made


def covered(regions: list[Region]) -> int:
    return sum(region.size for region in regions)


@given(maps(), maps())
def test_every_region_that_differs_is_in_exactly_one_change(before: list[Region], after: list[Region]) -> None:
    changes = diff(before, after)
    assert Counter(region for change in changes for region in change.before) == Counter(set(before) - set(after))
    assert Counter(region for change in changes for region in change.after) == Counter(set(after) - set(before))


@given(maps(), maps())
def test_the_sizes_add_up_to_the_change_of_coverage(before: list[Region], after: list[Region]) -> None:
    changes = diff(before, after)
    assert sum(change.delta for change in changes) == covered(after) - covered(before)
    assert [change.range for change in changes] == sorted(change.range for change in changes)


@given(maps(), maps())
def test_applying_the_changes_gives_what_is_there_now(before: list[Region], after: list[Region]) -> None:
    changes = diff(before, after)
    gone = {region for change in changes for region in change.before}
    come = {region for change in changes for region in change.after}
    assert sorted((set(before) - gone) | come) == after


@given(maps(), maps())
def test_the_other_way_round_it_is_the_opposite(before: list[Region], after: list[Region]) -> None:
    forth = diff(before, after)
    back = diff(after, before)
    turned = [Change(MIRRORED.get(change.kind, change.kind), change.after, change.before) for change in back]
    assert sorted(turned, key=str) == sorted(forth, key=str)


@given(maps())
def test_nothing_changed_in_the_same_map(regions: list[Region]) -> None:
    copies = [region._replace() for region in regions]
    assert diff(regions, regions) == ()
    assert diff(regions, copies) == ()


@given(maps())
def test_into_and_out_of_nothing(regions: list[Region]) -> None:
    assert [change.kind for change in diff([], regions)] == [ChangeKind.ADDED] * len(regions)
    assert [change.kind for change in diff(regions, [])] == [ChangeKind.REMOVED] * len(regions)


@given(maps())
def test_holes_and_regions_fill_the_space_between_the_ends(regions: list[Region]) -> None:
    between = list(holes(regions))
    assert all(hole.range.size > 0 and hole.below.end == hole.range.start for hole in between)
    if regions:
        assert covered(regions) + sum(hole.range.size for hole in between) == regions[-1].end - regions[0].start
