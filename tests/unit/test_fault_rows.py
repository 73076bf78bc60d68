"""A trace as rows: shares, the targets of Enter, and the lines before and after."""

from mmexplorer.model.memory.faults import FaultSample, FaultTrace, MappingEvent, grouped
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.present.explore.fault_rows import FAULT_COLUMNS, before_trace, fault_rows, trace_heading, trace_marks
from mmexplorer.present.text.line import plain

HEAP, CODE = 0x5594_B2C0_0000, 0x7F3A_4C02_7370


def region_of(address: int) -> str:
    return "the heap" if address >> 32 == HEAP >> 32 else "anonymous memory"


def name(address: int) -> str:
    return {CODE: "libc.so.6: memset+0x10", CODE + 0x100 - 1: "server: grow"}.get(address, "")


def trace(samples: tuple[FaultSample, ...], mappings: tuple[MappingEvent, ...] = ()) -> FaultTrace:
    return FaultTrace(samples, mappings, 61, 61 * len(samples) + 7, 3, 5.0, 2, 1)


SAMPLES = (
    FaultSample(HEAP + 4096, CODE, 10, 1, (CODE + 0x100,)),
    FaultSample(HEAP + 8192, CODE, 10, 2, (CODE + 0x100,)),
    FaultSample(0x7F00_0000_0000, CODE, 11, 3, ()),
)


def test_groups_have_their_share_their_chain_and_an_address_to_go_to() -> None:
    found = trace(SAMPLES)
    rows = fault_rows(found, grouped(SAMPLES, region_of, name, 6), region_of)
    assert [(row.faults, round(row.share), row.region) for row in rows] == [
        (122, 67, "the heap"),
        (61, 33, "anonymous memory"),
    ]
    assert rows[0].who == "libc.so.6: memset+0x10 ← server: grow"
    assert rows[0].address == HEAP + 4096


def test_a_caller_without_a_name_ends_no_chain() -> None:
    chains = ((CODE + 0x100, 0x5000), (0x5000, CODE + 0x100), (0x5000, 0x6000))
    samples = tuple(FaultSample(HEAP, CODE, 10, at, chain) for at, chain in enumerate(chains))
    nameless = FaultSample(HEAP, 0x5000, 10, 9, ())
    rows = fault_rows(trace((*samples, nameless)), grouped((*samples, nameless), region_of, name, 6), region_of)
    assert [row.who for row in rows] == [
        "libc.so.6: memset+0x10 ← server: grow",
        "libc.so.6: memset+0x10 ← ? ← server: grow",
        "libc.so.6: memset+0x10",
        "",
    ]


def test_mappings_follow_with_who_made_them_and_how_often() -> None:
    event = MappingEvent(12, 5, 0x7F3A_4580_0000, 100 << 20, 3, 2, "//anon")
    rows = fault_rows(trace((), (event, event._replace(time=9))), (), region_of)
    assert [plain(column.text(rows[0])) for column in FAULT_COLUMNS] == [
        "map",
        "",
        "7f3a45800000",
        "100M //anon",
        "mapped 2 times by thread 12",
    ]


def test_a_region_that_grows_from_event_to_event_is_one_row_that_says_so() -> None:
    event = MappingEvent(12, 5, HEAP, 132 << 10, 3, 2, "[heap]")
    rows = fault_rows(trace((), (event, event._replace(time=9, size=264 << 10))), (), region_of)
    assert [(row.region, row.who) for row in rows] == [("264K [heap]", "resized 2 times by thread 12")]


def test_the_cost_is_told_before_and_what_was_lost_after() -> None:
    assert "one fault in 61 for 5 s" in plain(before_trace(61, 5.0))
    told = plain(trace_heading(trace(SAMPLES)))
    assert told.startswith("190 faults in 5.0 s, 3 recorded · 2 threads · 3 lost · 1 thread not traced")


def test_marks_tell_where_faults_fell_and_who_mapped_what_was_first_touched_how() -> None:
    event = MappingEvent(10, 1, HEAP, 1 << 20, 3, 2, "//anon")
    other = event._replace(tid=11, address=0x7F00_0000_0000)
    found = FaultTrace(SAMPLES, (event, other._replace(time=4)), 61, 3, 0, 5.0, 2, 0, {10: "worker-2"})
    marks = trace_marks(ProcessKey(10, 1), (100.0, 105.0), found, name, 4096)
    assert marks.pages == (HEAP + 4096, HEAP + 8192, 0x7F00_0000_0000)
    assert [each.maker for each in marks.makers] == [
        "mapped by worker-2 (10), first touched by libc.so.6: memset+0x10 ← server: grow",
        "mapped by 11",
    ]
