"""Command lines and names that a process changes at will cost no more than others."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.kernel.process.table import Owners, ProcessTable
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.unavailable import Unavailable
from tests.support.patience import PATIENCE
from tests.support.specimens.children import child, ready_line

ARGUMENT = "x" * 100_000
KIB_4 = 1 << 12


class Counting(LiveProcfs):
    read_bytes = 0

    def head(self, name: str, size: int) -> bytes | Unavailable:
        text = super().head(name, size)
        self.read_bytes += len(text) if isinstance(text, bytes) else 0
        return text


@pytest.fixture
def long_argv() -> Iterator[int]:
    program = "print(flush=True); input()"
    with child("-c", program, *[ARGUMENT] * 15) as process:
        ready_line(process)
        yield process.pid


def test_of_a_long_command_line_4_kib_are_read_and_it_says_that_it_goes_on(long_argv: int) -> None:
    procfs = Counting()
    samples = ProcessTable(procfs).read()
    command = next(each.process.command for key, each in samples.items() if key.pid == long_argv)
    assert isinstance(command, tuple)
    assert len(Path(f"/proc/{long_argv}/cmdline").read_bytes()) > 1_000_000
    assert KIB_4 // 2 < len(" ".join(command)) <= KIB_4 + 1
    assert command[-1].endswith("x…")
    assert command[0] == sys.executable
    assert procfs.read_bytes <= (KIB_4 + 1) * len(samples)


def test_a_short_command_line_is_whole() -> None:
    (command,) = [
        each.process.command for key, each in ProcessTable(LiveProcfs()).read().items() if key.pid == os.getpid()
    ]
    assert isinstance(command, tuple)
    assert "\0".join(command).encode() == Path("/proc/self/cmdline").read_bytes().rstrip(b"\0")


def test_ps_prints_it_soon(long_argv: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mmexplorer", "ps"], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    (row,) = [row for row in done.stdout.splitlines() if row.split()[:1] == [str(long_argv)]]
    assert len(row) < 2 * KIB_4


def test_a_process_that_changes_its_name_is_remembered_once() -> None:
    owners = Owners(LiveProcfs())
    stat = ProcessTable(LiveProcfs()).read()
    sample = next(each for key, each in stat.items() if key.pid == os.getpid())
    for number in range(100):
        owners.owner(sample.stat._replace(comm=f"name{number}"))
    assert list(owners._known) == [ProcessKey(os.getpid(), sample.stat.start_time)]
