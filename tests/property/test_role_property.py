"""Updating the roles of what changed gives the same result as inferring all of them."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.region import Region
from mmexplorer.model.role import Judged, judge, surroundings
from tests.support.fakes.spaces import anonymous, mapped
from tests.support.regions import with_traits

MIB = 1 << 20
BASE = 0x7F0000000000
SIZES = (4096, MIB, 2 * MIB, 8 * MIB, 64 * MIB - 4096)


@st.composite
def maps(draw: st.DrawFn) -> list[list[Region]]:
    """Draw several maps that share most of their regions as objects."""
    at = BASE
    regions = []
    for _ in range(draw(st.integers(0, 10))):
        at += draw(st.sampled_from((0, 0, 0, 4096)))
        size = draw(st.sampled_from(SIZES))
        perms = draw(st.sampled_from(("rw-p", "---p", "rwxp", "r--p")))
        regions.append(anonymous(at, at + size, perms) if draw(st.booleans()) else mapped(at, at + size))
        at += size
    found = [regions]
    for _ in range(draw(st.integers(1, 4))):
        regions = [_changed(each, draw) for each in regions if draw(st.integers(0, 9))]
        found.append(regions)
    return found


def _changed(region: Region, draw: st.DrawFn) -> Region:
    if draw(st.integers(0, 3)):
        return region
    return with_traits(region, perms=draw(st.sampled_from(("rw-p", "---p"))))


@given(maps(), st.booleans())
def test_judging_what_changed_is_judging_everything(looks: Sequence[Sequence[Region]], threads: bool) -> None:  # noqa: FBT001 - drawn
    judged = Judged()
    for regions in looks:
        around = surroundings(regions, (), 2 if threads else 1, None)
        judged = judge(regions, around, judged)
        assert judged.roles == judge(regions, around, Judged()).roles
