"""What the title and Totals say of the regions that a filter lets through."""

from mmexplorer.model.query import Query, parse_query
from mmexplorer.model.region import RegionKind
from mmexplorer.model.snapshot import Machine, Snapshot
from mmexplorer.present.explore.processes import ProcessOptions
from mmexplorer.present.explore.region_rows import RegionOptions
from mmexplorer.present.explore.titles import region_title
from mmexplorer.present.explore.totals import kind_filter
from mmexplorer.present.explore.view import ExploreView, ViewOptions, build_view
from mmexplorer.present.region.fields import REGION_FIELDS
from mmexplorer.present.text.format import size
from mmexplorer.present.text.line import plain
from tests.support.fakes.machine import machine

SPACE = next(iter(machine().spaces.values()))
SNAPSHOT = Snapshot(1_000.0, 10.0, Machine("vm", "6.18", 4096, 24 << 30, 21 << 30), (SPACE.process,), SPACE)


def view(text: str) -> ExploreView:
    query = parse_query(text, REGION_FIELDS)
    assert isinstance(query, Query)
    return build_view(None, SNAPSHOT, ViewOptions(ProcessOptions(), RegionOptions(query)))


def title(seen: ExploreView) -> str:
    return plain(region_title(SPACE, seen.map.totals, seen.map.listed)[1])


def test_the_title_sums_what_is_listed_of_what_there_is() -> None:
    seen = view("path:libc")
    listed = [region for region in SPACE.regions if "libc" in region.path]
    whole = seen.map.totals
    assert whole is not None
    sums = f"VSZ {size(sum(region.size for region in listed))} of {size(whole.vsz)}"
    assert title(seen).startswith(f"{len(listed)} of {len(SPACE.regions)} · {sums} · RSS ")
    assert title(view("")).startswith(f"{len(SPACE.regions)} · VSZ {size(whole.vsz)} · RSS ")


def test_the_title_of_an_empty_list_counts_nothing() -> None:
    assert title(view("path:nothing")).startswith(f"0 of {len(SPACE.regions)} · VSZ 0 of ")


def test_totals_follow_the_filter() -> None:
    seen = view("path:libc perm:x")
    assert [(row.kind, row.regions) for row in seen.map.kinds] == [(None, 1), (RegionKind.CODE, 1)]


def test_a_row_of_the_totals_gives_the_filter_of_its_regions() -> None:
    whole = view("")
    assert kind_filter(whole.map.kinds[0]) == ""
    for row in whole.map.kinds[1:]:
        assert row.kind is not None
        found = view(kind_filter(row)).map
        assert found.listed is not None
        assert (found.listed.regions, found.listed.size) == (row.regions, row.size)
