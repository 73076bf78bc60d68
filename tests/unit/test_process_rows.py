import pytest

from mmexplorer.model.process.process import UNKNOWN_STATE, Process, ProcessKey
from mmexplorer.model.query import Query, parse_query
from mmexplorer.model.snapshot import Machine, Snapshot
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace
from mmexplorer.present.explore import processes
from mmexplorer.present.explore.hits import Hits, Searched
from mmexplorer.present.explore.process_details import what_can_be_seen
from mmexplorer.present.explore.processes import (
    HIT_COLUMNS,
    PROCESS_COLUMNS,
    PROCESS_FIELDS,
    PROCESS_FILTER,
    ProcessOptions,
    ProcessRow,
    process_rows,
    process_tone,
)
from mmexplorer.present.explore.titles import no_processes, process_hint, process_title
from mmexplorer.present.json.processes import process_record
from mmexplorer.present.json.source import lacking
from mmexplorer.present.text.line import Tone, plain
from tests.support.fakes.spaces import process, regions, space

DENIED = Unavailable(Cause.DENIED, "permission denied")
MACHINE = Machine("vm", "6.18", 4096, 24 << 30, 21 << 30)


def snapshot(*processes: Process, clock: float = 10.0) -> Snapshot:
    return Snapshot(1_000.0 + clock, clock, MACHINE, processes)


def cells(row: ProcessRow) -> dict[str, str]:
    return {each.key: plain(each.text(row)) for each in PROCESS_COLUMNS}


def shown(*processes: Process, options: ProcessOptions) -> list[int]:
    return [row.process.pid for row in process_rows(None, snapshot(*processes), options).shown]


def test_the_cells_of_a_process() -> None:
    assert cells(ProcessRow(process(), 2560.4)) == {
        "pid": "8360",
        "user": "root",
        "rss": "9M",
        "vsz": "113M",
        "faults": "2,560",
        "threads": "1",
        "state": "S",
        "name": "cat -n x",
    }


def test_what_could_not_be_read_is_a_dash() -> None:
    told = cells(ProcessRow(process(user=DENIED, rss=DENIED, command=DENIED), None))
    assert (told["user"], told["rss"], told["faults"], told["name"]) == ("—", "—", "—", "cat")


def test_what_a_file_has_not_is_a_dash_and_matches_no_filter() -> None:
    of_text = ProcessRow(process(state=UNKNOWN_STATE, threads=0), None)
    assert [cells(of_text)[key] for key in ("state", "threads")] == ["—", "—"]
    assert not any(parse_query(text, PROCESS_FIELDS).matches(of_text) for text in ("state:S", "threads<5"))  # type: ignore[union-attr]
    record = process_record(of_text.process, lacking("text"))
    assert (record["state"], record["threads"]) == (None, None)


def test_without_a_map_what_is_not_known_has_its_reason() -> None:
    of_text = replace(space(()), process=process(state=UNKNOWN_STATE, threads=0, user=DENIED, rss=DENIED))
    assert [plain(each) for each in what_can_be_seen(of_text)][:6] == [
        "state    — only a live process has it",
        "owner    — permission denied",
        "threads  — the file doesn't tell",
        "VSZ      113M",
        "RSS      — permission denied",
        "faults   — only a live process has it",
    ]


@pytest.mark.parametrize(
    ("name", "command", "shown_name"),
    [
        ("python3", ("python3", "-m", "http.server"), "python3 -m http.server"),
        ("python3", ("/usr/bin/python3.11",), "python3"),
        ("a-very-long-nam", ("/opt/a-very-long-name-indeed", "-x"), "a-very-long-nam -x"),
        ("nginx", ("nginx: worker process",), "nginx"),
        ("worker", ("python3", "job.py"), "worker python3 job.py"),
        ("x", (), "x"),
        ("\x1b[31m", ("a\nb",), "␛[31m a␊b"),
    ],
)
def test_the_name_and_then_the_arguments(name: str, command: tuple[str, ...], shown_name: str) -> None:
    assert cells(ProcessRow(process(name=name, command=command), 0.0))["name"] == shown_name


def test_kernel_threads_are_hidden_until_asked_for() -> None:
    thread = process(pid=2, name="kthreadd", command=(), kernel_thread=True)
    assert shown(thread, process(), options=ProcessOptions()) == [8360]
    assert shown(thread, process(), options=ProcessOptions(kernel_threads=True)) == [2, 8360]
    assert cells(ProcessRow(thread, None))["name"] == "[kthreadd]"


def test_what_has_no_memory_is_dim() -> None:
    thread, zombie = process(kernel_thread=True), process(state="Z")
    assert [process_tone(ProcessRow(each, None)) for each in (process(), thread, zombie)] == [None, Tone.DIM, Tone.DIM]


def test_filtered_and_sorted() -> None:
    many = [
        process(pid=pid, start_time=pid, rss=size, name=name)
        for pid, size, name in ((1, 5, "b"), (2, 9, "a"), (3, 7, "b"))
    ]
    denied = process(pid=4, rss=DENIED, name="b")
    query = parse_query("name:b", PROCESS_FIELDS)
    assert isinstance(query, Query)
    assert shown(*many, denied, options=ProcessOptions(sort="rss", descending=True)) == [2, 3, 1, 4]
    assert shown(*many, denied, options=ProcessOptions(query, "rss")) == [1, 3, 4]
    for each in PROCESS_COLUMNS:
        assert sorted(shown(*many, denied, options=ProcessOptions(sort=each.key))) == [1, 2, 3, 4]


def test_faults_are_counted_between_two_sightings_of_the_same_process() -> None:
    before = snapshot(process(min_flt=10, maj_flt=2), process(pid=9, start_time=1), clock=10.0)
    after = snapshot(process(min_flt=110, maj_flt=12), process(pid=9, start_time=2), process(pid=11), clock=12.0)
    rates = {row.process.pid: row.fault_rate for row in process_rows(before, after, ProcessOptions()).shown}
    assert rates == {8360: 55.0, 9: None, 11: None}


def test_an_unchanged_row_is_the_same_object() -> None:
    busy, idle = process(), process(pid=9)
    first = process_rows(snapshot(busy, idle), snapshot(busy, idle, clock=11.0), ProcessOptions())
    busier = process(min_flt=99)
    second = process_rows(
        snapshot(busy, idle, clock=11.0), snapshot(busier, idle, clock=12.0), ProcessOptions(), first.all
    )
    assert [row.process.pid for row in second.all] == [busy.pid, idle.pid]
    assert second.all[1] is first.all[1]
    assert second.all[0] is not first.all[0]


def test_of_an_unchanged_process_no_row_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def row(process: Process, *args: object, **named: object) -> ProcessRow:
        made.append(process.pid)
        return ProcessRow(process, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(processes, "ProcessRow", row)
    one, two, three = (process(pid=pid) for pid in (1, 2, 3))
    busy = process(pid=2, min_flt=9)
    before = snapshot(one, two, three)
    rows = process_rows(None, before, ProcessOptions()).all
    looks = [(one, two, three), (one, busy, three), (one, busy, three), (one, busy, three), (busy, three)]
    for number, each in enumerate(looks):
        made.append(-number)
        after = snapshot(*each, clock=11.0 + number)
        rows = process_rows(before, after, ProcessOptions(), rows).all
        before = after
    # A rate is known from the second look on, and is zero again one look after the last fault.
    assert made == [1, 2, 3, 0, 1, 2, 3, -1, 2, -2, 2, -3, -4]


def test_what_ended_is_listed_once_whether_its_parent_has_collected_it_or_not() -> None:
    other, zombie = process(pid=2), process(state="Z")
    target = replace(space(regions()), process=zombie, ended_at=1_000.0)
    for listed in ((other, zombie), (other,)):
        rows = process_rows(None, replace(snapshot(*listed), target=target), ProcessOptions()).shown
        assert sorted(row.process.pid for row in rows) == [2, zombie.pid]


def test_how_many_are_listed_without_a_filter() -> None:
    some = snapshot(process(pid=2, kernel_thread=True), process(pid=3), process(pid=4))
    query = parse_query("4", PROCESS_FIELDS)
    assert isinstance(query, Query)
    assert process_rows(None, some, ProcessOptions(query)).listed == 2
    assert process_rows(None, some, ProcessOptions(query, kernel_threads=True)).listed == 3


def test_titles_fit_and_one_column_is_flexible() -> None:
    assert all(len(each.title) <= each.width for each in PROCESS_COLUMNS)
    assert [each.key for each in PROCESS_COLUMNS if each.flexible] == ["name"]


FIRST, SECOND, THIRD = process(pid=1, name="a"), process(pid=2, name="b"), process(pid=3, name="a")
FOUND = {FIRST.key: Hits(2, 8192, 0x1000), SECOND.key: Hits(1, 1 << 20, 0x2000), THIRD.key: Hits(0, 0, None)}


def test_of_regions_that_are_asked_for_there_are_count_and_sum() -> None:
    query = parse_query("perm:wx name:a", PROCESS_FILTER)
    assert isinstance(query, Query)
    rows = process_rows(None, snapshot(FIRST, SECOND, THIRD), ProcessOptions(query), (), FOUND).shown
    assert [row.process.pid for row in rows] == [1]
    assert [plain(column.text(rows[0])) for column in HIT_COLUMNS] == ["2", "8K"]
    by_sum = ProcessOptions(sort="hitsize", descending=True)
    rows = process_rows(None, snapshot(FIRST, SECOND, THIRD), by_sum, (), FOUND).shown
    assert [row.process.pid for row in rows] == [2, 1]


def test_a_process_that_was_not_asked_yet_or_cannot_be_read_is_not_listed() -> None:
    found: dict[ProcessKey, Hits | Unavailable] = {FIRST.key: DENIED, THIRD.key: Hits(1, 4096, 0)}
    rows = process_rows(None, snapshot(FIRST, SECOND, THIRD), ProcessOptions(), (), found).shown
    assert [row.process.pid for row in rows] == [3]


def test_the_title_says_how_far_a_question_to_all_has_come() -> None:
    rows = process_rows(None, snapshot(FIRST, SECOND, THIRD), ProcessOptions(), (), FOUND)
    assert plain(process_title(rows, Searched(FOUND, 5))[1]) == "2 of 3 · 3 of 5 asked, Esc ends it"
    assert plain(process_title(rows, Searched(FOUND, 3))[1]) == "2 of 3 · 3 regions, 1M"
    denied = Searched({**FOUND, THIRD.key: DENIED}, 3)
    assert plain(process_title(rows, denied)[1]).endswith(" · 1 can't be read")
    assert plain(no_processes("perm:wx", Searched({}, 3))) == "asking 3 processes for perm:wx ..."


def test_that_others_are_hidden_is_said_where_no_filter_stands() -> None:
    machine = Machine("fake", "6.18.0-test", 4096, 1 << 30, 1 << 29)
    assert plain(process_hint("", machine)) == "/ filter  s sort"
    hiding = Machine("fake", "6.18.0-test", 4096, 1 << 30, 1 << 29, hides_processes=True)
    assert plain(process_hint("", hiding)) == "others hidden: hidepid"
    assert "bash" in plain(process_hint("bash", hiding))


def test_a_rate_of_six_digits_keeps_its_first() -> None:
    column = next(column for column in PROCESS_COLUMNS if column.key == "faults")
    shown = [plain(column.text(ProcessRow(FIRST, rate))) for rate in (99_999.2, 112_323.0, None)]
    assert shown == ["99,999", "112k", "—"]
