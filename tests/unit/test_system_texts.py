"""The texts beside and below the tables of the System screen, and the layout of its charts."""

import pytest

from mmexplorer.model.system.history import SarHistory, SarSample, sar_sample
from mmexplorer.model.system.memory import Composition, Free, composition, free
from mmexplorer.model.system.sar import MemoryRow, PagingRow, SwapRow
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace
from mmexplorer.present.system.amounts import fine_size
from mmexplorer.present.system.charts import axis_line, chart_lines, curves, reading_at, readings_in, window
from mmexplorer.present.system.free import COLUMNS, Unit
from mmexplorer.present.system.free_table import free_block, free_table, topic_at
from mmexplorer.present.system.memory_bar import legend_rows, parts
from mmexplorer.present.system.process_memory import without_tails
from mmexplorer.present.system.sar import Row, SarRows, entries, gap_before, sar_rows
from mmexplorer.present.text.chart import GUTTER, SCALE
from mmexplorer.present.text.line import Tone, line, plain, span
from tests.support.fakes.system import MEMINFO, FakeSystem

_MIB = 1 << 20


def looks(*steps: float) -> tuple[SarHistory, SystemSnapshot]:
    """Return a history of readings with these intervals, in seconds."""
    system = FakeSystem()
    history = SarHistory(1.0)
    before = None
    for step in steps:
        system.step = step
        system.count(pgfault=100)
        after = system.sample(SystemRequest())
        sample = sar_sample(before, after)
        assert isinstance(sample, SarSample)
        history, before = history.add(after.clock, sample), after
    assert before is not None
    return history, before


@pytest.mark.parametrize("kind", [MemoryRow, PagingRow])
@pytest.mark.parametrize("steps", [(1,) * 9, (1, 1, 1, 30, 1, 1), (1,), (1, 30)])
def test_rows_added_one_by_one_are_those_made_at_once(kind: type[Row], steps: tuple[float, ...]) -> None:
    history, _ = looks(*steps)
    grown: SarRows | None = None
    for count in range(1, len(steps) + 1):
        part = SarHistory(1.0, points=history.points[:count])
        grown = sar_rows(grown, part, kind)
        assert grown.entries == entries(part, kind)


def test_rows_that_are_known_stay_the_same_objects() -> None:
    history, _ = looks(1, 1, 1, 1)
    first = sar_rows(None, SarHistory(1.0, points=history.points[:2]), MemoryRow)
    later = sar_rows(first, history, MemoryRow)
    assert [one is other for one, other in zip(first.entries, later.entries, strict=False)] == [True, True]
    assert len(sar_rows(later, history, PagingRow).entries) == 3


def test_no_more_rows_are_kept_than_the_history_has() -> None:
    history, _ = looks(*(1,) * 8)
    short = SarHistory(1.0, limit=3, points=history.points[-3:])
    grown = sar_rows(
        sar_rows(None, SarHistory(1.0, limit=3, points=history.points[-4:-1]), MemoryRow), short, MemoryRow
    )
    assert grown.entries == entries(short, MemoryRow)


def test_a_gap_is_told_with_its_ends() -> None:
    history, _ = looks(1, 1, 60, 1)
    rows = sar_rows(None, history, MemoryRow)
    assert [bool(gap_before(rows, entry)) for entry in rows.entries] == [False, False, True, False]
    assert gap_before(rows, None) == ()


def test_a_row_of_another_report_has_no_gap_before_it() -> None:
    history, _ = looks(1, 1, 60, 1)
    memory, swap = (sar_rows(None, history, kind) for kind in (MemoryRow, SwapRow))
    assert [gap_before(swap, entry) for entry in memory.entries] == [()] * 4


@pytest.mark.parametrize(
    ("values", "step", "scale"),
    [
        ((), 64, (0, 128)),
        ((None, 70.0), 64, (64, 192)),
        ((10.0, 130.0), 64, (0, 256)),
        ((1000.0, 1010.0), 64, (960, 1088)),
        ((0.0, 5000.0), 64, (0, 8192)),
    ],
)
def test_the_scale_holds_all_values_and_is_as_narrow_as_the_steps_allow(
    values: tuple[float | None, ...], step: int, scale: tuple[float, float]
) -> None:
    assert window(values, step) == scale


@pytest.mark.parametrize("height", range(1, 30))
@pytest.mark.parametrize("width", [20, 22, 40, 61, 160])
def test_charts_fill_exactly_the_cells_they_are_given(width: int, height: int) -> None:
    history, snapshot = looks(*(1,) * 5, 30, 1)
    drawn = curves(history, snapshot, readings_in(width))
    lines = chart_lines(drawn, width, height, back=3)
    charts = [each for each in lines if "more charts" not in plain(each)]
    across = max(width - GUTTER - SCALE, 0)
    assert {len(plain(each)) for each in charts} <= {GUTTER + across + SCALE}
    assert len(lines) <= max(height - 2, 1)
    assert len(plain(axis_line(width, 1.0))) == GUTTER + across


def test_a_chart_of_what_cannot_be_read_says_why() -> None:
    reason = Unavailable(Cause.UNSUPPORTED, "not in a core file")
    unread = replace(looks(1)[1], meminfo=reason, vmstat=reason, pressure=reason)
    assert {each.reason for each in curves(SarHistory(1.0), unread, 10)} == {"not in a core file"}


def test_a_chart_with_one_row_still_says_what_it_shows_and_how_much() -> None:
    history, snapshot = looks(1, 1, 1)
    rows = [plain(each) for each in chart_lines(curves(history, snapshot, readings_in(80)), 80, 7, back=None)]
    assert [row[:GUTTER].strip() for row in rows] == [
        "used 2.00G",
        "avail 6.00G",
        "cached 1.00G",
        "faults 100",
        "PSI 0 %",
    ]


def test_a_click_finds_the_reading_it_is_about() -> None:
    assert reading_at(80 - SCALE - 1, 80) == 0
    assert reading_at(80 - SCALE - 4, 80) == 6
    assert reading_at(GUTTER - 1, 80) is None
    assert reading_at(80 - SCALE, 80) is None


def test_the_tables_columns_are_where_a_click_looks_for_them() -> None:
    figures = free(MEMINFO)
    assert isinstance(figures, Free)
    for name in (*COLUMNS, "swap"):
        header, _, swap = (plain(each) for each in free_table(figures, Unit.BYTES, name))
        if name == "swap":
            assert swap.startswith("▸Swap")
            assert topic_at(3, 2) == "swap"
        else:
            place = header.index(f"▸{name}")
            assert topic_at(place + 1, 0) == topic_at(place + len(name), 1) == name
    assert topic_at(2, 0) is None
    assert topic_at(20, 4) is None


@pytest.mark.parametrize("width", [40, 60, 76, 120])
def test_the_bar_and_its_legend_fit(width: int) -> None:
    snapshot = FakeSystem().sample(SystemRequest())
    for height in (8, 11):
        lines = [plain(each) for each in free_block(snapshot, Unit.HUMAN, "free", width, height)]
        bar = lines[4]
        assert len(bar) == width
        assert sum(each == bar for each in lines) in (1, 2)
        assert any(each.endswith("= 8.00G") for each in lines)


def test_a_legend_is_broken_between_its_entries() -> None:
    pieces = composition(MEMINFO)
    assert isinstance(pieces, Composition)
    named = parts(pieces)
    rows = legend_rows(named, 30)
    assert all(len(plain(each)) <= 30 for each in rows)
    words = " ".join(plain(each) for each in rows)
    assert all(f"{piece.name} {fine_size(piece.size)}" in words for piece in named if piece.size)


def test_words_at_the_end_leave_where_figures_would_be_wrapped() -> None:
    row = line(span("RSS "), span("1,000 kB"), span("  in memory now", Tone.DIM))
    assert without_tails((row,), 30) == (row,)
    assert [plain(each) for each in without_tails((row,), 20)] == ["RSS 1,000 kB"]
    sentence = line("a sentence that is to be wrapped")
    assert without_tails((sentence,), 10) == (sentence,)


def test_the_header_has_the_figures_of_free() -> None:
    system = FakeSystem()
    seen = system.sample(SystemRequest(details=False)).machine
    assert isinstance(system.meminfo, dict)
    assert (seen.host, seen.kernel) == ("box", "6.18.44-generic")
    assert (seen.mem_total, seen.mem_available) == (system.meminfo["MemTotal"], system.meminfo["MemAvailable"])
    why = Unavailable(Cause.DENIED, "permission denied")
    system.meminfo = why
    unseen = system.sample(SystemRequest()).machine
    assert (unseen.mem_total, unseen.mem_available) == (why, why)
