"""sar's text and history."""

import time

import pytest

from mmexplorer.model.system.history import SarHistory, SarSample, sar_sample
from mmexplorer.model.system.memory import Free, free
from mmexplorer.model.system.pressure import Pressure, Stall
from mmexplorer.model.system.sar import Host, MemoryRow, PagingRow, SwapRow, UsedFormula, memory_row
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.system.sar import (
    banner,
    columns,
    curve,
    entries,
    formula_words,
    gap_line,
    header_text,
    row_text,
    why_not_free,
)
from mmexplorer.present.text.line import plain
from tests.support.specimens.meminfo import NO_SWAP, SWAPPING, recorded

NOON = 1_800_000_000.0


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def snapshot(clock: float, faults: int, stalled: int = 0) -> SystemSnapshot:
    return SystemSnapshot(
        taken_at=NOON + clock,
        clock=clock,
        page_size=4096,
        meminfo=recorded(NO_SWAP),
        vmstat={"pgfault": faults},
        pressure=Pressure(Stall(0, 0, 0, stalled), None),
        sar_formula=UsedFormula.CACHES,
    )


def history(*snapshots: SystemSnapshot) -> SarHistory:
    kept = SarHistory(1.0)
    before = None
    for after in snapshots:
        sample = sar_sample(before, after)
        assert isinstance(sample, SarSample)
        kept, before = kept.add(after.clock, sample), after
    return kept


def test_the_text_is_sars() -> None:
    row = memory_row(recorded(SWAPPING), UsedFormula.CACHES)
    assert header_text(MemoryRow, "13:29:20") == (
        "13:29:20    kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit  kbactive"
        "   kbinact   kbdirty"
    )
    assert row_text(row, "13:29:21") == (
        "13:29:21        27236    234840    607608     65.40    132868    100748   1366660    120.53    305192"
        "    490708      1416"
    )
    assert row_text(row).startswith("Average:        27236")
    assert banner(Host("6.1", "vm", "x86_64", 2), NOON) == "Linux 6.1 (vm) \t01/15/27 \t_x86_64_\t(2 CPU)"


def test_rates_and_percents_have_two_decimals_and_a_missing_one_is_a_dash() -> None:
    row = history(snapshot(0, 0), snapshot(1, 5)).points[-1].sample.paging
    assert row is not None
    assert row_text(row, "x").split()[1:5] == ["-", "-", "5.00", "-"]


def test_the_first_reading_has_no_rates() -> None:
    kept = history(snapshot(0, 0), snapshot(1, 2560), snapshot(2, 2560))
    assert len(entries(kept, MemoryRow)) == len(entries(kept, SwapRow)) == 3
    faults = [entry.row.fault for entry in entries(kept, PagingRow) if isinstance(entry.row, PagingRow)]
    assert faults == [2560.0, 0.0]


def test_a_suspended_machine_leaves_a_gap() -> None:
    kept = history(snapshot(0, 0), snapshot(1, 10), snapshot(61, 40), snapshot(62, 50))
    assert [entry.after_gap for entry in entries(kept, MemoryRow)] == [False, False, True, False]
    assert curve(kept, "fault", 5) == (None, None, None, 0.5, 10.0)
    assert plain(gap_line(NOON, NOON + 60)) == (
        "┄ no readings from 08:00:00 to 08:01:00: the machine was suspended or the display paused"
    )


def test_pressure_is_counted_from_reading_to_reading() -> None:
    kept = history(snapshot(0, 0), snapshot(1, 0, 250_000), snapshot(2, 0, 0))
    assert curve(kept, "stalled", 3) == (None, 25.0, None)


def test_without_meminfo_there_is_no_row() -> None:
    why = Unavailable(Cause.DENIED, "no")
    assert sar_sample(None, SystemSnapshot(0, 0, 4096, why, why)) == why


@pytest.mark.parametrize("kind", [MemoryRow, SwapRow, PagingRow])
def test_every_field_has_a_column_with_help(kind: type[MemoryRow] | type[SwapRow] | type[PagingRow]) -> None:
    declared = columns(kind)
    assert [column.key for column in declared][1:] == list(kind.__dataclass_fields__)
    assert all(column.help and len(column.title) <= column.width for column in declared)


def test_a_column_shows_and_sorts_its_figure() -> None:
    entry = entries(history(snapshot(0, 0), snapshot(1, 10)), MemoryRow)[-1]
    used = next(column for column in columns(MemoryRow) if column.key == "kbmemused")
    assert plain(used.text(entry)) == "5872804"
    assert used.sort is not None
    assert used.sort(entry) == 5872804


def test_why_sars_used_is_not_frees() -> None:
    meminfo = recorded(NO_SWAP)
    figures = free(meminfo)
    assert isinstance(figures, Free)
    old = [plain(text) for text in why_not_free(figures, memory_row(meminfo, UsedFormula.CACHES), UsedFormula.CACHES)]
    assert "kbmemused 5.6G = total - free - buffers - cached - slab" in old[0]
    assert "used 5.9G = total - available" in old[0]
    assert old[1].startswith("They differ by 334M")
    new = why_not_free(figures, memory_row(meminfo, UsedFormula.AVAILABLE), UsedFormula.AVAILABLE)
    assert plain(new[1]).startswith("The two agree since sysstat 12.7.8")
    assert formula_words(UsedFormula.AVAILABLE) == "kbmemused = total - available (sysstat 12.7.8 and later)"
