"""A text in place of a process, as a user passes it, and files that aren't such a text."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.cli import main
from tests.support.specimens.children import sleeping


def _run(*arguments: str, folder: Path, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "mmexplorer", *arguments], cwd=folder, input=text, capture_output=True, check=False
    )


@pytest.fixture(scope="module")
def pid() -> Iterator[int]:
    with sleeping() as sleeper:
        yield sleeper


def test_a_quoted_text_is_the_process_it_was_taken_of(pid: int, tmp_path: Path) -> None:
    smaps = Path(f"/proc/{pid}/smaps").read_bytes()
    quoted = b"Look at this:\r\n" + b"".join(b"> " + line + b"\r\n" for line in smaps.splitlines())
    done = _run("maps", "-", "--json", folder=tmp_path, text=quoted)
    assert (done.returncode, done.stderr) == (0, b"")
    told, live = json.loads(done.stdout), json.loads(_run("maps", str(pid), "--json", folder=tmp_path).stdout)
    assert told["source"] == "text"
    assert told["taken_at"] is told["start_time"] is told["exe"] is None
    for ours, theirs in zip(told["regions"], live["regions"], strict=True):
        assert ours["path"] == theirs["path"]
        assert [ours[name] for name in ("start", "end", "perms", "dev", "inode", "vm_flags")] == [
            theirs[name] for name in ("start", "end", "perms", "dev", "inode", "vm_flags")
        ]
    resident = [1024 * int(line.split()[1]) for line in smaps.splitlines() if line.startswith(b"Rss:")]
    assert [region["rss"] for region in told["regions"]] == resident
    (tmp_path / "mail").write_bytes(quoted)
    shown = _run("maps", "mail", folder=tmp_path).stdout.decode()
    assert "lines understood; processes: 1" in shown
    assert "1: Look at this:" in shown


def test_a_file_in_proc_claims_to_be_empty_and_can_be_standard_input(pid: int, tmp_path: Path) -> None:
    maps = f"/proc/{pid}/maps"
    refused = _run("maps", maps, folder=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert b"empty" in refused.stderr
    assert b"standard input, -" in refused.stderr
    told = json.loads(_run("maps", "-", "--json", folder=tmp_path, text=Path(maps).read_bytes()).stdout)
    assert len(told["regions"]) == len(Path(maps).read_bytes().splitlines())


def test_of_several_processes_one_is_chosen(pid: int, tmp_path: Path) -> None:
    maps = Path(f"/proc/{pid}/maps").read_bytes()
    (tmp_path / "two").write_bytes(b"==> /proc/12/maps <==\n" + maps + b"==> /proc/34/maps <==\n" + maps)
    refused = _run("maps", "two", folder=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.decode().splitlines()[0] == "mmexplorer: two: 2 processes, choose one with --pid:"
    assert json.loads(_run("maps", "two", "--pid", "34", "--json", folder=tmp_path).stdout)["pid"] == 34
    processes = json.loads(_run("ps", "two", "--json", folder=tmp_path).stdout)["processes"]
    assert [(each["pid"], each["name"], each["rss"], each["ppid"]) for each in processes] == [
        (12, "sleep", None, None), (34, "sleep", None, None),
    ]  # fmt: skip
    assert _run("maps", "two", "--pid", "56", folder=tmp_path).returncode == 1
    assert _run("maps", "two", "--at", "0", folder=tmp_path).returncode == 2


_OTHERS = ("./nothing", "./folder", "./fifo", "./empty", "./noise", "./zip", "./elf", "/dev/null")


@pytest.mark.parametrize("name", _OTHERS)
def test_other_files_give_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "empty").touch()
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 100)
    (tmp_path / "zip").write_bytes(b"PK\3\4" + bytes(100))
    (tmp_path / "elf").write_bytes(Path(sys.executable).read_bytes()[:5000])
    for command in (("maps", name), ("ps", name), ("elf", "-p", name), ("diff", name, name), ("grow", name)):
        assert main(command) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1
        assert said.err.startswith(f"mmexplorer: {name}: ")
