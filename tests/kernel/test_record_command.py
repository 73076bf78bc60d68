"""`mmexplorer record` and the commands that read its files, as a user calls them."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.record.recording import ProcessRecording
from mmexplorer.kernel.capture.record.writer import CaptureWriter, create
from mmexplorer.kernel.capture.sources import open_file
from mmexplorer.kernel.procfs import LiveProcfs
from tests.support.captures import MANIFEST, clocks
from tests.support.commands import document, run
from tests.support.live import key_of
from tests.support.specimens.children import code, ready_line, say
from tests.support.thorough import times

_LEAK = "import time\nkept = []\nwhile True: kept.append(b'x' * 100_000); time.sleep(0.02)"


def _run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that handles signals in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "mmexplorer", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def _recorded(*arguments: str, folder: Path) -> Any:
    done = _run("record", "--json", *arguments, folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_the_summary_is_that_of_the_file(tmp_path: Path) -> None:
    told = _recorded(str(os.getpid()), "-o", "x.mmx", "--every", "100ms", "--for", "1s", folder=tmp_path)
    assert told.keys() == {"schema", "file", "moments", "size", "seconds", "cost"}
    assert told["schema"] == "mmexplorer/record/1"
    assert told["size"] == (tmp_path / "x.mmx").stat().st_size
    assert (tmp_path / "x.mmx").stat().st_mode & 0o777 == 0o600
    assert told["moments"] >= 1
    assert told["seconds"] >= 0.9
    assert 0 < told["cost"] <= 1
    with zipfile.ZipFile(tmp_path / "x.mmx") as container:
        assert container.testzip() is None
        names = container.namelist()
    assert sum(name.endswith("/moment.json") for name in names) == told["moments"]


def test_a_recorded_command_makes_files_as_it_would_by_itself(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mmexplorer", "record", "-o", "x.mmx", "--", "sh", "-c", "umask > told"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, umask=0o022)
    assert (tmp_path / "told").read_text() == "0022\n"


_MANY_REGIONS = """
import ctypes, mmap, sys
PAGE, PAGES = mmap.PAGESIZE, 20_000
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
start = libc.mmap(None, PAGE * PAGES, mmap.PROT_READ, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
for page in range(0, PAGES, 2):
    assert libc.mprotect(start + PAGE * page, PAGE, 0) == 0
print(flush=True)
sys.stdin.read()
"""
"""One large mapping, every second page of it without permissions: twenty thousand regions."""

_MOMENTS = 10
_STEP = 1 << 20
_STEPS = """
import sys
kept = []
print(flush=True)
for line in sys.stdin:
    kept.append(b"x" * (1 << 20)); print(flush=True)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a folder with x.mmx: a process that gets one more MiB every second, in ten moments, each with counters."""
    folder = tmp_path_factory.mktemp("recorded")
    writer = create(str(folder / "x.mmx"), MANIFEST, 1 << 30)
    assert isinstance(writer, CaptureWriter)
    with code(_STEPS) as leaking:
        recording = ProcessRecording(LiveProcfs(), key_of(leaking.pid))
        for second in range(_MOMENTS):
            taken = recording.take(counters_now=True).recorded
            assert writer.add(replace(taken, moment=replace(taken.moment, clocks=clocks(second)))) is None
            say(leaking, "more")
            ready_line(leaking)
    assert writer.close() is None
    return folder


def test_a_capture_answers_as_a_process_does(folder: Path) -> None:
    (process,) = document("ps", "x.mmx", folder=folder)["processes"]
    first, last = (document("maps", "x.mmx", "--at", moment, folder=folder) for moment in ("0", str(_MOMENTS - 1)))
    assert first["source"] == last["source"] == "capture"
    assert first["pid"] == process["pid"]
    assert last["taken_at"] - first["taken_at"] == _MOMENTS - 1
    assert (_MOMENTS - 1) * _STEP <= last["totals"]["rss"] - first["totals"]["rss"] < _MOMENTS * _STEP
    images = document("elf", "-p", "x.mmx", folder=folder)["images"]
    assert any(image["path"].endswith("libc.so.6") and image["sections"] for image in images)


def test_the_leak_is_found(folder: Path) -> None:
    rows = document("grow", "x.mmx", folder=folder)["rows"]
    assert rows[0].keys() == {"what", "start", "end", "bytes_per_minute", "samples", "r_squared"}
    assert rows[0]["r_squared"] > 0.9
    assert rows[0]["bytes_per_minute"] == pytest.approx(60 * _STEP, rel=0.1)
    told = document("diff", "x.mmx@0", "x.mmx", folder=folder)
    assert sum(row["change"]["rss"] or 0 for row in told["rows"]) >= (_MOMENTS - 1) * _STEP
    assert document("diff", str(folder / "x.mmx@0"), "x.mmx", folder=folder)["rows"] == told["rows"]
    limited = run("diff", "x.mmx@0", "x.mmx", "--fail-if", "rss>+5%", folder=folder)
    assert limited.status == 1
    assert "most of it in" in limited.err
    assert run("diff", "x.mmx@0", "x.mmx", "--fail-if", "rss>+1G", folder=folder).status == 0


def test_a_command_is_recorded_until_it_ends(tmp_path: Path) -> None:
    lasts = "until test -s x.mmx && test $(wc -c < x.mmx) -gt 9999; do sleep 0.01; done"  # a moment of it is written
    told = _recorded("-o", "x.mmx", "--every", "100ms", "--", "sh", "-c", lasts, folder=tmp_path)
    assert told["moments"] >= 2
    assert _run("record", "-o", "y.mmx", "--", "/no/such/program", folder=tmp_path).returncode == 1
    assert not (tmp_path / "y.mmx").exists()


def test_wrong_usage_is_2_and_a_file_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "x.mmx").write_bytes(b"precious")
    refused = run("record", str(os.getpid()), "-o", "x.mmx", "--for", "1s", folder=tmp_path)
    assert (refused.status, refused.out) == (1, "")
    assert refused.err == "mmexplorer: x.mmx: it is there already; --force writes over it\n"
    assert (tmp_path / "x.mmx").read_bytes() == b"precious"
    for wrong in (
        ("record",),
        ("record", "1", "--all"),
        ("record", "1", "--every", "0"),
        ("record", "1", "--for", "x"),
    ):
        assert run(*wrong, folder=tmp_path).status == 2
    assert run("maps", str(os.getpid()), "--at", "0", folder=tmp_path).status == 2


def test_a_full_disk_is_said_and_what_was_written_opens(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        " resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000));"
        " from mmexplorer.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    arguments = ("record", str(os.getpid()), "-o", "x.mmx", "--every", "50ms", "--for", "600s")
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
            for number in range(times(15)):
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


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_a_first_moment_larger_than_the_largest_size_is_said_and_no_file_told_of(
    tmp_path: Path, how: list[str]
) -> None:
    with code(_MANY_REGIONS) as large:
        done = run("record", str(large.pid), "-o", "x.mmx", "--max-size", "64K", *how, folder=tmp_path)
    assert (done.status, done.out) == (1, "")
    assert done.err == "mmexplorer: x.mmx: its first moment is larger than --max-size; nothing was written\n"
    assert not (tmp_path / "x.mmx").exists()


def test_a_device_that_keeps_nothing_is_recorded_into_as_told(tmp_path: Path) -> None:
    assert _recorded("-o", "/dev/null", "--force", "--", "true", folder=tmp_path)["moments"] >= 1


def test_an_interrupt_ends_it_whole(tmp_path: Path) -> None:
    arguments = ["record", str(os.getpid()), "-o", "x.mmx", "--every", "50ms"]
    with subprocess.Popen([sys.executable, "-m", "mmexplorer", *arguments], cwd=tmp_path) as recorder:
        while not ((tmp_path / "x.mmx").exists() and (tmp_path / "x.mmx").stat().st_size > 20_000):
            assert recorder.poll() is None
            time.sleep(0.01)
        recorder.send_signal(signal.SIGINT)
        assert recorder.wait() == 0
    assert zipfile.ZipFile(tmp_path / "x.mmx").testzip() is None
