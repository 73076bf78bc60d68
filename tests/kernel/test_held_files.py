"""The files that are kept open between refreshes: the same text as a fresh reading, never that of another process."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mmexplorer.kernel import held_files
from mmexplorer.kernel.held_files import HeldFiles
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.process.process import Process
from mmexplorer.model.unavailable import Unavailable
from tests.support.specimens.children import agree, child, code, ready_line, say, until

_GROWS = """
import sys
print(flush=True)
sys.stdin.readline(); kept = bytearray(64 << 20); print(flush=True)
sys.stdin.readline()
"""


class _Counted:
    """`os`, with a list of the files that are opened."""

    def __init__(self, opened: list[object]) -> None:
        self._opened = opened

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def open(self, path: str, flags: int) -> int:
        self._opened.append(path)
        return os.open(path, flags)


def of(table: ProcessTable, pid: int) -> Process | None:
    return next((sample.process for key, sample in table.read().items() if key.pid == pid), None)


def test_what_changes_is_seen_and_what_does_not_is_the_same_object() -> None:
    table = ProcessTable(LiveProcfs())
    with code(_GROWS) as process:
        # Its CPU time may be updated just after it falls asleep.
        until(lambda: of(table, process.pid) is of(table, process.pid))
        before = of(table, process.pid)
        assert before is not None
        assert isinstance(before.rss, int)
        say(process, "grow")
        ready_line(process)

        def rss() -> int:
            found = of(table, process.pid)
            assert found is not None
            assert isinstance(found.rss, int)
            return found.rss

        assert agree(rss, lambda: psutil.Process(process.pid).memory_info().rss) - before.rss >= 60 << 20
        after = of(table, process.pid)
        assert after is not None
        assert after.user == psutil.Process(process.pid).username()
        say(process, "end")
        process.wait()
        assert of(table, process.pid) is None


def test_a_program_that_takes_the_place_of_another_is_seen() -> None:
    table = ProcessTable(LiveProcfs())
    program = "import os; print(flush=True); os.read(0, 3); os.execvp('cat', ['cat'])"
    with child("-c", program) as process:
        ready_line(process)
        before = of(table, process.pid)
        assert before is not None
        say(process, "go")
        say(process, "hello")
        assert ready_line(process) == "hello\n"
        after = of(table, process.pid)
        assert after is not None
        assert (after.name, after.command) == ("cat", ("cat",))
        assert after.key == before.key


def links() -> list[str]:
    """Return the targets of our open descriptors."""
    # The folder itself is open while it is listed, but no longer when its link is read.
    found = [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return [link for link in found if not link.endswith("/fd")]


def held() -> int:
    """Return how many files of processes are open here."""
    return sum(link.startswith("/proc/") and link.endswith(("/stat", "/statm")) for link in links())


def test_descriptors_are_kept_for_the_living_only_and_given_back() -> None:
    table = ProcessTable(LiveProcfs())
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            table.read()
            assert held() >= 2
        finally:
            process.kill()
    table.read()
    assert not [link for link in links() if link.startswith(f"/proc/{process.pid}/")]
    before = held()
    del table
    assert held() < before


def test_no_more_are_kept_than_the_limit_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_files, "_limit", lambda: 8)
    monkeypatch.setattr(held_files, "_above_limit", lambda _: None)
    names = ["self/stat", "self/statm", "self/status"]
    files = HeldFiles("/proc")
    for _ in range(2):
        assert [len(files.read(name) or b"") > 0 for name in names] == [True] * 3
    assert list(files._descriptors) == names[:2]
    files.keep(names[:1])
    assert list(files._descriptors) == names[:1]


def test_the_share_leaves_enough_to_others() -> None:
    shares = {limit: held_files._share(limit) for limit in (8, 1024, 4096, 20_000, 1 << 20)}
    assert shares == {8: 2, 1024: 256, 4096: 1024, 20_000: 15_904, 1 << 20: 16_384}


_MORE_THAN_THE_SHARE = """
import os, resource, subprocess
from mmexplorer.kernel.held_files import HeldFiles
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 80))
ways = "self", "thread-self", f"{os.getpid()}", f"self/task/{os.getpid()}", f"{os.getpid()}/task/{os.getpid()}"
shorts = "stat", "statm", "status", "comm", "oom_score", "oom_score_adj", "limits", "cmdline"
names = [f"{way}/{short}" for way in ways for short in shorts]
files = HeldFiles("/proc")
for _ in range(3):
    texts = [files.read(name) for name in names]
    held = list(files._descriptors.values())
    print(all(texts), len(set(held)), sum(number >= 64 for number in held), any(map(os.get_inheritable, held)))
print(resource.getrlimit(resource.RLIMIT_NOFILE), subprocess.getoutput("ulimit -Sn"))
del files
print(max(map(int, os.listdir("/proc/self/fd"))) < 64)
"""


def test_what_the_share_has_no_room_for_is_kept_above_the_soft_limit_which_stays() -> None:
    said = subprocess.run([sys.executable, "-c", _MORE_THAN_THE_SHARE], check=True, capture_output=True, text=True)
    # What is read only once isn't worth the calls.
    held = ["True 16 0 False", "True 32 16 False", "True 32 16 False"]
    assert said.stdout.splitlines() == [*held, "(64, 80) 64", "True"]


def test_each_file_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(held_files, "os", _Counted(opened))
    procfs = LiveProcfs()
    texts: dict[str, bytes | Unavailable] = {"self/stat": b"", "self/statm": b"", "version": b""}
    before = procfs.read_again(texts)
    after = procfs.read_again(before)
    assert opened == ["/proc/self/stat", "/proc/self/statm", "/proc/version"]
    assert after["version"] is before["version"]
    assert before["version"] == Path("/proc/version").read_bytes()


def test_a_long_file_is_left_to_who_reads_to_the_end(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 5000)
    assert HeldFiles(str(tmp_path)).read("long") is None
    assert LiveProcfs(str(tmp_path)).read_again({"long": b""}) == {"long": b"x" * 5000}


def test_the_owner_of_each_process_is_the_one_that_psutil_names() -> None:
    procfs = LiveProcfs()
    for pid in procfs.numbers()[:200]:
        try:
            before, named, after = procfs.user(pid), psutil.Process(pid).username(), procfs.user(pid)
        except psutil.NoSuchProcess:
            continue
        # Another test may change its owner at that moment.
        assert named in (before, after) or not procfs.exists(str(pid))


def test_of_an_ordinary_folder_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("first")
    files = HeldFiles(str(tmp_path))
    assert files.read("stat") == b"first"
    (tmp_path / "stat").unlink()
    with pytest.raises(FileNotFoundError):
        files.read("stat")
