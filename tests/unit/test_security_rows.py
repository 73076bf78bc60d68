"""The table of what protects a process."""

import pytest

from mmexplorer.model.process.security import Finding, Verdict
from mmexplorer.present.elf.security import FINDING_COLUMNS
from mmexplorer.present.text.line import plain


@pytest.mark.parametrize(
    ("where", "cells", "told"),
    [
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", 25, "libc.so.6"),
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", 60, "/usr/lib/x86_64-linux-gnu/libc.so.6"),
        ("7f3a4c1d0000-7f3a4c1d2000 rwxp", 25, "7f3a4c1d0000-7f3a4c1d2000 rwxp"),
    ],
)
def test_a_file_is_told_by_its_base_name_where_its_path_would_be_cut(where: str, cells: int, told: str) -> None:
    [column] = (column for column in FINDING_COLUMNS if column.key == "where")
    assert plain(column.cell(Finding("relro", where, Verdict.WEAK, "none"), cells)) == told
