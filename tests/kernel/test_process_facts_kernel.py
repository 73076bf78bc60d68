"""The facts about real processes, compared with /proc and system calls."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mmexplorer.kernel.process.facts import process_facts
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.process.facts import ProcessFacts
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.process.stat import Stat, parse_stat
from tests.support.patience import PATIENCE
from tests.support.specimens.children import at_rest

pytestmark = pytest.mark.smoke
PROCFS = LiveProcfs()


def key_of(pid: int) -> ProcessKey:
    stat = PROCFS.parsed(f"{pid}/stat", parse_stat)
    assert isinstance(stat, Stat)
    return ProcessKey(pid, stat.start_time)


def facts_of(pid: int) -> ProcessFacts:
    found = process_facts(PROCFS, key_of(pid))
    assert isinstance(found, ProcessFacts)
    return found


def test_of_a_child_they_are_what_the_kernel_says(tmp_path: Path) -> None:
    began = time.time()
    with subprocess.Popen(
        ["nice", "-n", "7", sys.executable, "-c", "print(flush=True); input()"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        at_rest(child.pid)
        facts = facts_of(child.pid)
        assert facts.folder == str(tmp_path)
        assert facts.nice == os.getpriority(os.PRIO_PROCESS, child.pid)
        assert facts.terminal is None
        assert facts.processors == len(os.sched_getaffinity(child.pid))
        assert facts.descriptors == len(list(Path(f"/proc/{child.pid}/fd").iterdir()))
        assert facts.parent is not None
        assert not isinstance(facts.parent, Unavailable)
        assert facts.parent.pid == os.getpid()
        assert isinstance(facts.started_at, float)
        assert began - 2 < facts.started_at < time.time() + 2
        io = dict(each.split(": ") for each in Path(f"/proc/{child.pid}/io").read_text().splitlines())
        assert not isinstance(facts.io, Unavailable)
        assert (facts.io.read_bytes, facts.io.written_bytes) == (int(io["read_bytes"]), int(io["write_bytes"]))
        child.communicate(b"\n")


def test_a_number_that_another_process_has_now_is_not_it() -> None:
    other = process_facts(PROCFS, ProcessKey(os.getpid(), 1))
    assert isinstance(other, Unavailable)
    assert other.cause is Cause.GONE


def test_of_a_zombie_and_of_one_that_is_gone_the_reason_is_said() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        key = key_of(child.pid)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        zombie = process_facts(PROCFS, key)
        assert isinstance(zombie, ProcessFacts)
        assert isinstance(zombie.started_at, float)
        assert isinstance(zombie.folder, Unavailable)
    assert isinstance(process_facts(PROCFS, key), Unavailable)


@pytest.mark.root
def test_what_another_user_may_not_read_is_a_reason_with_a_way_out() -> None:
    assert os.geteuid() == 0, "only root can become another user"
    script = (
        "import os, sys, psutil\n"
        "from mmexplorer.kernel.process.facts import process_facts\n"
        "from mmexplorer.kernel.procfs import LiveProcfs\n"
        "from mmexplorer.model.process.process import ProcessKey\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "facts = process_facts(LiveProcfs(), ProcessKey(int(sys.argv[1]), int(sys.argv[2])))\n"
        "print(type(facts.cpu).__name__, '|', facts.io, '|', facts.descriptors, '|', facts.folder)\n"
    )
    key = key_of(os.getpid())
    done = subprocess.run(
        [sys.executable, "-c", script, str(key.pid), str(key.start_time)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    kind, *reasons = done.stdout.strip().split(" | ")
    assert kind == "CpuTimes"
    assert len(reasons) == 3
    assert all(each.startswith("permission denied") for each in reasons)
