"""`mmexplorer record` and what reads its files, as a person calls them."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mmexplorer.kernel.capture.history import history
from mmexplorer.kernel.capture.sources import Capture, open_file
from tests.support.thorough import times

_LEAK = "import time\nkept = []\nwhile True: kept.append(b'x' * 100_000); time.sleep(0.02)"


def _run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mmexplorer", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def _json(*arguments: str, folder: Path) -> Any:
    done = _run(arguments[0], "--json", *arguments[1:], folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("recorded")
    with subprocess.Popen([sys.executable, "-c", _LEAK]) as leaking:
        try:
            told = _json("record", str(leaking.pid), "-o", "x.mmx", "--every", "100ms", "--for", "3s", folder=folder)
        finally:
            leaking.kill()
    return folder, told


def test_the_summary_is_that_of_the_file(recorded: tuple[Path, Any]) -> None:
    folder, told = recorded
    assert told.keys() == {"schema", "file", "moments", "size", "seconds", "cost"}
    assert told["schema"] == "mmexplorer/record/1"
    assert told["size"] == (folder / "x.mmx").stat().st_size
    assert (folder / "x.mmx").stat().st_mode & 0o777 == 0o600
    assert 15 <= told["moments"] <= 31
    assert 2.9 <= told["seconds"] <= 6
    assert 0 < told["cost"] < 0.2
    with zipfile.ZipFile(folder / "x.mmx") as container:
        assert container.testzip() is None
        names = container.namelist()
    assert sum(name.endswith("/moment.json") for name in names) == told["moments"]


def _counted(folder: Path) -> tuple[str, str]:
    """Give the first and last moment whose counters are of the moment: the budget doesn't always allow them."""
    capture = open_file(str(folder / "x.mmx"))
    assert isinstance(capture, Capture)
    pid = capture.at(0).procfs.numbers()[0]
    counted = [str(seen.moment) for seen in history(capture, pid, elf=False) if seen.fresh]
    return counted[0], counted[-1]


def test_a_capture_answers_as_a_process_does(recorded: tuple[Path, Any]) -> None:
    folder, told = recorded
    (process,) = _json("ps", "x.mmx", folder=folder)["processes"]
    first, last = (_json("maps", "x.mmx", "--at", moment, folder=folder) for moment in _counted(folder))
    assert first["source"] == last["source"] == "capture"
    assert first["pid"] == process["pid"]
    assert 1 < last["taken_at"] - first["taken_at"] < told["seconds"]
    assert last["totals"]["rss"] > first["totals"]["rss"] + 5_000_000
    images = _json("elf", "-p", "x.mmx", folder=folder)["images"]
    assert any(image["path"].endswith("libc.so.6") and image["sections"] for image in images)


def test_the_leak_is_found(recorded: tuple[Path, Any]) -> None:
    folder, _ = recorded
    rows = _json("grow", "x.mmx", folder=folder)["rows"]
    assert rows[0].keys() == {"what", "start", "end", "bytes_per_minute", "samples", "r_squared"}
    assert rows[0]["r_squared"] > 0.9
    assert rows[0]["bytes_per_minute"] > 60_000_000
    first = f"x.mmx@{_counted(folder)[0]}"
    told = _json("diff", first, "x.mmx", folder=folder)
    assert told["rows"][0]["change"]["rss"] > 5_000_000
    assert _json("diff", str(folder / first), "x.mmx", folder=folder)["rows"] == told["rows"]
    limited = _run("diff", first, "x.mmx", "--fail-if", "rss>+5%", folder=folder)
    assert limited.returncode == 1
    assert "most of it in" in limited.stderr
    assert _run("diff", first, "x.mmx", "--fail-if", "rss>+1G", folder=folder).returncode == 0


def test_a_command_is_recorded_until_it_ends(tmp_path: Path) -> None:
    told = _json("record", "-o", "x.mmx", "--every", "100ms", "--", sys.executable, "-c", "pass", folder=tmp_path)
    assert told["moments"] >= 2
    assert told["seconds"] < 20
    assert _run("record", "-o", "y.mmx", "--", "/no/such/program", folder=tmp_path).returncode == 1
    assert not (tmp_path / "y.mmx").exists()


def test_wrong_usage_is_2_and_a_file_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "x.mmx").write_bytes(b"precious")
    refused = _run("record", str(os.getpid()), "-o", "x.mmx", "--for", "1s", folder=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "mmexplorer: x.mmx: it is there already; --force writes over it\n"
    assert (tmp_path / "x.mmx").read_bytes() == b"precious"
    for wrong in (
        ("record",),
        ("record", "1", "--all"),
        ("record", "1", "--every", "0"),
        ("record", "1", "--for", "x"),
    ):
        assert _run(*wrong, folder=tmp_path).returncode == 2
    assert _run("maps", str(os.getpid()), "--at", "0", folder=tmp_path).returncode == 2


def test_a_full_disk_is_said_and_what_was_written_opens(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        " resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000));"
        " from mmexplorer.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    arguments = ("record", str(os.getpid()), "-o", "x.mmx", "--every", "50ms", "--for", "20s")
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "file too large; what was written can be opened" in done.stderr
    assert isinstance(open_file(str(tmp_path / "x.mmx")), Capture)


@pytest.mark.slow
def test_a_recorder_that_is_killed_at_any_moment_leaves_a_file_that_opens(tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311
    with subprocess.Popen([sys.executable, "-c", _LEAK]) as leaking:
        try:
            for number in range(times(50)):
                path = tmp_path / f"{number}.mmx"
                arguments = ["record", str(leaking.pid), "-o", str(path), "--every", "50ms"]
                with subprocess.Popen([sys.executable, "-m", "mmexplorer", *arguments]) as recorder:
                    while not (path.exists() and path.stat().st_size > 20_000):
                        assert recorder.poll() is None
                        time.sleep(0.01)
                    time.sleep(chance.uniform(0, 0.3))
                    recorder.send_signal(signal.SIGKILL)
                capture = open_file(str(path))
                assert isinstance(capture, Capture), capture
                assert capture.at(len(capture.moments) - 1).procfs.numbers() == (leaking.pid,)
        finally:
            leaking.kill()


def test_an_interrupt_ends_it_whole(tmp_path: Path) -> None:
    arguments = ["record", str(os.getpid()), "-o", "x.mmx", "--every", "50ms"]
    with subprocess.Popen([sys.executable, "-m", "mmexplorer", *arguments], cwd=tmp_path) as recorder:
        while not ((tmp_path / "x.mmx").exists() and (tmp_path / "x.mmx").stat().st_size > 20_000):
            assert recorder.poll() is None
            time.sleep(0.01)
        recorder.send_signal(signal.SIGINT)
        assert recorder.wait() == 0
    assert zipfile.ZipFile(tmp_path / "x.mmx").testzip() is None
