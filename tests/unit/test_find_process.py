"""Finding a process by name."""

from pathlib import Path

import pytest

from mmexplorer.kernel.process.find import named_processes
from mmexplorer.kernel.procfs import LiveProcfs
from tests.support.fakes.proc import add_process, stat_text


@pytest.mark.parametrize(
    ("name", "pids"),
    [
        ("a-very-long-pro", (7, 8)),
        ("a-very-long-program", (7,)),
        ("a-very-long-project", (8,)),
        ("short", (9,)),
        ("hidden-by-title", ()),
        ("a-very-long", ()),
    ],
)
def test_a_name_over_15_letters_is_found_by_the_program_behind_it(
    tmp_path: Path, name: str, pids: tuple[int, ...]
) -> None:
    for pid, comm, exe in (
        (7, b"a-very-long-pro", "/usr/bin/a-very-long-program"),
        (8, b"a-very-long-pro", "/opt/a-very-long-project (deleted)"),
        (9, b"short", "/usr/bin/hidden-by-title"),
    ):
        add_process(tmp_path, pid, stat_text(pid, start_time=pid, comm=comm), cmdline=b"worker: idle\0")
        (tmp_path / str(pid) / "exe").symlink_to(exe)
    assert tuple(found.pid for found in named_processes(LiveProcfs(str(tmp_path)), name)) == pids
