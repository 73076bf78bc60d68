"""What m, t and u did, with C above the system call."""

import pytest

from mmexplorer.present.explore.lab_calls import CALL_COLUMNS, CallRow, call_rows, line_of_c
from mmexplorer.present.text.line import plain

MMAP = "mmap(NULL, 104857600, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)"


@pytest.mark.parametrize(
    ("call", "written"),
    [
        (
            f"{MMAP} = 0x7f3a45800000",
            "char *p = mmap(NULL, 104857600, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);",
        ),
        ("munmap(0x7f3a45800000, 104857600) = 0", "munmap(p, 104857600);"),
        ("for (p = 0x7f3a45800000, i = 0; i < 2560; i++) p[i * 4096] = 1;", ""),
        ("", ""),
    ],
)
def test_the_line_of_c_of_a_call(call: str, written: str) -> None:
    assert line_of_c(call) == written


def test_a_call_stands_below_its_line_of_c_with_what_it_changed() -> None:
    made = CallRow(1, 0.0, f"{MMAP} = -1 ENOMEM", ok=False, error="refused", start=0, vsz=0, rss=None)
    above, below = call_rows([made])
    assert above.key != below.key
    shown = [[plain(column.text(row)).strip() for column in CALL_COLUMNS] for row in (above, below)]
    assert shown[0][:3] == ["", "", ""]
    assert shown[0][3].endswith("-1, 0);")
    assert shown[1][1:3] == ["+0", "—"]
    assert shown[1][3] == f"{MMAP} = -1 ENOMEM  refused"
