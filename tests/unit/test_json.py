import json

import pytest

from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.explore.processes import PROCESS_COLUMNS
from mmexplorer.present.json.document import document, record, snake, text
from mmexplorer.present.text.column import plain_table


@pytest.mark.parametrize(
    ("kernel", "ours"),
    [
        ("Rss", "rss"),
        ("Pss_Dirty", "pss_dirty"),
        ("Private_Hugetlb", "private_hugetlb"),
        ("KSM", "ksm"),
        ("LazyFree", "lazy_free"),
        ("AnonHugePages", "anon_huge_pages"),
        ("ShmemPmdMapped", "shmem_pmd_mapped"),
        ("FilePmdMapped", "file_pmd_mapped"),
        ("SwapPss", "swap_pss"),
        ("KernelPageSize", "kernel_page_size"),
        ("MMUPageSize", "mmu_page_size"),
        ("THPeligible", "thp_eligible"),
        ("ProtectionKey", "protection_key"),
    ],
)
def test_counters_in_snake_case(kernel: str, ours: str) -> None:
    assert snake(kernel) == ours


def test_bytes_that_are_not_utf8_are_escaped() -> None:
    assert text("/a\udcff/π") == "/a\\xff/π"


def test_what_could_not_be_read_is_null_with_its_reason() -> None:
    denied = Unavailable(Cause.DENIED, "permission denied", "run with sudo")
    assert record({"pid": 1, "exe": denied, "command": ("a\udc80", "b")}) == {
        "pid": 1,
        "exe": None,
        "command": ["a\\x80", "b"],
        "unavailable": {"exe": "permission denied; run with sudo"},
    }
    assert "unavailable" not in record({"pid": 1})


def test_a_document_is_one_printable_line_whatever_is_in_it() -> None:
    hostile = "\x1b]0;x\x07\x9b\u202e\x7f\n"
    written = document("ps", {"name": hostile})
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written) == {"schema": "mmexplorer/ps/1", "name": hostile}


def test_a_table_is_aligned_and_its_titles_stand_over_nothing_too() -> None:
    assert list(plain_table(PROCESS_COLUMNS[:1], ())) == ["PID"]
