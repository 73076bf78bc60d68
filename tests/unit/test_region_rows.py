from dataclasses import replace

import pytest
from textual.widget import Widget

from mmexplorer.model.carried import Known
from mmexplorer.model.changes import Change, ChangeHistory, ChangeKind, diff
from mmexplorer.model.elf.layout import Label, Layout
from mmexplorer.model.growth import Origin, Watch
from mmexplorer.model.process.thread import ThreadName
from mmexplorer.model.query import Query, Term, parse_query
from mmexplorer.model.region import RegionKind
from mmexplorer.model.role import Role
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.explore import live_rows
from mmexplorer.present.explore.region_rows import RegionOptions, RegionRows, region_rows
from mmexplorer.present.explore.totals import totals, totals_line
from mmexplorer.present.region.fields import REGION_FIELDS
from mmexplorer.present.region.row import RegionFacts, RegionRow, row_of
from mmexplorer.present.region.table import REGION_COLUMNS, region_mark, region_tone
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import Tone, plain
from mmexplorer.ui.widgets.table.painter import Painter
from tests.support.fakes.spaces import (
    NOT_READ,
    anonymous,
    image,
    loaded,
    matched,
    process,
    regions,
    segment,
    space,
    usage,
)

SMALL = regions()
SPACE = space(
    SMALL, {SMALL[3].range: usage(("rd", "wr"), Rss=96 << 10, Pss=96 << 10, Private_Dirty=8192, Shared_Dirty=4096)}
)
NEW = anonymous(0x7F3A45800000, 0x7F3A4BC00000)

BY_ADDRESS = RegionOptions()


def column(key: str) -> Column[RegionFacts]:
    return next(each for each in REGION_COLUMNS if each.key == key)


def cells(row: RegionRow) -> dict[str, str]:
    return {each.key: plain(each.text(row)) for each in REGION_COLUMNS}


def quiet(of: AddressSpace, options: RegionOptions = BY_ADDRESS) -> RegionRows:
    return region_rows(of, (), 10.0, options)


def watched(
    before: AddressSpace, after: AddressSpace, age: float = 2.0, options: RegionOptions = BY_ADDRESS
) -> RegionRows:
    history = ChangeHistory().advance(diff(before.regions, after.regions), 1_000.0, 10.0)
    return region_rows(after, history.fresh(10.0 + age, 5.0), 10.0 + age, options)


def test_the_cells_of_a_region() -> None:
    assert cells(quiet(SPACE).shown[3]) == {
        "start": "5594b2c00000",
        "end": "5594b2c21000",
        "size": "132K",
        "perm": "rw-p",
        "rss": "96K",
        "pss": "96K",
        "dirty": "12K",
        "swap": "—",
        "offset": "—",
        "growth": "0",
        "sizegrowth": "0",
        "delta": "",
        "kind": "heap",
        "what": "[heap]",
    }


def test_what_is_not_known_is_a_dash_never_a_zero() -> None:
    shown = cells(quiet(SPACE).shown[0])
    assert (shown["rss"], shown["pss"], shown["dirty"], shown["swap"]) == ("—", "—", "—", "—")
    assert shown["offset"] == "0x0"


def test_bss_bears_the_name_of_its_image() -> None:
    libc = loaded(image("/usr/lib/libc.so.6", segment(4, "RW")), 0x7F3A4C000000)
    bss = SMALL[6]
    row = quiet(space(SMALL, layout=Layout((libc,), {bss.start: matched(libc, 4, Label.BSS)}))).shown[6]
    assert (cells(row)["kind"], cells(row)["what"]) == ("bss", "libc.so.6")


def test_what_memory_only_looks_like_ends_in_a_question() -> None:
    region = anonymous(0x1000, 0x2000)
    supposed = RegionRow(region.range, region, RegionKind.ANON, role=Role(RegionKind.ANON, "Go's heap", sure=False))
    assert cells(supposed)["what"] == "Go's heap?"
    assert supposed.name == "looks like Go's heap"
    assert cells(replace(supposed, role=Role(RegionKind.ARENA, "malloc arena")))["what"] == "malloc arena"


def test_where_there_is_no_room_a_name_is_told_in_fewer_cells() -> None:
    region = anonymous(0x1000, 0x2000)

    def told(cells: int, role: Role, key: str = "what") -> str:
        return plain(column(key).cell(RegionRow(region.range, region, role.kind, role=role), cells))

    stack = Role(RegionKind.STACK, threads=(ThreadName(2771, "a long name"),))
    assert [told(cells, stack) for cells in (18, 17)] == ["a long name (2771)", "2771 a long name"]
    several = Role(
        RegionKind.STACK, threads=(ThreadName(1, "two"), ThreadName(2, "three (3), four"), ThreadName(5, ""))
    )
    assert told(50, several) == "two (1), three (3), four (2), thread 5"
    assert told(20, several) == "1 two, 2 three (3), four, 5"
    assert told(12, Role(RegionKind.ANON, "Python's memory", sure=False)) == "Python's?"
    reserve = Role(RegionKind.ARENA_RESERVE, "malloc arena")
    assert [told(cells, reserve, "kind") for cells in (13, 12)] == ["arena reserve", "reserve"]
    assert told(4, Role(RegionKind.HEAP), "kind") == "heap"


def test_a_file_is_told_without_its_versions_where_there_is_no_room() -> None:
    path = "/usr/lib/_ssl.cpython-311-x86_64-linux-gnu.so"
    ssl = quiet(space(regions(f"7f0000000000-7f0000001000 r-xp 00000000 fe:00 9 {path} (deleted)"))).shown[0]
    assert plain(column("what").cell(ssl, 20)) == "_ssl….so (deleted)"
    ffi = quiet(space(regions("7f0000000000-7f0000001000 r-xp 00000000 fe:00 9 /lib/libffi.so.8.1.2"))).shown[0]
    assert [plain(column("what").cell(ffi, cells)) for cells in (15, 14)] == ["libffi.so.8.1.2", "libffi.so.8"]


def test_a_deleted_file_is_marked() -> None:
    row = quiet(space(regions("7f0000000000-7f0000001000 r-xp 00000000 fe:00 9 /usr/lib/old.so (deleted)"))).shown[0]
    assert cells(row)["what"] == "old.so (deleted)"


def test_writable_and_executable_stands_out() -> None:
    row = quiet(space([anonymous(0x1000, 0x2000, "rwxp")])).shown[0]
    assert column("perm").text(row)[0].tone is Tone.WARN


def test_a_hostile_name_reaches_no_cell() -> None:
    row = quiet(space(regions("7f0000000000-7f0000001000 r-xp 00000000 fe:00 9 /tmp/\x1b[2J\u202e[red]"))).shown[0]
    assert cells(row)["what"] == "␛[2J\ufffd[red]"


def test_a_new_region_is_lit_for_a_while() -> None:
    after = space(sorted([*SMALL, NEW]))
    row = next(row for row in watched(SPACE, after).shown if row.region is NEW)
    assert (region_mark(row), region_tone(row)) == ("+", Tone.ADDED)
    assert (cells(row)["delta"], cells(row)["what"]) == ("+100M", "")
    assert [row.change for row in watched(SPACE, after, age=6.0).shown] == [None] * 10


def test_a_region_that_grew_shows_by_how_much() -> None:
    grown = SMALL[6]._replace(start=SMALL[6].start - (100 << 20))
    after = space(sorted([*SMALL[:4], grown, *SMALL[7:]]))
    row = next(row for row in watched(SPACE, after).shown if row.region is grown)
    assert (region_mark(row), region_tone(row)) == ("~", Tone.CHANGED)
    assert cells(row)["delta"] == "+100M"


def test_a_region_that_went_leaves_a_ghost_in_its_place() -> None:
    before = space(sorted([*SMALL, NEW]))
    rows = watched(before, SPACE).shown
    ghost = rows[4]
    assert ghost.ghost
    assert ghost.range == NEW.range
    assert (region_mark(ghost), region_tone(ghost)) == ("-", Tone.REMOVED)
    assert cells(ghost)["delta"] == "-100M"
    assert cells(ghost)["rss"] == "—"
    assert [row.range.start for row in rows] == sorted(row.range.start for row in rows)
    assert len({row.key for row in rows}) == len(rows) == 10


def test_a_ghost_gives_way_to_what_covers_its_addresses() -> None:
    history = ChangeHistory().advance(diff([NEW], []), 0.0, 10.0).advance(diff([], [NEW]), 1.0, 11.0)
    rows = region_rows(space([NEW]), history.fresh(12.0, 5.0), 12.0, RegionOptions()).shown
    assert [row.change for row in rows] == [ChangeKind.ADDED]


def test_mapped_and_unmapped_again_and_again_there_is_one_ghost() -> None:
    history = ChangeHistory()
    for clock in (10.0, 11.0):
        history = history.advance(diff([], [NEW]), 0.0, clock).advance(diff([NEW], []), 0.0, clock + 0.5)
    rows = region_rows(space([]), history.fresh(12.0, 5.0), 12.0, RegionOptions()).shown
    assert [(row.key, row.age) for row in rows] == [(("gone", NEW.start), 0)]


def test_a_quiet_refresh_gives_the_same_objects() -> None:
    first = quiet(SPACE)
    other_counters = space(SMALL, {SMALL[3].range: usage(("rd", "wr"), Rss=97 << 10)})
    second = region_rows(SPACE, (), 11.0, RegionOptions(), first)
    third = region_rows(other_counters, (), 12.0, RegionOptions(), second)
    assert all(one is other for one, other in zip(first.shown, second.shown, strict=True))
    assert [index for index, row in enumerate(third.shown) if row is not second.shown[index]] == [3]


def test_a_mark_is_the_same_object_until_its_age_changes_and_then_goes_out() -> None:
    change = Change(ChangeKind.ADDED, (), (SMALL[6],))
    events = ChangeHistory().advance([change], 0.0, 10.0).fresh(10.0, 5.0)
    first = region_rows(SPACE, events, 10.2, RegionOptions())
    second = region_rows(SPACE, events, 10.4, RegionOptions(), first)
    third = region_rows(SPACE, events, 11.4, RegionOptions(), second)
    last = region_rows(SPACE, (), 16.0, RegionOptions(), third)
    marks = [rows.shown[6] for rows in (first, second, third, last)]
    assert marks[1] is marks[0]
    assert (marks[2].age, marks[3].change) == (1, None)


def test_holes_are_rows_on_demand() -> None:
    rows = quiet(SPACE, RegionOptions(holes=True)).shown
    holes = [row for row in rows if row.region is None]
    assert len(holes) == 6
    assert len(rows) == 15
    shown = cells(holes[0])
    assert (shown["kind"], shown["perm"], shown["size"], shown["rss"], shown["what"]) == ("hole", "", "12K", "—", "")
    assert region_tone(holes[0]) is Tone.DIM


def test_sorted_by_a_column_and_filtered() -> None:
    by_size = quiet(SPACE, RegionOptions(sort="size", descending=True)).shown
    assert [row.range.size for row in by_size] == sorted((row.range.size for row in by_size), reverse=True)
    query = parse_query("kind:heap", REGION_FIELDS)
    assert isinstance(query, Query)
    rows = quiet(SPACE, RegionOptions(query=query))
    assert [row.kind for row in rows.shown] == [RegionKind.HEAP]
    assert len(rows.live) == len(SMALL)
    assert all(rows.live.at(each.start) is row for each, row in zip(SMALL, rows.live, strict=True))
    assert rows.live.at(SMALL[0].start + 1) is None
    assert rows.live.at(1 << 63) is None
    assert all(isinstance(term, Term) for term in query.terms)


def test_every_column_sorts_a_mixed_table() -> None:
    for each in REGION_COLUMNS:
        rows = watched(space([*SMALL[:4], *SMALL[5:]]), SPACE, options=RegionOptions(sort=each.key, holes=True)).shown
        assert len(rows) == len(SMALL) + 6


def test_titles_fit_and_one_column_is_flexible() -> None:
    assert all(len(each.title) <= each.width for each in REGION_COLUMNS)
    assert [each.key for each in REGION_COLUMNS if each.flexible] == ["what"]
    assert all(each.help.endswith(".") for each in REGION_COLUMNS)


def test_the_regions_are_summed_up() -> None:
    sums = totals(SPACE)
    assert sums.vsz == sum(region.size for region in SMALL[:-1])
    assert plain(totals_line(sums)) == "9 · VSZ 1.8M · RSS 9M · PSS 96K"
    assert plain(totals_line(totals(space(SMALL)))).endswith("PSS —")
    assert totals(space(SMALL)).pss == NOT_READ


def test_a_kernel_without_pss_is_no_zero() -> None:
    sums = totals(space(SMALL, {SMALL[0].range: usage((), Rss=4096)}))
    assert isinstance(sums.pss, Unavailable)
    assert sums.pss.cause is Cause.UNSUPPORTED


def test_what_is_not_known_stands_below_what_is_the_largest_first() -> None:
    options = RegionOptions(sort="rss", descending=True)
    order = [row.region for row in quiet(SPACE, options).shown]
    assert order[0] is SMALL[3]
    sizes = [each.size for each in order[1:] if each is not None]
    assert sizes == sorted(sizes, reverse=True)


def test_a_counter_that_is_older_than_its_region_is_dim_and_one_that_was_counted_is_not() -> None:
    known = Known(usage(Rss=96 << 10, Pss=96 << 10), carried=True, counted=True)
    row = quiet(replace(SPACE, known={SMALL[3].range: known})).live[3]
    assert [column(key).text(row)[0].tone for key in ("rss", "pss")] == [Tone.NORMAL, Tone.OLDER]


def test_an_older_counter_stays_dim_in_a_row_that_is_lit() -> None:
    known = Known(usage(Rss=96 << 10, Pss=96 << 10, Swap=0), carried=True, counted=True)
    row = quiet(replace(SPACE, known={SMALL[3].range: known})).live[3]
    painter: Painter[RegionFacts] = Painter(Widget(), gutter=3)
    shown = [column("rss"), column("pss"), column("what")]
    painter.arrange(shown, 60, 0)
    cells = [each.text(row) for each in shown]
    told = [(text.strip(), tone) for text, tone in painter.side_by_side(cells, Tone.CHANGED) if "96K" in text]
    assert told == [("96K", Tone.CHANGED), ("96K", Tone.OLDER)]


def grown(watch: Watch, clock: float) -> RegionRow:
    return region_rows(SPACE, (), clock, RegionOptions(), watch=watch).live[3]


def test_what_a_region_gained_is_shown_by_the_minute_and_a_touched_one_is_lit() -> None:
    heap = SMALL[3]
    watch = Watch(Origin.of(process(), 0, 10.0, 0.0), clock=10.0).advance(
        10.0, (), [(heap, 0)], lambda _: RegionKind.HEAP
    )
    watch = watch.advance(40.0, (), [(heap, 10 << 20)], lambda _: RegionKind.HEAP)
    row = grown(watch, 40.0)
    assert (cells(row)["growth"], cells(row)["delta"], region_mark(row)) == ("+20M", "+10M", "~")
    later = grown(watch.advance(70.0, (), (), lambda _: RegionKind.HEAP), 70.0)
    assert (cells(later)["growth"], cells(later)["delta"], region_mark(later)) == ("+10M", "", "")


def test_only_rows_that_can_differ_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    heap, made = SMALL[3], list[RegionFacts]()

    def counted(facts: RegionFacts) -> RegionRow:
        made.append(row := row_of(facts))
        return row

    monkeypatch.setattr(live_rows, "row_of", counted)
    watch = Watch(Origin.of(process(), 0, 10.0, 0.0), clock=10.0).advance(10.0, (), (), lambda _: RegionKind.HEAP)
    rows = region_rows(SPACE, (), 12.0, RegionOptions(), watch=replace(watch, looks=2))
    before = list(rows.live)
    for clock, size in ((12.0, 0), (13.0, 1 << 20), (14.0, 2 << 20)):
        made.clear()
        watch = watch.advance(clock, (), [(heap, size)], lambda _: RegionKind.HEAP)
        rows = region_rows(SPACE, (), clock, RegionOptions(), rows, watch=watch)
        now = list(rows.live)
        assert [row.range for row in made] == ([heap.range] if size else [])
        assert [new is old for new, old in zip(now, before, strict=True)] == [
            each is not heap or not size for each in SMALL
        ]
        before = now


def test_what_happened_last_is_the_delta() -> None:
    history = ChangeHistory().advance(diff([], [NEW]), 0.0, 10.0)
    of = space(sorted([*SMALL, NEW]))
    watch = Watch(Origin.of(process(), 0, 10.0, 0.0), clock=10.0).advance(
        10.0, diff([], [NEW]), [(NEW, 0)], lambda _: RegionKind.ANON
    )
    touched = watch.advance(12.0, (), [(NEW, 10 << 20)], lambda _: RegionKind.ANON)
    row = region_rows(of, history.fresh(12.0, 5.0), 12.0, RegionOptions(), watch=touched).live.at(NEW.start)
    assert row is not None
    assert (cells(row)["delta"], region_mark(row)) == ("+10M", "+")
