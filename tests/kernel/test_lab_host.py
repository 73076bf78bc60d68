"""The lab process: the kernel shows what it does, it is limited, and nothing of it is left."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.kernel.interpreter import interpreter
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.labs.lab import Limits
from mmexplorer.labs.operations import madvise, mmap, no_huge_pages, ready, touch
from mmexplorer.labs.protocol import Operation
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.status import parse_status
from tests.support.patience import PATIENCE
from tests.support.specimens.children import lives, thread_state, until

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
HANG = Operation("hang", {})
_PATIENCE_MS = int(PATIENCE * 1000)


def read(pid: int | None, name: str) -> bytes:
    data = LiveProcfs().read(f"{pid}/{name}")
    assert isinstance(data, bytes), data
    return data


@contextlib.contextmanager
def watched(pid: int | None) -> Iterator[int]:
    """Open a pidfd, which becomes readable when the process ends: pidfd_open(2)."""
    assert pid is not None
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def ends(pidfd: int) -> bool:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(_PATIENCE_MS))


def test_map_touch_and_unmap_are_what_the_kernel_shows(lab: LabChild) -> None:
    assert lab.ask(ready()).ok
    before = parse_maps(read(lab.pid, "maps")).regions
    mapped = lab.map(100 * MIB)
    assert mapped.call == (
        f"mmap(NULL, 104857600, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = {mapped.start:#x}"
    )
    assert mapped.end - mapped.start == 100 * MIB
    after = parse_maps(read(lab.pid, "maps")).regions
    assert sum(r.size for r in after) - sum(r.size for r in before) == 100 * MIB
    assert any(r.start <= mapped.start and mapped.end <= r.end and r.perms == "rw-p" for r in after)
    assert mapped.figures["VmSize"] == 100 * MIB
    assert mapped.figures["VmRSS"] < MIB

    touched = lab.touch(10 * MIB)
    assert (touched.ok, touched.start, touched.end) == (True, mapped.start, mapped.start + 10 * MIB)
    assert 10 * MIB <= touched.figures["VmRSS"] < 11 * MIB
    assert lab.touch(95 * MIB).end == mapped.end, "the rest, though more was asked for"
    assert lab.touch(1).error == "every page of the newest mapping has already been touched"

    assert lab.mapped == 1
    assert lab.unmap().call == f"munmap({mapped.start:#x}, 104857600) = 0"
    assert lab.mapped == 0
    assert parse_maps(read(lab.pid, "maps")).regions == before
    assert lab.unmap().error == "nothing is mapped"


def test_the_map_is_short_and_the_process_has_a_name(lab: LabChild) -> None:
    lab.ask(ready())
    assert len(parse_maps(read(lab.pid, "maps")).regions) <= 60
    assert read(lab.pid, "comm") == b"mmlab\n"


def test_it_is_bounded_before_its_first_step() -> None:
    lab = LabChild(Limits(address_space=512 * MIB, touched=64 * MIB, cpu_seconds=30))
    lab.start()
    try:
        limits = read(lab.pid, "limits").decode()
        rows = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()}
        assert rows["Max address space"] == [str(512 * MIB)] * 2
        assert rows["Max cpu time"] == ["30", "30"]
        assert rows["Max core file size"] == ["0", "0"]
        lab.ask(ready())
        assert read(lab.pid, "oom_score_adj") == b"1000\n"
        assert lab.map(128 * MIB).ok
        refused = lab.touch(128 * MIB)
        assert not refused.ok
        assert refused.error.startswith("the lab process may touch 64M in all")
        assert parse_status(read(lab.pid, "status")).size("RssAnon") < 32 * MIB  # type: ignore[operator]  # a user process has the line
    finally:
        lab.close()


def test_a_refused_mmap_says_the_errno_in_words_and_the_limit() -> None:
    lab = LabChild(Limits(address_space=64 * MIB))
    lab.start()
    try:
        refused = lab.map(100 * MIB)
        assert refused.call.endswith("= -1 ENOMEM (Cannot allocate memory)")
        assert refused.error == "ENOMEM: cannot allocate memory; RLIMIT_AS allows 64M"
        assert lab.map(MIB).ok, "it lives on"
    finally:
        lab.close()


def test_another_refusal_is_not_blamed_on_the_limit(lab: LabChild) -> None:
    assert lab.map(0).error == "EINVAL: invalid argument"
    lab.ask(mmap("page", 4096))
    assert lab.ask(madvise("page", "MADV_FREE", offset=1)).error == "EINVAL: invalid argument"


def test_a_child_that_hangs_is_ended_after_its_time_out(lab: LabChild) -> None:
    lab.ask(ready())
    with watched(lab.pid) as pidfd:
        reply = lab.ask(HANG, timeout=0.05)
        assert reply.error == "the lab process didn't answer in time and was ended"
        assert ends(pidfd)
    assert lab.pid is None
    assert lab.ask(ready()).error == "the lab process didn't answer in time and was ended", "the reason is kept"
    lab.start()
    assert lab.ask(ready()).ok, "it can be started again"


def test_a_child_killed_from_outside_is_a_sentence(lab: LabChild) -> None:
    assert lab.map(MIB).ok
    with watched(lab.pid) as pidfd:
        os.kill(lab.pid or 0, 15)
        assert ends(pidfd)
    assert lab.touch(MIB).error == "the lab process was ended by SIGTERM"
    assert (lab.pid, lab.mapped) == (None, 0)


@pytest.mark.parametrize(
    ("number", "name"),
    [(signal.SIGRTMIN, "SIGRTMIN"), (signal.SIGRTMIN + 6, "SIGRTMIN+6"), (signal.SIGRTMAX, "SIGRTMAX")],
)
def test_a_real_time_signal_has_a_name_too(lab: LabChild, number: int, name: str) -> None:
    lab.ask(ready())
    with watched(lab.pid) as pidfd:
        os.kill(lab.pid or 0, number)
        assert ends(pidfd)
    assert lab.ask(ready()).error == f"the lab process was ended by {name}"


def test_a_stopped_child_is_told_and_ended(lab: LabChild) -> None:
    lab.ask(ready())
    with watched(lab.pid) as pidfd:
        os.kill(lab.pid or 0, signal.SIGSTOP)
        until(lambda: thread_state(Path(f"/proc/{lab.pid}")) == "T")
        assert lab.ask(ready(), timeout=0.2).error == "the lab process was stopped by another process and was ended"
        assert ends(pidfd)


@pytest.mark.parametrize("answer", ["what?", "[]", "{}", '{"errno": 0}', "9" * 5000, "[" * 100_000])
def test_another_program_in_the_place_of_the_child_is_ended(answer: str, tmp_path: Path) -> None:
    script = tmp_path / "other"
    script.write_text(f"#!/bin/sh\necho '{answer}'\nexec sleep 60\n")
    script.chmod(0o700)
    lab = LabChild()
    lab.prefix = (str(script),)
    lab.start()
    try:
        found = lab.ask(ready())
        assert found.error == "the lab process gave an answer that isn't the lab process's, and was ended"
        assert lab.pid is None
    finally:
        lab.close()


def test_close_interrupts_a_request_and_leaves_nothing(lab: LabChild) -> None:
    lab.ask(ready())
    replies = []
    asking = threading.Thread(target=lambda: replies.append(lab.ask(HANG)))
    with watched(lab.pid) as pidfd:
        asking.start()
        lab.close()
        assert ends(pidfd)
        asking.join(PATIENCE)
    assert not replies[0].ok
    assert lab.pid is None
    assert lab.map(1).error == "the lab process isn't running"
    lab.close()


def test_a_child_outlives_the_thread_that_asked_for_it() -> None:
    lab = LabChild()
    starting = threading.Thread(target=lab.start)
    starting.start()
    starting.join()
    try:
        assert lab.ask(ready()).ok
    finally:
        lab.close()


def test_siblings_do_not_keep_each_others_pipes_open(lab: LabChild) -> None:
    lab.ask(ready())
    other = LabChild()
    other.start()
    try:
        assert other.ask(ready()).ok
        ours = {entry.readlink() for entry in Path(f"/proc/{lab.pid}/fd").iterdir()}
        theirs = {entry.readlink() for entry in Path(f"/proc/{other.pid}/fd").iterdir()}
        assert not ours & theirs
    finally:
        other.close()


_PARENT = """
import sys
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.labs.operations import ready
from mmexplorer.labs.protocol import Operation
lab = LabChild()
lab.start()
lab.ask(ready())
print(lab.pid, flush=True)
{then}
"""


@pytest.mark.parametrize(
    "then", ["sys.stdin.read()", 'lab.ask(Operation("hang", {}), 1000)'], ids=["idle", "in an operation"]
)
def test_nothing_is_left_when_the_parent_dies_of_sigkill(then: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT.format(then=then)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        with watched(int(parent.stdout.readline())) as pidfd:
            parent.kill()
            assert ends(pidfd)


def test_a_parent_that_just_exits_leaves_nothing_either() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PARENT.format(then="")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    pid = int(done.stdout)
    until(lambda: not lives(pid) or LiveProcfs().read(f"{pid}/comm") != b"mmlab\n")  # another may have the number


def test_a_lab_child_without_its_parent_ends_at_once() -> None:
    command = interpreter("mmexplorer.kernel.lab.child", "1", "0")
    done = subprocess.run(command, input=b"", check=False, timeout=PATIENCE)
    assert done.returncode == 0


def test_an_interpreter_that_cannot_be_started_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    lab = LabChild()
    lab.start()
    assert lab.map(1).error == "the lab process couldn't be started: ENOENT: no such file or directory"


def test_faults_are_counted_for_the_touches_alone(lab: LabChild) -> None:
    lab.ask(mmap("memory", MIB))
    lab.ask(no_huge_pages("memory"))
    first = lab.ask(touch("memory", MIB))
    again = lab.ask(touch("memory", MIB))
    assert 256 <= first.figures["touch_min_flt"] <= 264
    assert again.figures["touch_min_flt"] <= 8
