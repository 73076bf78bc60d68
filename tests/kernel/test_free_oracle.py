"""`mmexplorer free` compared with free(1)."""

import json
import subprocess
from pathlib import Path
from unittest import mock

import pytest

from mmexplorer.cli import main
from mmexplorer.commands import free as free_command
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.model.system.memory import Free, free
from mmexplorer.model.system.snapshot import terms_of
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.system.free import Unit, free_lines
from mmexplorer.present.text.line import plain
from tests.support.specimens.meminfo import ALL, FOLDER, WITH_AVAILABLE, recorded

pytestmark = pytest.mark.smoke

_ATTEMPTS = 20
_COLUMNS = ("total", "used", "free", "shared", "buffers", "cache", "available")


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy this machine's meminfo, which is never the same at two readings."""
    meminfo = tmp_path_factory.mktemp("proc") / "meminfo"
    meminfo.write_bytes(Path("/proc/meminfo").read_bytes())
    return meminfo


def free_of(meminfo: Path, *options: str) -> list[str]:
    """Run free(1) on a recorded meminfo, mounted over /proc/meminfo in a private namespace."""
    script = 'mount --bind "$1" /proc/meminfo && shift && exec free "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", str(meminfo), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def printed(capsys: pytest.CaptureFixture[str], meminfo: Path, option: str) -> str:
    """Return our output for a recorded meminfo."""
    with mock.patch.object(free_command, "LiveProcfs", return_value=LiveProcfs(str(meminfo.parent))):
        assert main(["free", option]) == 0
    return capsys.readouterr().out


@pytest.mark.root("mounts a recorded meminfo in a mount namespace of its own")
@pytest.mark.oracle
def test_json_has_the_figures_of_free(still: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, memory, swap = free_of(still, "-b", "-w")
    figures = dict(zip(_COLUMNS, map(int, memory.split()[1:]), strict=True))
    swaps = dict(zip(("swap_total", "swap_used", "swap_free"), map(int, swap.split()[1:]), strict=True))
    theirs = figures | {"buff_cache": figures["buffers"] + figures["cache"]} | swaps
    assert json.loads(printed(capsys, still, "--json")) == {"schema": "mmexplorer/free/1"} | theirs


@pytest.mark.root("mounts a recorded meminfo in a mount namespace of its own")
@pytest.mark.oracle
@pytest.mark.parametrize("option", ["-b", "-k", "-m", "-g", "-h", "-w", "-hw"])
def test_the_table_is_frees_line_for_line(option: str, still: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, still, option).splitlines() == free_of(still, option)


def test_the_figures_are_those_of_now(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["free", "-k"]) == 0
    total = Path("/proc/meminfo").read_text().split()[1]
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["Mem:", total]


@pytest.mark.root("mounts a recorded meminfo in a mount namespace of its own")
@pytest.mark.oracle
@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("name", ALL)
def test_recorded_texts_give_what_free_gives(name: str, unit: Unit) -> None:
    figures = free(recorded(name))
    assert isinstance(figures, Free)
    ours = [plain(text) for text in free_lines(figures, unit)]
    theirs = free_of(FOLDER / name, f"-{unit.value}")
    if name in WITH_AVAILABLE:
        assert ours == theirs
        return
    # Without MemAvailable, procps 4 prints MemFree as available and counts the rest as used; we say that it is unknown.
    columns = [column for column in range(6) if column not in {1, 5}]
    cells = [(mine.split()[1:], other.split()[1:]) for mine, other in zip(ours[1:], theirs[1:], strict=True)]
    (memory, other_memory), swap = cells
    assert [memory[column] for column in columns] == [other_memory[column] for column in columns]
    assert swap[0] == swap[1]
    assert memory[5] == "—"


def test_available_is_recomputed_within_one_per_cent() -> None:
    source = LiveSystem()
    misses = []
    for _ in range(_ATTEMPTS):
        seen = source.sample(SystemRequest())
        terms = terms_of(seen)
        assert not isinstance(terms, Unavailable)
        assert not isinstance(seen.meminfo, Unavailable)
        kernels = seen.meminfo["MemAvailable"]
        if abs(terms.estimate - kernels) <= kernels // 100:
            return
        misses.append((terms, terms.estimate, kernels))
    pytest.fail(f"never within one per cent: {misses}")


def test_a_proc_without_meminfo_is_one_line_and_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with mock.patch.object(free_command, "LiveProcfs", return_value=LiveProcfs(str(tmp_path))):
        assert main(["free"]) == 1
    assert capsys.readouterr() == ("", "mmexplorer: /proc/meminfo: no such file or directory\n")
