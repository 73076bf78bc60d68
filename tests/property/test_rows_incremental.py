"""Rows, sums and the strip updated from the previous refresh equal those built from scratch."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.carried import Known
from mmexplorer.model.changes import ChangeHistory, diff
from mmexplorer.model.growth import Origin, Watch
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.role import Role
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.explore.extents import look_the_same, region_extents
from mmexplorer.present.explore.region_rows import NO_ROWS, RegionOptions, region_rows
from mmexplorer.present.explore.totals import Totals, group_sums, total_rows, totals, totals_after
from mmexplorer.present.region.address_strip import Extent, short_label
from mmexplorer.present.region.row import RegionRow
from tests.support.fakes.spaces import anonymous, mapped, space, usage
from tests.support.regions import with_traits

_BASE, _PAGE = 0x7F0000000000, 4096
_CHANGES = ("", "", "", "perms", "size", "gone", "known", "role", "counters", "split")


def _changed(each: Region, change: str) -> list[Region]:
    if change == "split":
        middle = each.start + _PAGE
        return [each._replace(end=middle), with_traits(each._replace(start=middle), perms="r--p")]
    if change == "perms":
        return [with_traits(each, perms="---p" if each.perms == "rw-p" else "rw-p")]
    return [] if change == "gone" else [each._replace(end=each.end + _PAGE)] if change == "size" else [each]


@st.composite
def looks(draw: st.DrawFn) -> list[AddressSpace]:
    """Draw address spaces that share most of their objects."""
    places = [_BASE + place * 8 * _PAGE for place in range(draw(st.integers(0, 12)))]
    regions = [
        anonymous(place, place + 2 * _PAGE) if draw(st.booleans()) else mapped(place, place + 2 * _PAGE)
        for place in places
    ]
    found = [space(regions, {each.range: usage(Rss=_PAGE, Pss=2048, Swap=0) for each in regions})]
    for _ in range(draw(st.integers(1, 4))):
        before, regions = found[-1], []
        known, roles, counters = dict(before.known), dict(before.roles), before.counters
        for each in before.regions:
            change = draw(st.sampled_from(_CHANGES)) if each.size == 2 * _PAGE else ""
            regions += _changed(each, change)
            if change == "known":
                known[each.range] = Known(usage(Rss=draw(st.integers(0, 9)), Swap=1), carried=True, counted=True)
            if change == "role":
                roles[each.start] = Role(RegionKind.ARENA, "malloc arena", sure=draw(st.booleans()))
            if change == "counters":
                counters = space(regions, {one.range: usage(Rss=8192, Pss=1) for one in before.regions}).counters
        found.append(replace(before, regions=tuple(regions), known=known, roles=roles, counters=counters))
    return found


def _drawn(row: RegionRow) -> Extent:
    label = short_label(row.name) if row.role is None or row.role.sure else ""
    return Extent(row.range, row.kind or RegionKind.OTHER, label)


def _rss(space: AddressSpace, region: Region) -> int | None:
    counters = space.usage_of(region)
    return counters.get("Rss") if counters is not None else None


@given(looks(), st.sampled_from((0.4, 3.0)))
def test_going_on_gives_what_beginning_gives(spaces: list[AddressSpace], seconds: float) -> None:
    rows, sums, history = NO_ROWS, group_sums(()), ChangeHistory()
    drawn: list[Extent] = []
    last: AddressSpace | None = None
    added: Totals | None = None
    watch = Watch(Origin(10.0, 1_000.0, 0, None, 0), clock=10.0)
    for number, each in enumerate((*spaces, spaces[-1])):
        clock = 10.0 + number * seconds
        changes = diff(last.regions, each.regions) if last is not None else ()
        if last is not None:
            history = history.advance(changes, 1_000.0, clock)
        read = each.usages if last is None or last.counters is not each.counters else None
        resident = [(region, _rss(each, region)) for region in each.regions]
        watch = watch.advance(clock, changes, resident, lambda _region: RegionKind.OTHER, read)
        recent = history.fresh(clock, 5.0)
        before, rows = rows, region_rows(each, recent, clock, RegionOptions(), rows, watch=watch)
        afresh = region_rows(each, recent, clock, RegionOptions(), watch=watch)
        went, came = rows.step.differing(before.live, rows.live)
        sums = group_sums(came, went, sums)
        assert (list(rows.shown), list(rows.live)) == (list(afresh.shown), list(afresh.live))
        assert total_rows(sums) == total_rows(group_sums(afresh.live))
        drawn, before_it = list(region_extents(rows.live)), drawn
        assert drawn == list(map(_drawn, afresh.live))
        assert look_the_same(before.live, rows.live, rows.step) is (drawn == before_it)
        added = totals_after(added, sums, each, last)
        assert added == totals(each)
        last = each
