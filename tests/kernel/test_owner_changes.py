"""What a process changes about itself without execve(2): it is seen, and one that sleeps isn't asked for it."""

import os
from pathlib import Path

import psutil
import pytest

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.record.recording import ProcessRecording
from mmexplorer.kernel.capture.remembering_source import RememberingSource
from mmexplorer.kernel.process import table as module
from mmexplorer.kernel.process.idleness import Idleness
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from tests.support.fakes.files import stat
from tests.support.specimens.children import code, ready_line, say, until

NOBODY = 65534
PF_KTHREAD = 0x00200000
"""In the flags of stat (include/linux/sched.h)."""
_WRITES_ITS_TITLE = """
import ctypes, sys
print(flush=True)
sys.stdin.readline()
fields = open("/proc/self/stat").read().rpartition(")")[2].split()
start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end
ctypes.memmove(start, b"busy: query".ljust(end - start, b"\\0"), end - start)
print(flush=True)
sys.stdin.readline()
"""
_BECOMES_NOBODY = f"""
import os, sys
print(flush=True)
sys.stdin.readline()
os.setuid({NOBODY})
print(flush=True)
sys.stdin.readline()
"""


class Asked(LiveProcfs):
    """A folder like /proc, with a list of whose owner was asked for."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.asked: list[int] = []

    def user(self, pid: int) -> str | Unavailable:
        self.asked.append(pid)
        return super().user(pid)

    def taken(self) -> list[int]:
        asked, self.asked = self.asked, []
        return asked


def owned(root: Path, pid: int, uid: int, *, ran: int, command: bytes = b"sleep\0") -> None:
    """Write the files of a process."""
    folder = root / str(pid)
    folder.mkdir(exist_ok=True)
    texts = {"stat": stat(pid), "statm": b"9 1 1 1 0 1 0\n", "cmdline": command}
    texts["status"] = f"Name:\tx\nUid:\t{uid}\t0\t0\t0\n".encode()
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    has_run(folder, pid, f"{ran} 0 1\n")


def has_run(process: Path, tid: int, schedstat: str) -> None:
    """Write the schedstat of a thread."""
    thread = process / "task" / str(tid)
    thread.mkdir(parents=True, exist_ok=True)
    (thread / "schedstat").write_text(schedstat)


def only(table: ProcessTable, pid: int) -> Process:
    return next(sample.process for key, sample in table.read().items() if key.pid == pid)


def test_a_process_that_has_run_is_asked_again_and_one_that_sleeps_is_not(tmp_path: Path) -> None:
    for pid in (1, 2):
        owned(tmp_path, pid, 123456, ran=5)
    procfs = Asked(tmp_path)
    table = ProcessTable(procfs)
    first = table.read()
    assert procfs.taken() == [1, 2]
    assert table.read() is first
    assert sorted(procfs.taken()) == [1, 2], "when they ran last isn't known yet"
    assert table.read() is first
    assert procfs.taken() == []
    owned(tmp_path, 2, 234567, ran=6)
    after = only(table, 2)
    assert (after.user, after.command) == ("234567", ("sleep",))
    assert procfs.taken() == [2]
    owned(tmp_path, 2, 234567, ran=7, command=b"sleep: idle\0")
    assert only(table, 2).command == ("sleep: idle",)
    assert only(table, 1) is first[ProcessKey(1, 7)].process


def test_a_process_of_which_any_thread_has_run_is_asked_again(tmp_path: Path) -> None:
    owned(tmp_path, 1, 123456, ran=5)
    has_run(tmp_path / "1", 11, "5 0 1\n")
    procfs = Asked(tmp_path)
    table = ProcessTable(procfs)
    assert _asked_in(3, table, procfs) == [1, 1], "when it ran last is known from the second on"
    has_run(tmp_path / "1", 11, "6 0 2\n")
    assert _asked_in(1, table, procfs) == [1]


def test_where_the_kernel_does_not_count_runs_each_is_asked_in_its_turn(tmp_path: Path) -> None:
    owned(tmp_path, 1, 123456, ran=5)
    has_run(tmp_path / "1", 1, "0 0 0\n")
    procfs = Asked(tmp_path)
    assert _asked_in(4, ProcessTable(procfs), procfs) == [1] * 4
    assert Idleness(procfs).since(1) is None


def _asked_in(looks: int, table: ProcessTable, procfs: Asked) -> list[int]:
    """Return whose owner was asked for in so many looks."""
    for _ in range(looks):
        table.read()
    return procfs.taken()


def test_all_have_their_turn_a_few_at_a_time(tmp_path: Path) -> None:
    pids = range(1, 2 * module._TURN + 4)
    for pid in pids:
        owned(tmp_path, pid, 123456, ran=5)
    procfs = Asked(tmp_path)
    table = ProcessTable(procfs)
    table.read()
    procfs.taken()
    turns = []
    for _ in range(3):
        table.read()
        turns.append(procfs.taken())
    assert [len(turn) for turn in turns] == [module._TURN, module._TURN, 3]
    assert {pid for turn in turns for pid in turn} == set(pids)


def test_a_kernel_thread_is_asked_once(tmp_path: Path) -> None:
    for pid in (1, 2):
        owned(tmp_path, pid, 123456, ran=5)
    (tmp_path / "2" / "stat").write_bytes(stat(2, flags=PF_KTHREAD))
    procfs = Asked(tmp_path)
    table = ProcessTable(procfs)
    table.read()
    assert procfs.taken() == [1, 2]
    table.read()
    assert procfs.taken() == [1]


def test_what_was_known_of_a_process_that_exits_stays(tmp_path: Path) -> None:
    owned(tmp_path, 1, 123456, ran=5)
    table = ProcessTable(LiveProcfs(str(tmp_path)))
    before = only(table, 1)
    owned(tmp_path, 1, 123456, ran=6, command=b"")
    assert only(table, 1) is before
    for name in ("status", "task/1/schedstat", "cmdline"):
        (tmp_path / "1" / name).unlink()
    assert only(table, 1) is before


def test_a_title_written_over_the_arguments_is_seen() -> None:
    table = ProcessTable(LiveProcfs())
    with code(_WRITES_ITS_TITLE) as process:
        before = only(table, process.pid)
        assert before.command == tuple(psutil.Process(process.pid).cmdline())
        say(process, "change")
        ready_line(process)
        until(lambda: only(table, process.pid).command != before.command)
        assert only(table, process.pid).command == ("busy: query",)


@pytest.mark.root
def test_another_user_is_seen_and_is_in_a_recording() -> None:
    assert os.geteuid() == 0, "only root can become another user"
    source = RememberingSource(LiveProcfs())
    with code(_BECOMES_NOBODY) as process:
        key = next(each.key for each in source.sample(Request()).processes if each.pid == process.pid)
        recording = ProcessRecording(LiveProcfs(), key)
        users = [recording.take().recorded.moment.answers[f"user/{process.pid}"]]
        say(process, "change")
        ready_line(process)
        users.append(recording.take().recorded.moment.answers[f"user/{process.pid}"])
        assert users[1] == psutil.Process(process.pid).username() != users[0]
        until(lambda: _user(source.sample(Request()), key) == users[1])
    past = MomentSource(Capture(source.recent, None))
    last = len(past) - 1
    stepped = [_moment(past, index, key) for index in range(last + 1)]
    assert stepped == users[:1] * stepped.count(users[0]) + users[1:] * stepped.count(users[1])
    assert [_moment(past, index, key) for index in (last, 0, last, 0)] == [*reversed(users)] * 2


def _moment(past: MomentSource, index: int, key: ProcessKey) -> object:
    past.show(index)
    return _user(past.sample(Request()), key)


def _user(snapshot: Snapshot, key: ProcessKey) -> object:
    return next(each.user for each in snapshot.processes if each.key == key)
