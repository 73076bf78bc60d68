"""Rows that are made when they are asked for: as many as are shown, and the same as if all had been made."""

import gc
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.changes import ChangeHistory, ChangeKind, diff
from mmexplorer.model.query import Query, parse_query
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace, Machine, Snapshot
from mmexplorer.model.value import replace
from mmexplorer.present.explore.listed_rows import AnyPlaces, ChosenRows
from mmexplorer.present.explore.live_rows import ListedRows
from mmexplorer.present.explore.region_rows import RegionOptions, region_rows
from mmexplorer.present.explore.view import ViewOptions, build_view
from mmexplorer.present.region.address_strip import draw
from mmexplorer.present.region.fields import REGION_FIELDS
from tests.support.fakes.spaces import anonymous, space, usage

_PAGE, _MANY = 4096, 5000
_KINDS = ("rw-p", "r--p", "---p", "r-xp")


def _regions(places: Sequence[int]) -> list[Region]:
    return [anonymous(place * _PAGE, (place + 1) * _PAGE, _KINDS[place % len(_KINDS)]) for place in places]


def _query(text: str) -> Query:
    found = parse_query(text, REGION_FIELDS)
    assert isinstance(found, Query)
    return found


_OPTIONS = st.builds(
    RegionOptions,
    st.sampled_from((Query(), _query("kind:anon"), _query("size>1K"), _query("!perm:w"))),
    st.sampled_from(("start", "size", "kind", "rss", "delta")),
    st.booleans(),
    st.booleans(),
)
_PLACES = st.lists(st.integers(1, 40), unique=True, max_size=20).map(sorted)


@given(_PLACES, _PLACES, _OPTIONS)
def test_each_row_is_found_where_it_is_listed(
    before: Sequence[int], now: Sequence[int], options: RegionOptions
) -> None:
    olds, news = _regions(before), _regions(now)
    counters = {each.range: usage(Rss=each.start % 3 * _PAGE) for each in news[::2]}
    recent = ChangeHistory().advance(diff(olds, news), 0.0, 10.0).fresh(11.0, 5.0)
    shown: ListedRows = region_rows(space(news, counters), recent, 11.0, options).shown
    rows = list(shown)
    assert [row.key for row in rows] == [shown.key_at(at) for at in range(len(shown))]
    assert [shown.index_of(row.key) for row in rows] == list(range(len(rows)))
    assert [row.key for row in shown.facts()] == [row.key for row in rows]
    assert shown.index_of(("hole", 3)) is shown.index_of(3) is None
    assert not rows or shown[-1] == rows[-1]
    with pytest.raises(IndexError):
        shown[len(rows)]


class _Counted(Sequence[int]):
    """Counts how often all places are gone through."""

    def __init__(self, places: Sequence[int]) -> None:
        self._places = places
        self.times = 0

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> int:  # type: ignore[override] # nobody takes a slice
        return self._places[index]

    def __iter__(self) -> Iterator[int]:
        self.times += 1
        return iter(self._places)


def test_a_search_in_the_event_loop_goes_through_no_list() -> None:
    live = region_rows(space(_regions(range(1, 400))), (), 0.0, RegionOptions()).live
    places = _Counted(range(300, 399))
    rows = ChosenRows(live, (), AnyPlaces(places, len(live)))
    assert places.times == 1
    assert [rows.index_of(live.key_at(place)) for place in range(399)] == [*[None] * 300, *range(99)]
    assert places.times == 1


def _look(of: AddressSpace, clock: float) -> Snapshot:
    return Snapshot(1_000.0 + clock, clock, Machine("vm", "6.18", _PAGE, 24 << 30, 21 << 30), (of.process,), of)


def _objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def test_a_look_at_many_regions_makes_objects_only_of_those_that_are_shown() -> None:
    regions = _regions(range(1, _MANY, 2))
    shared = usage(Rss=_PAGE)
    first = space(regions, {each.range: shared for each in regions})
    more = replace(first, regions=(*regions[:10], *_regions((20,)), *regions[10:]))
    before = _objects()
    view = build_view(None, _look(first, 10.0), ViewOptions())
    assert _objects() - before < len(regions) / 2
    assert [view.map.regions.shown[at].region for at in range(40)] == regions[:40]
    drawing = draw(view.map.extents, 160)
    assert len(drawing.cells) == 160
    after = _objects()
    view = build_view(view, _look(more, 11.0), ViewOptions())
    assert _objects() - after < len(regions) / 2
    rows = [view.map.regions.shown[at] for at in range(40)]
    assert [row.change for row in rows[9:12]] == [None, ChangeKind.ADDED, None]
    view = build_view(view, _look(more, 11.5), ViewOptions())
    assert [at for at in range(40) if view.map.regions.shown[at] is not rows[at]] == [10]  # its growth


def test_a_filter_and_an_order_make_no_row_that_is_not_shown() -> None:
    regions = _regions(range(1, _MANY, 2))
    view = build_view(None, _look(space(regions), 10.0), ViewOptions())
    before = _objects()
    for options in (RegionOptions(sort="size"), RegionOptions(_query("perm:x")), RegionOptions(holes=False)):
        view = build_view(view, view.snapshot, ViewOptions(regions=options))
        assert len(view.map.regions.shown) > 1000
    assert _objects() - before < len(regions) / 2
