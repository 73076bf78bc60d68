"""`mmexplorer sar` beside sar(1)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.kernel.system.sysstat import read_host, sar_version
from mmexplorer.model.system.sar import UsedFormula, memory_row, swap_row
from mmexplorer.present.system.sar import header_text, row_text
from tests.support.specimens.meminfo import ALL, FOLDER, WITH_AVAILABLE, recorded

_ATTEMPTS = 5
_ENVIRONMENT = os.environ | {"S_COLORS": "never", "LC_ALL": "C"}
OURS = [sys.executable, "-m", "mmexplorer", "sar"]


def both(option: str, *ours: str) -> tuple[list[str], list[str]]:
    """Run sar and ours at the same time, one row after a second."""
    commands = (["sar", option, "1", "1"], [*OURS, "1", "1", option, *ours])
    running = [subprocess.Popen(one, stdout=subprocess.PIPE, text=True, env=_ENVIRONMENT) for one in commands]
    theirs, mine = (one.communicate()[0].splitlines() for one in running)
    return theirs, mine


def figures(line: str) -> list[float]:
    return [float(text) for text in line.split()[1:]]


def near(title: str, one: float, other: float) -> bool:
    """Within what a busy machine changes between two looks a few milliseconds apart."""
    if title.startswith("%"):
        return abs(one - other) <= 1
    return abs(one - other) <= 32 * 1024


@pytest.mark.oracle
@pytest.mark.parametrize("option", ["-r", "-S"])
def test_layout_and_figures_are_sars(option: str) -> None:
    for _ in range(_ATTEMPTS):
        theirs, mine = both(option)
        assert mine[0].startswith(theirs[0])
        assert [line[11:] for line in mine[1:3]] == [line[11:] for line in theirs[1:3]]
        assert mine[4].startswith("Average:")
        assert len(mine) == len(theirs)
        rows = zip(theirs[2].split()[1:], figures(theirs[3]), figures(mine[3]), strict=True)
        if all(near(title, one, other) for title, one, other in rows):
            return
    pytest.fail(f"{theirs} {mine}")


@pytest.mark.oracle
def test_json_has_sars_fields_one_document_a_line() -> None:
    names = ("kbmemfree", "kbavail", "kbmemused", "memused_percent", "kbbuffers", "kbcached", "kbcommit",
             "commit_percent", "kbactive", "kbinact", "kbdirty")  # fmt: skip
    for _ in range(_ATTEMPTS):
        theirs, mine = both("-r", "--json")
        (line,) = mine
        found = json.loads(line)
        assert found["schema"] == "mmexplorer/sar/1"
        assert found.keys() == {"schema", "timestamp", "kbmemused_formula", *names}
        rows = zip(theirs[2].split()[1:], names, figures(theirs[3]), strict=True)
        if all(near(title, one, found[name]) for title, name, one in rows):
            return
    pytest.fail(f"{theirs} {found}")


def sar_of_recorded(name: str, option: str) -> list[str]:
    """Let sar(1) read a recorded meminfo: mounted over /proc/meminfo where nobody else sees it."""
    script = 'mount --bind "$1" /proc/meminfo && exec sar "$2" 1 1'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", str(FOLDER / name), option]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=_ENVIRONMENT)
    return ended.stdout.splitlines()


@pytest.mark.root("mounts a recorded meminfo in a mount namespace of its own")
@pytest.mark.oracle
@pytest.mark.parametrize("name", ALL)
def test_recorded_texts_give_what_sar_gives(name: str) -> None:
    formula = LiveSystem().sar_formula
    row = memory_row(recorded(name), formula)
    theirs = sar_of_recorded(name, "-r")[4]
    if name in WITH_AVAILABLE:
        assert row_text(row) == theirs
        return
    # sar prints 0 for the MemAvailable that this kernel doesn't have; we print a dash.
    unknown = {1} if formula is UsedFormula.CACHES else {1, 2, 3}
    cells = list(zip(row_text(row).split()[1:], theirs.split()[1:], strict=True))
    assert all(mine == "-" if index in unknown else mine == other for index, (mine, other) in enumerate(cells))


@pytest.mark.root("mounts a recorded meminfo in a mount namespace of its own")
@pytest.mark.oracle
def test_recorded_swap_gives_what_sar_gives() -> None:
    assert (
        row_text(swap_row(recorded("linux-6.x-small-swapping")))
        == (sar_of_recorded("linux-6.x-small-swapping", "-S")[4])
    )


VMSTAT = {
    "pgpgin": 300, "pgpgout": 600, "pgfree": 9000, "pgfault": 3000, "pgmajfault": 30, "pgscan_kswapd": 1500,
    "pgscan_direct": 600, "pgsteal_kswapd": 1200, "pgsteal_direct": 300, "pgsteal_khugepaged": 0,
}  # fmt: skip
BOTH_WHILE_VMSTAT_CHANGES = """
mount --bind vmstat /proc/vmstat
sar -B 1 3 > theirs & "$@" 1 3 -B > mine &
sleep 1.5; cat after > vmstat; wait
"""


@pytest.mark.root("mounts a vmstat of its own in a mount namespace")
@pytest.mark.oracle
def test_paging_is_sars_on_counters_that_move_while_both_look(tmp_path: Path) -> None:
    (tmp_path / "vmstat").write_text("".join(f"{name} 0\n" for name in VMSTAT))
    (tmp_path / "after").write_text("".join(f"{name} {count}\n" for name, count in VMSTAT.items()))
    command = ["unshare", "--mount", "sh", "-c", BOTH_WHILE_VMSTAT_CHANGES, "sh", *OURS]
    subprocess.run(command, check=True, cwd=tmp_path, env=_ENVIRONMENT | {"PYTHONPATH": str(Path.cwd())})
    theirs, mine = ((tmp_path / name).read_text().splitlines() for name in ("theirs", "mine"))
    assert mine[2][11:] == theirs[2][11:]
    assert len(mine) == len(theirs) == 7
    # Of the averages, for the change falls into one second of each; a third of it each second.
    assert figures(mine[6]) == pytest.approx(figures(theirs[6]), rel=0.02)
    assert figures(mine[6])[:5] == pytest.approx([100, 200, 1000, 10, 3000], rel=0.02)


@pytest.mark.oracle
def test_the_version_is_the_installed_sars() -> None:
    answer = subprocess.run(["sar", "-V"], capture_output=True, text=True, check=True)
    version = sar_version()
    assert version is not None
    assert ".".join(map(str, version)) in answer.stdout + answer.stderr
    assert sar_version("no-such-program") is None
    assert sar_version("false") is None


def test_the_average_is_the_mean_of_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sar", "0.1", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows, average = [figures(line) for line in lines[3:6]], figures(lines[6])
    for column, mean in enumerate(average):
        assert mean == pytest.approx(sum(row[column] for row in rows) / 3, abs=0.6)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", lines[2].split()[0])
    assert read_host().kernel in lines[0]
    assert "kbmemused = " in lines[0]


def test_interrupted_it_still_prints_the_averages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = LiveSystem.sample

    def third_look_is_interrupted(source: LiveSystem, request: object) -> object:
        seen.append(request)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return looks(source, request)  # type: ignore[arg-type] # passed on as it came

    seen: list[object] = []
    monkeypatch.setattr(LiveSystem, "sample", third_look_is_interrupted)
    assert main(["sar", "0.1", "-B"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Average:")


def test_header_and_row_have_one_width() -> None:
    row = memory_row(recorded("linux-4.x-no-swap"), UsedFormula.CACHES)
    assert len(header_text(type(row), "12:00:00")) == len(row_text(row, "12:00:01")) == 121
