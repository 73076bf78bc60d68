"""`mmexplorer sar` compared with sar(1)."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.kernel.system.sysstat import read_host, sar_version
from mmexplorer.model.system.sar import UsedFormula, memory_row, swap_row
from mmexplorer.present.system.sar import header_text, row_text
from tests.support.specimens.meminfo import ALL, FOLDER, WITH_AVAILABLE, recorded

_ENVIRONMENT = os.environ | {"S_COLORS": "never", "LC_ALL": "C"}
OURS = [sys.executable, "-m", "mmexplorer", "sar"]


_BOTH = """
mount --bind meminfo /proc/meminfo
sar "$1" 1 1 > theirs & option=$1; shift; "$@" 1 1 $option > mine; "$@" 1 1 $option --json > json; wait
"""


@pytest.fixture(scope="module", params=["-r", "-S"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str], str]:
    """Return the output of sar and ours, as text and JSON, for a copy of this machine's meminfo."""
    folder = tmp_path_factory.mktemp("still")
    (folder / "meminfo").write_bytes(Path("/proc/meminfo").read_bytes())
    days: set[date] = set()
    while len(days) != 1:  # their headers have the date
        days = {datetime.now().astimezone().date()}
        run_mounted(folder, _BOTH, request.param, *OURS)
        days.add(datetime.now().astimezone().date())
    theirs, mine = ((folder / name).read_text().splitlines() for name in ("theirs", "mine"))
    return theirs, mine, (folder / "json").read_text()


def run_mounted(folder: Path, script: str, *arguments: str) -> None:
    """Run a shell script in `folder` and in its own mount namespace."""
    command = ["unshare", "--mount", "sh", "-c", script, "sh", *arguments]
    subprocess.run(command, check=True, cwd=folder, env=_ENVIRONMENT | {"PYTHONPATH": str(Path.cwd())})


def figures(line: str) -> list[float]:
    return [float(text) for text in line.split()[1:]]


@pytest.mark.root("mounts a recorded meminfo in a mount namespace of its own")
@pytest.mark.oracle
def test_layout_and_figures_are_sars(both: tuple[list[str], list[str], str]) -> None:
    theirs, mine, _ = both
    assert mine[0].startswith(theirs[0])
    assert [line[11:] for line in mine[1:]] == [line[11:] for line in theirs[1:]]
    assert mine[4].startswith("Average:")


_JSON_NAMES = {
    "kbmemfree": ("kbmemfree", "kbavail", "kbmemused", "memused_percent", "kbbuffers", "kbcached", "kbcommit",
                  "commit_percent", "kbactive", "kbinact", "kbdirty"),
    "kbswpfree": ("kbswpfree", "kbswpused", "swpused_percent", "kbswpcad", "swpcad_percent"),
}  # fmt: skip


@pytest.mark.root("mounts a recorded meminfo in a mount namespace of its own")
@pytest.mark.oracle
def test_json_has_sars_fields_one_document_a_line(both: tuple[list[str], list[str], str]) -> None:
    theirs, _, text = both
    found = json.loads(text)
    names = _JSON_NAMES[theirs[2].split()[1]]
    assert found["schema"] == "mmexplorer/sar/1"
    assert found.keys() - {"kbmemused_formula"} == {"schema", "timestamp", *names}
    assert [found[name] for name in names] == pytest.approx(figures(theirs[3]), abs=0.005)


def sar_of_recorded(name: str, option: str) -> list[str]:
    """Run sar(1) on a recorded meminfo, mounted over /proc/meminfo in a private namespace."""
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
_WITH_VMSTAT = 'mount --bind vmstat /proc/vmstat && exec "$@"'


@contextmanager
def paging(folder: Path, *command: str) -> "Iterator[subprocess.Popen[str]]":
    """Run a program that prints paging endlessly; it has printed its first row."""
    with subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", _WITH_VMSTAT, "sh", *command],
        cwd=folder, env=_ENVIRONMENT | {"PYTHONPATH": str(Path.cwd())}, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as program:  # fmt: skip
        try:
            next_row(program)
            yield program
        finally:
            os.killpg(program.pid, signal.SIGKILL)


def next_row(program: "subprocess.Popen[str]") -> list[float]:
    """Read up to the next row, and return its figures."""
    assert program.stdout is not None
    while not re.match(r"[\d:]+ +\d", line := program.stdout.readline()):
        assert line, "it has ended"
    return figures(line)


@pytest.mark.root("mounts a vmstat of its own in a mount namespace")
@pytest.mark.oracle
def test_paging_is_sars_on_counters_that_move_while_both_look(tmp_path: Path) -> None:
    before, after = (
        "".join(f"{name} {count * moved:010}\n" for name, count in VMSTAT.items()).encode() for moved in (0, 1)
    )
    (tmp_path / "vmstat").write_bytes(before)
    with (
        paging(tmp_path, "stdbuf", "-oL", "sar", "-B", "1") as theirs,
        paging(tmp_path, *OURS, "1", "-B") as mine,
    ):
        with (tmp_path / "vmstat").open("r+b", buffering=0) as vmstat:
            vmstat.write(after)  # in place: it never gets shorter
        sars, ours = (next(row for row in iter(partial(next_row, each), None) if any(row)) for each in (theirs, mine))
    # The length of that row's second depends on the machine: compare rates with the first one, and percentages
    # directly.
    for row in (sars, ours):
        assert [each / row[0] for each in row[:5]] == pytest.approx([1, 2, 10, 0.1, 30], rel=0.02)
    assert [each / ours[0] for each in ours[:8]] == pytest.approx([each / sars[0] for each in sars[:8]], rel=0.02)
    assert ours[8:] == pytest.approx(sars[8:], rel=0.02)


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
