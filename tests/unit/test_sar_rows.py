"""sar's rows, calculated by hand."""

import pytest

from mmexplorer.model.system.sar import (
    PagingRow,
    Tally,
    UsedFormula,
    memory_row,
    paging_row,
    swap_row,
    used_formula,
)
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.specimens.meminfo import ARM64, HUGETLB, NO_SWAP, ROUTER, SWAPPING, recorded

OLD, NEW = UsedFormula.CACHES, UsedFormula.AVAILABLE


@pytest.mark.parametrize(
    ("name", "formula", "used", "used_percent", "commit", "commit_percent"),
    [
        # 32271968 - 21204312 - 267520 - 7185412 - 212100; commit of 32271968 + 1000
        (HUGETLB, OLD, 3402624, 10.54, 2897984, 8.98),
        # 122976 - 73424 - 5000 - 15792 - 15948
        (ROUTER, OLD, 12812, 10.42, 7304, 5.94),
        # 8164548 - 851960 - 4304 - 1235532 - 199948
        (NO_SWAP, OLD, 5872804, 71.93, 1596188, 19.55),
        # 8164548 - 1950080
        (NO_SWAP, NEW, 6214468, 76.12, 1596188, 19.55),
        # 929104 - 27236 - 132868 - 100748 - 60644; more is promised than exists
        (SWAPPING, OLD, 607608, 65.40, 1366660, 120.53),
        (SWAPPING, NEW, 694264, 74.72, 1366660, 120.53),
        # 49877504 - 48452608 - 72512 - 145152 - 312512
        (ARM64, OLD, 894720, 1.79, 163200, 0.33),
    ],
)
def test_memory(
    *, name: str, formula: UsedFormula, used: int, used_percent: float, commit: int, commit_percent: float
) -> None:
    row = memory_row(recorded(name), formula)
    assert (row.kbmemused, row.kbcommit) == (used, commit)
    assert row.memused_percent == pytest.approx(used_percent, abs=0.005)
    assert row.commit_percent == pytest.approx(commit_percent, abs=0.005)


def test_the_other_fields_are_meminfos() -> None:
    row = memory_row(recorded(SWAPPING), OLD)
    assert (row.kbmemfree, row.kbavail, row.kbbuffers, row.kbcached) == (27236, 234840, 132868, 100748)
    assert (row.kbactive, row.kbinact, row.kbdirty) == (305192, 490708, 1416)


def test_the_current_formula_needs_memavailable() -> None:
    reason = Unavailable(Cause.UNSUPPORTED, "this kernel has no MemAvailable in /proc/meminfo")
    row = memory_row(recorded(HUGETLB), NEW)
    assert (row.kbavail, row.kbmemused, row.memused_percent) == (reason, reason, reason)


def test_swap() -> None:
    row = swap_row(recorded(SWAPPING))
    assert (row.kbswpfree, row.kbswpused, row.kbswpcad) == (28916, 175880, 1828)
    assert row.swpused_percent == pytest.approx(85.88, abs=0.005)
    assert row.swpcad_percent == pytest.approx(1.04, abs=0.005)


def test_no_swap_is_all_zero_as_in_sar() -> None:
    row = swap_row(recorded(NO_SWAP))
    assert (row.kbswpfree, row.kbswpused, row.swpused_percent, row.kbswpcad, row.swpcad_percent) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("version", "formula"), [((12, 6, 1), OLD), ((12, 7, 7), OLD), ((12, 7, 8), NEW), ((13,), NEW), (None, NEW)]
)
def test_the_formula_follows_the_version(version: tuple[int, ...] | None, formula: UsedFormula) -> None:
    assert used_formula(version) is formula


BEFORE = {
    "pgpgin": 100, "pgpgout": 200, "pgfault": 1000, "pgmajfault": 10, "pgfree": 5000,
    "pgscan_kswapd": 0, "pgscan_direct": 0, "pgscan_khugepaged": 0, "pgscan_direct_throttle": 0,
    "pgscan_anon": 0, "pgscan_file": 0,
    "pgsteal_kswapd": 0, "pgsteal_direct": 0, "pgsteal_anon": 0, "pgsteal_file": 0,
}  # fmt: skip


def test_paging_counts_each_reclaimed_page_once() -> None:
    after = BEFORE | {
        "pgpgin": 300, "pgfault": 3000, "pgmajfault": 14, "pgfree": 6000,
        "pgscan_kswapd": 300, "pgscan_direct": 100, "pgscan_direct_throttle": 7, "pgscan_file": 400,
        "pgsteal_kswapd": 240, "pgsteal_direct": 60, "pgsteal_anon": 100, "pgsteal_file": 200,
    }  # fmt: skip
    assert paging_row(BEFORE, after, 2.0) == PagingRow(
        pgpgin=100.0, pgpgout=0.0, fault=1000.0, majflt=2.0, pgfree=500.0,
        pgscank=150.0, pgscand=50.0, pgsteal=150.0, vmeff_percent=75.0,
    )  # fmt: skip


def test_old_kernels_count_a_zone_apart() -> None:
    before = {"pgscan_kswapd_dma": 1, "pgscan_kswapd_normal": 1, "pgscan_direct_normal": 0, "pgsteal_normal": 0}
    after = {"pgscan_kswapd_dma": 5, "pgscan_kswapd_normal": 7, "pgscan_direct_normal": 10, "pgsteal_normal": 10}
    row = paging_row(before, after, 1.0)
    assert (row.pgscank, row.pgscand, row.pgsteal, row.vmeff_percent) == (10.0, 10.0, 10.0, 50.0)
    assert row.fault == Unavailable(Cause.UNSUPPORTED, "this kernel has no pgfault in /proc/vmstat")


def test_a_counter_that_goes_backwards_has_its_sentence() -> None:
    row = paging_row(BEFORE, BEFORE | {"pgfault": 999}, 1.0)
    assert row.fault == Unavailable(Cause.MALFORMED, "the counter pgfault went backwards")
    assert row.majflt == 0.0


def test_no_time_between_two_readings() -> None:
    assert paging_row(BEFORE, BEFORE, 0.0).fault == Unavailable(Cause.NOT_READ, "no time passed between the readings")


def test_the_tally_gives_means_and_drops_what_was_missing_once() -> None:
    tally = Tally().add({"MemFree": 10, "Dirty": 1}).add({"MemFree": 20})
    assert (tally.count, tally.mean()) == (2, {"MemFree": 15.0})
    assert Tally().mean() == {}
