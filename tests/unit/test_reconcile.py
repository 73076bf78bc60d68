"""Why four files report different figures for one process."""

from dataclasses import replace

import pytest

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import Range, Usage
from mmexplorer.model.system.process_memory import (
    Account,
    Difference,
    Origin,
    ProcessMemory,
    Reason,
    RegionSums,
    reconcile,
    summed,
)
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.system.process_memory import memory_lines
from mmexplorer.present.text.line import plain

KIB = 1024
COUNTERS = {
    "Rss": 900 * KIB, "Pss": 800 * KIB, "Private_Clean": 100 * KIB, "Private_Dirty": 600 * KIB,
    "Anonymous": 500 * KIB, "Swap": 40 * KIB, "Shared_Hugetlb": 0, "Private_Hugetlb": 2048 * KIB,
}  # fmt: skip
STATUS = {
    "VmSize": 5000 * KIB, "VmRSS": 900 * KIB, "RssAnon": 500 * KIB, "RssFile": 400 * KIB, "RssShmem": 0,
    "VmSwap": 40 * KIB, "VmPTE": 60 * KIB, "HugetlbPages": 2048 * KIB,
}  # fmt: skip
STATM = {"size": 5000 * KIB, "resident": 900 * KIB}
AGREED = ProcessMemory(
    key=ProcessKey(7, 1),
    regions=RegionSums(40, 5000 * KIB, 0, COUNTERS),
    rollup=COUNTERS,
    status=STATUS,
    statm=STATM,
    statm_after=STATM,
    page_size=4096,
    cpus=2,
)


def account(memory: ProcessMemory, quantity: str) -> Account:
    return next(account for account in reconcile(memory) if account.quantity == quantity)


def test_agreement_has_no_differences() -> None:
    assert all(not account.differences for account in reconcile(AGREED))
    assert account(AGREED, "USS").value == 700 * KIB
    assert account(AGREED, "RSS").figures == dict.fromkeys(Origin, 900 * KIB)
    assert account(AGREED, "hugetlb").value == 2048 * KIB


@pytest.mark.parametrize(
    ("changed", "quantity", "difference"),
    [
        (
            replace(AGREED, regions=RegionSums(41, 5004 * KIB, 4 * KIB, COUNTERS)),
            "VSZ",
            Difference(Origin.STATM, -4 * KIB, Reason.VSYSCALL),
        ),
        (
            replace(AGREED, rollup=COUNTERS | {"Pss": 820 * KIB}),
            "PSS",
            Difference(Origin.ROLLUP, 20 * KIB, Reason.ROUNDING),
        ),
        (
            replace(AGREED, status=STATUS | {"VmSwap": 0}),
            "swap",
            Difference(Origin.STATUS, -40 * KIB, Reason.SHMEM_SWAP),
        ),
        (
            replace(AGREED, rollup=COUNTERS | {"Rss": 2_000_000 * KIB}, statm_after={"size": 1, "resident": 1}),
            "RSS",
            Difference(Origin.ROLLUP, 1_999_100 * KIB, Reason.TIMING),
        ),
        (
            replace(AGREED, status=STATUS | {"VmRSS": 772 * KIB}),
            "RSS",
            Difference(Origin.STATUS, -128 * KIB, Reason.BATCHES),
        ),
        (
            replace(AGREED, status=STATUS | {"VmRSS": 90_000 * KIB}),
            "RSS",
            Difference(Origin.STATUS, 89_100 * KIB, Reason.UNEXPLAINED),
        ),
        (
            replace(AGREED, rollup=COUNTERS | {"Private_Clean": 96 * KIB}),
            "USS",
            Difference(Origin.ROLLUP, -4 * KIB, Reason.SHARING),
        ),
        (
            replace(AGREED, rollup=COUNTERS | {"Pss": 790 * KIB}),
            "PSS",
            Difference(Origin.ROLLUP, -10 * KIB, Reason.SHARING),
        ),
    ],
)
def test_each_difference_has_its_reason(changed: ProcessMemory, quantity: str, difference: Difference) -> None:
    assert difference in account(changed, quantity).differences
    text = "\n".join(map(plain, memory_lines(changed)))
    assert f"{difference.origin.value} " in text


def test_what_could_not_be_read_is_blank_with_a_reason() -> None:
    denied = Unavailable(Cause.DENIED, "permission denied")
    memory = replace(AGREED, regions=denied, rollup=denied)
    assert account(memory, "PSS").value is None
    assert account(memory, "RSS").value == 900 * KIB
    lines = [plain(text) for text in memory_lines(memory)]
    assert lines[-2:] == ["smaps — permission denied", "smaps_rollup — permission denied"]
    assert [plain(text) for text in memory_lines(denied)] == ["memory — permission denied"]


def test_records_are_summed() -> None:
    fields = {"Rss": 0, "Pss": 1}
    records = {Range(0, 8192): Usage(fields, (1, 2), ()), Range(8192, 12288): Usage(fields, (3, 4), ())}
    assert summed(records, [Range(8192, 12288)]) == RegionSums(2, 12288, 4096, {"Rss": 4, "Pss": 6})
