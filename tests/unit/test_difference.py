"""The difference of two address spaces in the Regions pane: rows, totals, filter, order and words."""

import pytest

from mmexplorer.model.capture.comparison import Compared, Difference, Side, amounts, same_process
from mmexplorer.model.carried import Known
from mmexplorer.model.query import Query, parse_query
from mmexplorer.model.region import RegionKind, Usage
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.value import replace
from mmexplorer.present.capture.difference import (
    DIFFERENCE_COLUMNS,
    DIFFERENCE_FIELDS,
    DifferenceRow,
    difference_mark,
    difference_row,
    difference_tone,
)
from mmexplorer.present.explore.difference import (
    DifferenceOptions,
    DifferenceView,
    difference_title,
    difference_view,
    no_difference,
    parts_lines,
    row_at,
    row_of_region,
)
from mmexplorer.present.explore.region_rows import RegionOptions, region_rows
from mmexplorer.present.text.line import Tone, plain
from tests.support.fakes.spaces import anonymous, read, space, usage

_AT = 1_700_000_000.0
_KINDS = (RegionKind.CODE, RegionKind.HEAP, RegionKind.ANON)


def _usage(rss: int) -> Usage:
    return usage(Rss=rss, Pss=rss, Private_Dirty=rss, Swap=0)


def _space(*regions: tuple[int, int, int]) -> AddressSpace:
    """Return an address space of (start, end, rss)."""
    made = {anonymous(start, end): _usage(rss) for start, end, rss in regions}
    return space(tuple(made), {region.range: counters for region, counters in made.items()})


_A = _space((0x1000, 0x3000, 4096), (0x5000, 0x6000, 4096), (0x8000, 0x9000, 0))
_B = _space((0x1000, 0x5000, 12288), (0x8000, 0x9000, 0), (0xA000, 0xC000, 8192))


def _options(
    query: str = "", sort: str = "rss_change", *, descending: bool = True, unchanged: bool = False
) -> DifferenceOptions:
    parsed = parse_query(query, DIFFERENCE_FIELDS)
    assert isinstance(parsed, Query)
    return DifferenceOptions(Side(_A, "boot", "then"), "boot", parsed, sort, descending, unchanged)


def _view(
    query: str = "", sort: str = "rss_change", *, descending: bool = True, unchanged: bool = False
) -> DifferenceView:
    options = _options(query, sort, descending=descending, unchanged=unchanged)
    view = difference_view(None, _B, _AT, options)
    assert view is not None
    return view


def _told(row: DifferenceRow, *keys: str) -> list[str]:
    return [plain(column.text(row)) for column in DIFFERENCE_COLUMNS if column.key in keys]


def test_what_differs_stands_below_its_sums_what_grew_most_first() -> None:
    view = _view()
    assert [(each.name, difference_mark(each)) for each in view.shown] == [
        ("all", ""),
        ("anonymous memory", "~"),
        ("anonymous memory", "+"),
        ("anonymous memory", "-"),
    ]
    assert [difference_tone(each) for each in view.shown] == [Tone.BRIGHT, None, Tone.ADDED, Tone.REMOVED]
    assert _told(view.shown[0], "start", "size_a", "size_b", "size_change") == ["", "16K", "28K", "+12K"]
    assert _told(view.shown[1], "start", "size_a", "rss_a", "rss_b", "rss_change") == [
        "00001000", "8K", "4K", "12K", "+8K",
    ]  # fmt: skip
    assert _told(view.shown[2], "rss_a", "rss_b", "rss_change") == ["—", "8K", "+8K"]
    assert _told(view.shown[3], "rss_a", "rss_b", "rss_change") == ["4K", "—", "-4K"]


def test_of_a_row_of_several_regions_the_end_is_how_many_they_are() -> None:
    one, other = (Compared(each, RegionKind.ANON, "", None, amounts(each, None)) for each in _B.regions[:2])
    assert _told(difference_row(Difference((), (one, other))), "start", "end") == ["00001000", "2 regions"]
    assert _told(difference_row(Difference((), (one,))), "start", "end") == ["00001000", "00005000"]


def test_what_stayed_is_there_when_it_is_asked_for() -> None:
    assert len(_view(unchanged=True).shown) == len(_view().shown) + 1
    assert "3 of 4 differ" in plain(difference_title(_view())[1])


def test_the_filter_asks_for_changes_and_for_sides() -> None:
    assert [each.name for each in _view("rss<0").shown] == ["these", "anonymous memory"]
    assert _told(_view("rss<0").shown[0], "rss_change") == ["-4K"]
    assert len(_view("size.b>10K").shown) == 2
    assert len(_view("kind:anon start>0x2000").shown) == 3
    assert len(_view("perm:rw 0000a000").shown) == 2
    assert not _view("kind:heap").shown
    assert plain(no_difference(_view("kind:heap"), "kind:heap")) == "No difference matches kind:heap."


def test_any_column_orders_it_and_the_sums_stay_on_top() -> None:
    for column in DIFFERENCE_COLUMNS:
        assert column.sort is not None
        view = _view(sort=column.key, descending=column.descending)
        assert view.shown[0].of is None
        values = [column.sort(row) for row in [*view.shown][1:]]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=column.descending)
        assert values[: len(known)] == known


def test_a_thing_is_told_by_its_file_and_its_kind() -> None:
    region = anonymous(0x1000, 0x2000)
    names = ("libssl.so.3.0.1", "[heap]", "")
    things = [
        Compared(region, kind, name, None, amounts(region, None)) for kind, name in zip(_KINDS, names, strict=True)
    ]
    rows = [difference_row(Difference((), (thing,))) for thing in things]
    what = DIFFERENCE_COLUMNS[-1]
    assert [plain(what.text(row)) for row in rows] == ["libssl.so.3.0.1 code", "[heap]", "anon"]
    assert plain(what.cell(rows[0], 19)) == "libssl.so.3 code"


def test_titles_are_whole() -> None:
    assert all(len(column.title) <= column.width for column in DIFFERENCE_COLUMNS)


def test_nothing_is_different_from_itself() -> None:
    view = difference_view(None, _A, _AT, _options())
    assert view is not None
    assert not view.shown
    assert plain(no_difference(view, "")) == "Nothing is different."
    assert plain(no_difference(None, "")) == "What is shown has no regions to compare."
    assert plain(no_difference(None, "", pending=True)) == "Comparing."
    assert difference_view(None, _A, _AT, None) is None
    assert difference_view(None, replace(_A, regions=()), _AT, _options()) is None


def test_what_is_as_it_was_is_not_compared_again_and_its_rows_are_the_same_objects() -> None:
    options = _options()
    first = difference_view(None, _B, _AT, options)
    assert first is not None
    second = difference_view(first, replace(_B), _AT + 1, options)
    assert second is not None
    assert second.comparison is first.comparison
    assert second.shown is first.shown
    assert second.taken_at == _AT + 1
    grown = difference_view(first, _space((0x1000, 0x5000, 16384), *_ranges(_B)[1:]), _AT + 2, options)
    assert grown is not None
    rows = {row.key: row for row in first.rows}
    assert [row is rows[row.key] for row in grown.rows].count(False) == 1


def _ranges(space: AddressSpace) -> list[tuple[int, int, int]]:
    usages = space.counters.by_range if isinstance(space.counters, Counters) else {}
    return [(region.start, region.end, usages[region.range].get("Rss") or 0) for region in space.regions]


def test_a_number_from_before_a_region_changed_is_shown_as_older() -> None:
    grown = replace(_B, counters=read({}), known={_B.regions[0].range: Known(_usage(8192), True, False)})
    view = difference_view(None, grown, _AT, _options())
    assert view is not None
    row = next(each for each in view.rows if each.of is not None and each.of.range.start == 0x1000)
    (cell,) = [column.text(row) for column in DIFFERENCE_COLUMNS if column.key == "rss_b"]
    assert plain(cell) == "8K"
    assert {part.tone for part in cell} == {Tone.OLDER}
    counted = replace(grown, known={_B.regions[0].range: Known(_usage(8192), True, True)})
    view = difference_view(None, counted, _AT, _options())
    assert view is not None
    row = next(each for each in view.rows if each.of is not None and each.of.range.start == 0x1000)
    assert row.older == {("b", "pss"), ("b", "private_dirty")}


def test_a_row_leads_to_its_region_in_b_and_a_region_to_its_row() -> None:
    view = _view()
    rows = region_rows(_B, (), 0.0, RegionOptions())
    _, grown, came, gone = view.shown
    assert row_of_region(came, rows) is rows.live.at(0xA000)
    assert row_of_region(gone, rows) is None
    assert row_of_region(view.shown[0], rows) is None
    assert row_at(view, 0x1000) is grown
    assert row_at(view, 0x8000) is None  # unchanged, so it has no row
    assert row_at(None, 0x1000) is None


def test_each_row_is_found_by_its_key_and_by_each_of_its_regions_without_a_look_at_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = _space(*((start, start + 0x1000, 4096) for start in range(0x10000, 0x200000, 0x2000)))
    other = replace(many, process=replace(many.process, pid=many.process.pid + 1))
    views = [difference_view(None, b, _AT, _options(unchanged=True)) for b in (many, other)]
    for view in views:
        assert view is not None
        shown = view.shown
        assert [shown.index_of(shown.key_at(place)) for place in range(len(shown))] == [*range(len(shown))]
        assert shown.index_of((True, 1)) is None
        regions = [(each.region.start, row) for row in shown if row.of is not None for each in row.of.b]
        assert len(regions) == len(many.regions)
        asked: list[DifferenceRow] = []
        with monkeypatch.context() as patched:
            patched.setattr(DifferenceRow, "key", property(asked.append))
            patched.setattr(DifferenceRow, "kind", property(asked.append))
            assert all(row_at(view, start) is row for start, row in regions)
            difference_title(view)
            assert not asked


def test_the_details_name_the_regions_of_both_sides() -> None:
    _, grown, came, gone = _view().shown
    assert [plain(each) for each in parts_lines(grown)] == [
        "A         00001000-00003000 rw-p  8K  RSS 4K",
        "B         00001000-00005000 rw-p  16K  RSS 12K",
    ]
    assert [plain(each) for each in parts_lines(came)] == [
        "A         it is only in B",
        "B         0000a000-0000c000 rw-p  8K  RSS 8K",
    ]
    assert plain(parts_lines(gone)[-1]) == "B         it is only in A"
    assert parts_lines(None) == ()


def test_many_regions_of_a_row_are_cut() -> None:
    many = _space(*((start, start + 0x1000, 0) for start in range(0x10000, 0x40000, 0x2000)))
    other = replace(many, process=replace(many.process, pid=many.process.pid + 1))
    view = difference_view(None, other, _AT, _options())
    assert view is not None
    row = next(each for each in view.rows if each.of is not None and len(each.of.b) == 24)
    assert plain(parts_lines(row)[-1]).strip() == "and 18 more"


def test_one_process_is_one_pid_one_start_and_one_boot() -> None:
    side = Side(_A, "boot", "")
    assert same_process(side, Side(_B, "boot", ""))
    assert not same_process(side, Side(_B, "another", ""))
    unknown = replace(_B, process=replace(_B.process, start_time=0))
    assert not same_process(side, Side(unknown, "", ""))
    assert same_process(side, Side(replace(_A, process=unknown.process), "", ""))
