import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mmexplorer.model.capture.timeline import Timeline
from mmexplorer.model.process.thread import ThreadName
from mmexplorer.model.region import Range, RegionKind, Usage
from mmexplorer.model.role import Role
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.capture.compared import compare, compared, comparison_fields
from mmexplorer.present.capture.export import Looked, perfetto_lines
from mmexplorer.present.capture.growth import samples
from mmexplorer.present.capture.limit import exceeded, parse_limit
from mmexplorer.present.capture.moment import moment_at
from mmexplorer.present.capture.page import Seen, course_tick, page_lines
from mmexplorer.present.json.document import document
from tests.support.captures import MANIFEST, clocks, opened, written
from tests.support.fakes.spaces import read, space
from tests.support.regions import region_of

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _space(*rows: tuple[int, int, str, int | None]) -> AddressSpace:
    regions = tuple(region_of(start, end, "rw-p", 0, "00:00", 0, path) for start, end, path, _ in rows)
    fields = {"Rss": 0, "Pss": 1, "Private_Dirty": 2, "Swap": 3}
    by_range = {
        Range(start, end): Usage(fields, (rss, rss, rss, 0), None) for start, end, _, rss in rows if rss is not None
    }
    return replace(space(regions), counters=read(by_range))


@pytest.mark.parametrize(
    ("typed", "index"),
    [
        ("0", 0),
        ("-1", 9),
        ("22:13:20", 0),
        ("22:13:25", 5),
        ("22:13:32", 9),
        ("2023-11-14T22:13:22+00:00", 2),
        ("2023-11-14 22:13:24", 4),
        ("22:13", 0),
        ("2023-11-14T22:13", 0),
        ("2023-11-14T22:13Z", 0),
        ("2023-11-14T22:13+00:00", 0),
        ("2023-11-14T17:43-0430", 0),
        ("2023-11-15T00:13:21+02", 1),
        ("2023-11-14", 0),
    ],
)
def test_a_moment_is_named_by_number_or_time(tmp_path: Path, typed: str, index: int) -> None:
    written(tmp_path / "x.mmx", [{"proc/7/stat": b"%d" % second} for second in range(10)])
    assert moment_at(typed, opened((tmp_path / "x.mmx").read_bytes()), _NOW) == index


@pytest.mark.parametrize(("typed", "index"), [("22:13", 0), ("22:14", 40), ("22:15", 99), ("22:14:07", 47)])
def test_a_minute_is_its_beginning_unless_the_capture_begins_later(tmp_path: Path, typed: str, index: int) -> None:
    written(tmp_path / "x.mmx", [{"proc/7/stat": b"%d" % second} for second in range(100)])
    assert moment_at(typed, opened((tmp_path / "x.mmx").read_bytes()), _NOW) == index


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("10", "from 0 to 9"),
        ("-11", "from 0 to 9"),
        ("yesterday", "is no moment"),
        ("25:00:00", "is no moment"),
        ("2023-11-14T22:13:19+00:00", "is outside it: it goes from 2023-11-1"),
        ("22:13:33", "is outside it"),
        ("22:13:19", "is outside it"),
        ("22:12", "is outside it"),
        ("22:14", "is outside it"),
        ("2023-11-14T22:12", "is outside it"),
        ("2023-11-14T22:12Z", "is outside it"),
        ("2023-11-14T22:13+01:00", "is outside it"),
        ("2023-11-14T22:13+99:00", "is no moment"),
        ("2023-11-13", "is outside it"),
        ("2023-11-14T", "is no moment"),
        ("01:00:00", "is outside it"),
        ("", "is no moment"),
    ],
)
def test_what_is_no_moment_is_said(tmp_path: Path, typed: str, said: str) -> None:
    written(tmp_path / "x.mmx", [{"proc/7/stat": b"%d" % second} for second in range(10)])
    answer = moment_at(typed, opened((tmp_path / "x.mmx").read_bytes()), _NOW)
    assert isinstance(answer, str)
    assert said in answer


def test_the_document_of_a_difference() -> None:
    a = _space((0x1000, 0x3000, "[heap]", 4096), (0x8000, 0x9000, "", 4096))
    b = _space((0x1000, 0x5000, "[heap]", 8192), (0xA000, 0xB000, "", None))
    found = compare(a, b, same_process=True)
    told = json.loads(document("diff", comparison_fields(found, "x.mmx@0", "123")))
    assert told["schema"] == "mmexplorer/diff/1"
    assert (told["a"], told["b"]) == ("x.mmx@0", "123")
    heap = next(row for row in told["rows"] if row["what"] == "the heap")
    assert heap["start"] == "0x1000"
    assert heap["end"] == "0x5000"
    assert heap["a"] == {"size": 8192, "rss": 4096, "pss": 4096, "private_dirty": 4096, "swap": 0}
    assert heap["change"] == {"size": 8192, "rss": 4096, "pss": 4096, "private_dirty": 4096, "swap": 0}
    gone = next(row for row in told["rows"] if row["start"] == "0x8000")
    assert gone["b"] is None
    assert gone["change"]["rss"] == -4096
    new = next(row for row in told["rows"] if row["start"] == "0xa000")
    assert new["a"] is None
    assert new["b"]["rss"] is None
    assert new["change"] == {"size": 4096, "rss": None, "pss": None, "private_dirty": None, "swap": None}
    assert told["totals"]["change"]["size"] == 8192
    assert told["totals"]["b"]["rss"] == b.process.rss
    assert told["totals"]["b"]["pss"] is None


@pytest.mark.parametrize(
    ("limit", "over"),
    [
        ("rss>+5%", True),
        ("rss>+100%", False),
        ("rss > +99.9 %", None),
        ("rss>+99.9%", True),
        ("size>+8K", False),
        ("size>+8191", True),
        ("rss>8K", False),
        ("rss>4K", True),
        ("swap>0", False),
        ("rss>5%", None),
        ("rss<5", None),
        ("vsz>+5%", None),
        ("rss>+5x", None),
    ],
)
def test_a_limit(*, limit: str, over: bool | None) -> None:
    a, b = _space((0x1000, 0x3000, "[heap]", 4096)), _space((0x1000, 0x5000, "[heap]", 8192))
    parsed = parse_limit(limit)
    assert (parsed is None) is (over is None)
    if parsed is not None:
        said = exceeded(parsed, compare(a, b, same_process=True))
        assert bool(said) is over
        assert not said or "the heap (00001000-00005000)" in said


def test_samples_are_what_is_in_memory_or_the_size_where_that_is_not_known() -> None:
    of = _space((0x1000, 0x3000, "[heap]", 4096), (0x8000, 0x9000, "", None))
    assert [(each.resident, each.what) for each in samples(of)] == [(4096, "the heap")]


def test_a_difference_and_growth_call_a_region_what_its_surroundings_say() -> None:
    roles = {
        0x1000: Role(RegionKind.ARENA, "malloc arena"),
        0x8000: Role(RegionKind.STACK, threads=(ThreadName(7, "worker"),)),
    }
    of = replace(_space((0x1000, 0x3000, "", 4096), (0x8000, 0x9000, "", 4096)), roles=roles)
    assert [each.what for each in samples(of)] == ["a malloc arena", "the stack of worker (7)"]
    assert [(each.kind, each.name) for each in compared(of)] == [
        (RegionKind.ARENA, "malloc arena"),
        (RegionKind.STACK, "worker (7)"),
    ]


def _looked(*spaces: AddressSpace) -> list[Looked]:
    return [Looked(second, clocks(second), each) for second, each in enumerate(spaces)]


def test_what_was_not_counted_is_neither_0_nor_its_size_in_a_trace() -> None:
    heap, grown = (0x10000, 0x20000, "[heap]", 0x3000), (0x10000, 0x30000, "[heap]", None)
    whole = "".join(perfetto_lines(_looked(_space(heap), _space(grown), _space(heap))))
    events = [event for event in json.loads(whole)["traceEvents"] if event["ph"] == "C"]
    counted = {(event["name"], event["ts"], event["args"]["bytes"]) for event in events}
    times = [round(clocks(second).boottime * 1_000_000) for second in range(3)]
    assert {each for each in counted if each[0] == "the heap"} == {
        ("the heap", times[0], 0x3000), ("the heap", times[2], 0x3000),
    }  # fmt: skip
    assert {each for each in counted if each[0] == "all: rss"} == {
        ("all: rss", times[0], 0x3000), ("all: rss", times[2], 0x3000),
    }  # fmt: skip


def _page(*looked: Looked) -> str:
    course = Timeline(tuple(map(course_tick, looked)))
    return "".join(page_lines(MANIFEST, Seen(course, looked[-1], ())))


def test_the_course_on_the_page_is_that_of_statm_and_leaves_out_what_nobody_knows() -> None:
    partly = _space((0x10000, 0x20000, "", 0x3000), (0x30000, 0x40000, "", None))
    assert "RSS: 0 to 9M" in _page(*_looked(partly, partly))
    unknown = Unavailable(Cause.UNSUPPORTED, "a core has no counters")
    untold = replace(partly, process=replace(partly.process, rss=unknown))
    page = _page(*_looked(untold, untold))
    assert "RSS: not known" in page
    assert page.count("<polyline") == 1


def test_the_course_is_interrupted_where_nobody_looked() -> None:
    looked = [
        each._replace(clocks=clocks(at)) for each, at in zip(_looked(*[_space()] * 5), (0, 1, 2, 90, 91), strict=True)
    ]
    assert _page(*looked).count("<polyline") == 2 * 2
    assert _page(*looked[:4]).count("<polyline") == 2 * 2
    assert _page(*looked[:1]).count("<polyline") == 2


def test_the_page_writes_a_dash_with_the_reason_and_escapes_names() -> None:
    space = _space((0x10000, 0x20000, "/tmp/<script>\x1b[31m", None))
    process = replace(space.process, name="<b>")
    reason = Unavailable(Cause.DENIED, "smaps: not yours & closed")
    page = _page(*_looked(replace(space, process=process, counters=reason)))
    assert "<script" not in page
    assert "\x1b" not in page
    assert "&lt;b&gt;" in page
    assert "RSS, PSS, DIRTY and SWAP: smaps: not yours &amp; closed" in page
    assert "<td>64K</td><td>—</td><td>—</td><td>—</td><td>—</td><td>1 region</td>" in page
