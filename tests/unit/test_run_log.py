"""The log of labs that were played."""

import json
from pathlib import Path
from typing import Any

import pytest

from mmexplorer.cli import main
from mmexplorer.commands.command_line import _parser
from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.commands.shared.run_log import logged
from mmexplorer.commands.shared.run_log_file import RunLog
from mmexplorer.labs.registry import find
from tests.support.fakes.stage import as_it_should

LAB = find("mmap")
assert LAB is not None


def read(path: Path) -> list[dict[str, Any]]:
    document = json.loads(path.read_text())
    assert document["schema"] == "mmexplorer/lab-log/1"
    runs: list[dict[str, Any]] = document["runs"]
    return runs


def test_each_step_is_written_as_soon_as_it_is_done(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    assert LAB is not None
    with logged(str(path)) as note:
        assert note is not None
        assert read(path) == []
        note(LAB, as_it_should(LAB.steps[0], 1))
        [run] = read(path)
        assert [run["name"], run["steps_of_lab"], run["predicted"], run["right"]] == ["mmap", 3, 1, 0]
        [step] = run["steps"]
        assert step["prediction"] == "by 100 MiB"
        assert step["answer"] == "hardly at all"
        assert step["right"] is False
        assert step["figures"]["vm_size_change"] == 100 << 20
        assert step["done_at"] > 1e9
        note(LAB, as_it_should(LAB.steps[1], -102400))
        note(LAB, as_it_should(LAB.steps[0], None))
    runs = read(path)
    assert [len(run["steps"]) for run in runs] == [2, 1], "the same step again is another run"
    assert runs[0]["steps"][1]["prediction"] == "-102,400 kB"
    assert runs[1]["steps"][0]["prediction"] is None
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_file_is_written_over_and_none_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "there.json"
    path.write_text("mine")
    with pytest.raises(CommandFailure) as raised:
        RunLog(str(path))
    assert "already exists" in raised.value.line
    assert path.read_text() == "mine"
    with logged(None) as note:
        assert note is None
    with pytest.raises(CommandFailure):
        RunLog(str(tmp_path / "no" / "such.json"))


def test_a_full_disk_is_told_at_the_end() -> None:
    assert LAB is not None
    log = RunLog.__new__(RunLog)
    log._runs = []
    with Path("/dev/full").open("wb") as full:
        log._file = full.fileno()
        log.note(LAB, as_it_should(LAB.steps[0], 1))
    assert "no space left" in str(log.error).lower()


def test_the_option_before_the_command_is_another() -> None:
    argv = ["--log", "mistakes", "lab", "mmap", "--log", "run"]
    arguments = _parser(argv).parse_args(argv)
    assert (arguments.log, arguments.record) == ("mistakes", "run")
    argv = ["lab", "mmap", "--run"]
    assert _parser(argv).parse_args(argv).record is None


@pytest.mark.parametrize(
    "argv", [["lab", "--list"], ["lab", "mmap", "--sheet"], ["lesson", "20", "--notes"], ["lesson", "20", "--json"]]
)
def test_without_a_play_there_is_nothing_to_record(argv: list[str], tmp_path: Path) -> None:
    assert main([*argv, "--log", str(tmp_path / "x")]) == 2
    assert not (tmp_path / "x").exists()


def test_a_lab_in_plain_text_is_recorded_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.json"
    assert main(["lab", "replacement", "--run", "--log", str(path)]) == 0
    assert "passed" in capsys.readouterr().out
    [run] = read(path)
    assert run["name"] == "replacement"
    assert len(run["steps"]) == run["steps_of_lab"]
    assert all(step["passed"] for step in run["steps"])
