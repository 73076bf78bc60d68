"""What the title and the Totals tab say about the regions that match a filter."""

import pytest

from mmexplorer.model.query import Query, parse_query
from mmexplorer.model.snapshot import Counters, Machine, Snapshot
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace
from mmexplorer.present.explore import totals as module
from mmexplorer.present.explore.processes import ProcessOptions
from mmexplorer.present.explore.region_rows import RegionOptions
from mmexplorer.present.explore.titles import region_title
from mmexplorer.present.explore.totals import By, Group, GroupSums, TotalRow, resident, total_filter, total_rows, totals
from mmexplorer.present.explore.view import ExploreView, ViewOptions, build_view
from mmexplorer.present.region.fields import REGION_FIELDS
from mmexplorer.present.text.format import size, time_of_day
from mmexplorer.present.text.line import Tone, plain
from tests.support.fakes.machine import machine

SPACE = next(iter(machine().spaces.values()))
SNAPSHOT = Snapshot(1_000.0, 10.0, Machine("vm", "6.18", 4096, 24 << 30, 21 << 30), (SPACE.process,), SPACE)

SPACE_READ_AT = 900.0


def view(text: str) -> ExploreView:
    query = parse_query(text, REGION_FIELDS)
    assert isinstance(query, Query)
    return build_view(None, SNAPSHOT, ViewOptions(ProcessOptions(), RegionOptions(query)))


def title(seen: ExploreView) -> str:
    return plain(region_title(SPACE, seen.map.totals, seen.map.listed, 0.0)[1])


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


@pytest.mark.parametrize(
    ("age", "told"), [(0.0, ""), (9.9, ""), (10.0, " 10 s old"), (69.0, " 60 s old"), (700.0, " 12 min old")]
)
def test_the_title_tells_how_old_an_older_pss_is(age: float, told: str) -> None:
    assert isinstance(SPACE.counters, Counters)
    sums = view("").map.totals
    assert plain(region_title(SPACE, sums, None, SPACE.counters.taken_at + age)[1]).endswith(
        f"PSS {size(sums.pss)}{told}" if sums is not None and isinstance(sums.pss, int) else "no PSS"
    )


@pytest.mark.parametrize(
    ("grown", "age", "told", "tone"),
    [
        (0, 9.9, "", Tone.BRIGHT),
        (4096, 0.9, "", Tone.BRIGHT),
        (4096, 3.2, " 3 s old", Tone.DIM),
        (-4096, 9.9, " 9 s old", Tone.DIM),
        (4096, 29.0, " 20 s old", Tone.DIM),
        (0, 29.0, " 20 s old", Tone.DIM),
    ],
)
def test_the_title_tells_at_once_how_old_pss_is_when_rss_has_changed_since(
    grown: int, age: float, told: str, tone: Tone
) -> None:
    process, counters = SPACE.process, SPACE.counters
    assert isinstance(process.rss, int)
    assert isinstance(counters, Counters)
    now = replace(SPACE, counters=replace(counters, rss=process.rss - grown))
    sums = totals(now)
    assert isinstance(sums.pss, int)
    summary = region_title(now, sums, None, counters.taken_at + age)[1]
    assert plain(summary).endswith(f" · PSS {size(sums.pss)}{told}")
    label = next(at for at, each in enumerate(summary) if each.text == " · PSS ")
    assert summary[label + 1].tone is tone


@pytest.mark.parametrize(
    ("counters", "told"),
    [
        (Unavailable(Cause.NOT_READ, "not read: it would take long", "r reads all the same"), "PSS — r reads it"),
        (Unavailable(Cause.NOT_READ, "not read: it would take long", "press r to read it"), "PSS — r reads it"),
        (Unavailable(Cause.NOT_READ, "not read by then"), "PSS —"),
        (Unavailable(Cause.DENIED, "permission denied", "run with sudo"), "PSS —"),
    ],
)
def test_the_title_tells_which_key_reads_a_pss_that_was_not_read(counters: Unavailable, told: str) -> None:
    unread = replace(SPACE, counters=counters)
    assert plain(region_title(unread, totals(unread), None, 0.0)[1]).endswith(told)


def test_the_title_of_an_ended_process_has_the_memory_it_last_had() -> None:
    gone = Unavailable(Cause.GONE, "the process has ended")
    ended = replace(SPACE, unavailable=gone, ended_at=1_000.0)
    assert resident(ended) == SPACE.process.rss
    assert resident(replace(ended, process=replace(SPACE.process, rss=0))) == gone


def test_the_title_of_a_map_read_before_the_moment_has_its_time() -> None:
    older = replace(SPACE, read_at=SPACE_READ_AT)
    assert plain(region_title(SPACE, None, None, 0.0)[0]) == f"Regions of {SPACE.process.name} ({SPACE.process.pid})"
    assert plain(region_title(older, None, None, 0.0)[0]).endswith(
        f"({SPACE.process.pid}) as of {time_of_day(SPACE_READ_AT)}"
    )


def test_the_title_of_a_text_without_statm_has_the_sum_of_the_regions() -> None:
    missing = Unavailable(Cause.UNSUPPORTED, "a text of maps has no statm")
    text = replace(SPACE, process=replace(SPACE.process, rss=missing))
    assert isinstance(SPACE.counters, Counters)
    assert resident(text) == sum(usage.get("Rss") or 0 for usage in SPACE.counters.by_range.values()) > 0
    assert resident(replace(text, counters=missing)) == missing


def test_the_rows_of_the_totals_are_made_when_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[GroupSums] = []

    def counted(sums: GroupSums, rss: int | Unavailable | None = None) -> tuple[TotalRow, ...]:
        made.append(sums)
        return total_rows(sums, rss)

    monkeypatch.setattr(module, "total_rows", counted)
    seen = view("")
    assert made == []
    assert seen.map.added_up.rows is seen.map.added_up.rows
    assert len(made) == 1


def test_totals_follow_the_filter() -> None:
    seen = view("path:libc perm:x")
    path = "/usr/lib/x86_64-linux-gnu/libc.so.6"
    assert [(row.group, row.regions) for row in seen.map.added_up.rows] == [
        (None, 1),
        (Group(By.KIND, "code"), 1),
        (Group(By.FILE, path), 1),
    ]


def test_a_row_of_the_totals_gives_the_filter_of_its_regions() -> None:
    whole = view("")
    assert total_filter(whole.map.added_up.rows[0]) == ""
    assert {row.group.by for row in whole.map.added_up.rows[1:] if row.group} == {*By}
    for row in whole.map.added_up.rows[1:]:
        found = view(total_filter(row)).map
        assert found.listed is not None
        assert (found.listed.regions, found.listed.size) == (row.regions, row.size)


def test_every_region_is_of_one_kind_and_of_a_file_or_a_name() -> None:
    rows = view("").map.added_up.rows
    counts = {by: sum(row.regions for row in rows if row.group and row.group.by is by) for by in By}
    by_thread = sum(row.regions for row in rows if row.group in {Group(By.KIND, "stack"), Group(By.KIND, "guard")})
    assert counts[By.KIND] == rows[0].regions == len(SPACE.regions)
    assert counts[By.FILE] + counts[By.NAME] == len(SPACE.regions) - by_thread


def filter_of(by: By, value: str, within: str = "") -> str:
    return total_filter(TotalRow(Group(by, value), 0, 0, 0, 0, 0, 0), within)


def test_the_filter_of_a_row_holds_whatever_a_file_is_called() -> None:
    assert filter_of(By.KIND, "code") == "kind=code"
    assert filter_of(By.NAME, "malloc arena") == 'name="malloc arena" inode=0'
    assert filter_of(By.NAME, "") == 'name="" inode=0'
    assert filter_of(By.FILE, '/tmp/a "b"') == 'path:"/tmp/a " path:"b"'


def test_a_row_is_looked_for_within_what_was_listed_already() -> None:
    assert filter_of(By.FILE, "/x", "perm:w") == 'perm:w path="/x"'
    assert filter_of(By.KIND, "code", "kind=code") == "kind=code"
    assert total_filter(view("").map.added_up.rows[0], "perm:w") == ""
