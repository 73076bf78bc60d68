"""The OOM lab: the kernel kills, nobody else is hit, and the cgroup is removed however the lab ends."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.kernel.lab import oom_cgroup
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.lab.kills import lab_kills
from mmexplorer.kernel.lab.oom_cgroup import OomCgroup, Place, find_place, lacking_cgroup
from mmexplorer.kernel.lab.player import Session
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.kernel.system.oom import KernelLog
from mmexplorer.labs.chapter.oom import LAB
from mmexplorer.labs.lab import MIB
from mmexplorer.labs.operations import ready
from mmexplorer.model.system.oom import Kill
from mmexplorer.model.unavailable import Unavailable
from tests.support.pilots.lab_players import failures, played
from tests.support.specimens.children import code, until

ROOT = Path(__file__).parents[2]
PLACE = find_place()
INITIAL_PID_NAMESPACE = 0xEFFFFFFC
"""The inode of the machine's own, outside containers (`PROC_PID_INIT_INO`, include/linux/proc_ns.h)."""

pytestmark = [
    pytest.mark.cgroup,
    pytest.mark.root,
    pytest.mark.skipif(isinstance(PLACE, Unavailable), reason=f"needs a memory cgroup of its own: {PLACE}"),
]


def cgroups(pid: int) -> list[Path]:
    """Return the cgroups created by the lab of that mmexplorer."""
    assert isinstance(PLACE, Place)
    return list(Path(PLACE.hierarchy.mount_point, PLACE.parent).glob(f"mmexplorer-lab-{pid}-*"))


def cleaners(app: int) -> list[int]:
    """Return the cleaners of that mmexplorer, identified by the cgroup in their command lines."""
    mark = f"mmexplorer-lab-{app}-".encode()
    texts = {pid: LiveProcfs().read(f"{pid}/cmdline") for pid in LiveProcfs().numbers()}
    return [pid for pid, text in texts.items() if isinstance(text, bytes) and b"cgroup_keeper" in text and mark in text]


@contextlib.contextmanager
def playing(steps: int) -> Iterator[Session]:
    """Open a session that has done some steps."""
    session = Session(LAB)
    try:
        for _ in range(steps):
            outcome = session.perform()
            assert outcome is not None
            assert failures(outcome) == []
            session.forward()
        yield session
    finally:
        session.close()
    until(lambda: not cgroups(os.getpid()) and not cleaners(os.getpid()))
    for cleaner in oom_cgroup._lingering:
        cleaner.wait()


def test_the_kernel_log_names_the_lab_process_and_its_cgroup_and_nobody_else() -> None:
    log = KernelLog()
    before = log.kills()
    assert not isinstance(before, Unavailable), before
    counted = lab_kills()
    with playing(2) as session:
        pid, (cgroup,) = session.pid, cgroups(os.getpid())
        outcome = session.perform()
        assert outcome is not None
        assert failures(outcome) == []
    known = {kill.sequence for kill in before}
    ours: list[Kill] = []

    def is_told() -> bool:
        """Return whether the log names the cgroup: the record may be written just after the process has died."""
        after = log.kills()
        assert not isinstance(after, Unavailable)
        ours[:] = [each for each in after if each.sequence not in known and (each.cgroup or "").endswith(cgroup.name)]
        return bool(ours)

    until(is_told)
    log.close()
    [kill] = ours
    assert (kill.name, kill.in_cgroup, kill.adj) == ("mmlab", True, 1000)
    if Path("/proc/self/ns/pid").stat().st_ino == INITIAL_PID_NAMESPACE:  # the log has the numbers of that one
        assert kill.pid == pid
    assert lab_kills() == counted + 1


_BYSTANDER = """
import sys
open("/proc/self/oom_score_adj", "w").write("1000")
memory = bytearray(b"1" * (64 << 20))
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_larger_process_beside_the_cgroup_that_offers_itself_too_lives_on() -> None:
    with code(_BYSTANDER) as bystander:
        assert [failures(outcome) for outcome in played(LAB)] == [[] for _ in LAB.steps]
        assert bystander.poll() is None


def test_before_the_first_step_the_process_is_alone_limited_and_has_touched_nothing() -> None:
    session = Session(LAB)
    try:
        outcome = session.perform()
        assert outcome is not None
        assert failures(outcome) == []
        (cgroup,) = cgroups(os.getpid())
        assert (cgroup / "cgroup.procs").read_text(encoding="ascii") == f"{session.pid}\n"
        assert outcome.figures["cgroup_usage"] < MIB
        assert outcome.figures["oom_score"] > outcome.figures["app_oom_score"]
    finally:
        session.close()


def test_a_process_that_was_taken_out_of_its_cgroup_is_ended_before_it_touches_more() -> None:
    with playing(2) as session:
        assert isinstance(PLACE, Place)
        pid = session.pid
        Path(PLACE.hierarchy.mount_point, PLACE.parent, "cgroup.procs").write_text(str(pid), encoding="ascii")
        outcome = session.perform()
        assert outcome is not None
        assert outcome.verdicts[0].why == "the lab process is not in a cgroup of its own"
        assert outcome.replies[-1].error == "the lab process isn't running"
        assert (session.pid, LiveProcfs().exists(str(pid))) == (None, False)


def test_company_in_the_cgroup_is_a_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oom_cgroup, "_PATIENCE", 0.1)  # the cleaner can't end while the bystander is there
    with code(_BYSTANDER) as bystander, playing(2) as session:
        (cgroup,) = cgroups(os.getpid())
        (cgroup / "cgroup.procs").write_text(str(bystander.pid), encoding="ascii")
        try:
            outcome = session.perform()
            assert cgroups(os.getpid()) == [cgroup], "it can't be taken away while somebody is in it"
        finally:
            Path(cgroup.parent, "cgroup.procs").write_text(str(bystander.pid), encoding="ascii")
        assert outcome is not None
        assert outcome.verdicts[0].why == "the lab process is not alone in its cgroup"
        assert bystander.poll() is None


def test_a_limit_that_was_lifted_is_a_reason_to_stop() -> None:
    with playing(2) as session:
        (cgroup,) = cgroups(os.getpid())
        limits = [cgroup / name for name in ("memory.memsw.limit_in_bytes", "memory.limit_in_bytes", "memory.max")]
        for limit in limits:
            if limit.exists():
                limit.write_text(str(1 << 30), encoding="ascii")
        outcome = session.perform()
        assert outcome is not None
        assert outcome.verdicts[0].why == "the cgroup's limit isn't set"


def test_restart_makes_a_new_cgroup_and_leaves_one_at_most() -> None:
    with playing(2) as session:
        session.restart()
        assert cgroups(os.getpid()) == []
        outcome = session.perform()
        assert outcome is not None
        assert failures(outcome) == []
        assert len(cgroups(os.getpid())) == 1


def test_a_cleaner_that_was_killed_leaves_nothing_either() -> None:
    with playing(1):
        (cleaner,) = cleaners(os.getpid())
        os.kill(cleaner, 9)


_APP = """
import sys
from mmexplorer.kernel.lab.player import Session
from mmexplorer.labs.registry import find
session = Session(find("oom"))
for _ in range(int(sys.argv[1])):
    session.perform()
    session.forward()
print("done", flush=True)
sys.stdin.read()
"""


def _app(steps: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _APP, str(steps)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("steps", range(1, len(LAB.steps) + 1))
def test_sigkill_after_any_step_leaves_no_cgroup(steps: int) -> None:
    with _app(steps) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == "done\n"
        assert len(cgroups(app.pid)) == 1
        app.kill()
    until(lambda: not cgroups(app.pid) and not cleaners(app.pid))


def test_sigkill_at_the_moment_the_cgroup_appears_leaves_none() -> None:
    with _app(4) as app:
        until(lambda: bool(cgroups(app.pid)))
        app.kill()
    until(lambda: not cgroups(app.pid) and not cleaners(app.pid))


_SYSTEMD_RUN = """#!/bin/sh
# Stands in for systemd-run --user --scope: a scope with the limit in its slice, ourselves in it, and then the command.
for word; do
    case $word in
        MemoryMax=*) limit=${word#MemoryMax=} ;;
        --slice=*) scope=PARENT/${word#--slice=}/run-mmexplorer.scope ;;
    esac
done
mkdir -p $scope
for file in memory.limit_in_bytes memory.max; do
    test ! -e $scope/$file || echo $limit > $scope/$file
done
echo $$ > $scope/cgroup.procs
while test "$1" != --; do shift; done
shift
exec "$@"
"""
_SYSTEMCTL = """#!/bin/sh
# Stands in for systemctl --user --quiet stop SLICE.
rmdir PARENT/$4/run-mmexplorer.scope PARENT/$4
"""


def scopes(parent: Path) -> list[Path]:
    """Return the scopes of the lab of this process."""
    return list(parent.glob(f"mmexplorerlab{os.getpid()}x*.slice/*.scope"))


def test_a_process_that_systemd_run_starts_in_a_scope_is_proved_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(PLACE, Place)
    parent = Path(PLACE.hierarchy.mount_point, PLACE.parent)
    for name, text in (("systemd-run", _SYSTEMD_RUN), ("systemctl", _SYSTEMCTL)):
        (tmp_path / name).write_text(text.replace("PARENT", str(parent)), encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    in_scope = Place(PLACE.hierarchy, PLACE.parent, scope=True)
    monkeypatch.setattr("mmexplorer.kernel.lab.oom_cgroup.OomCgroup", lambda limit: OomCgroup(limit, in_scope))
    with playing(len(LAB.steps)) as session:
        (scope,) = scopes(parent)
        assert (scope / "cgroup.procs").read_text(encoding="ascii") == f"{session.pid}\n"
        assert session.calls[0].call.startswith(f"systemd-run --user --scope --quiet --collect -p MemoryMax={48 * MIB}")
        assert cleaners(os.getpid()) == []
        session.restart()
        assert not scope.parent.exists()
        again = session.perform()
        assert again is not None
        assert failures(again) == []
    assert list(parent.glob(f"mmexplorerlab{os.getpid()}x*")) == []


def test_a_cgroup_that_can_not_be_made_is_a_sentence_and_nothing_is_left() -> None:
    lab = LabChild(LAB.limits)
    lab.start()
    cgroup = OomCgroup(-5)  # the kernel rejects such a limit
    try:
        assert lab.ask(ready()).ok
        assert cgroup.confine(lab.pid or 0) == "the memory cgroup couldn't be created: Invalid argument"
        assert dict(cgroup.readings()) == {}
    finally:
        lab.close()
        cgroup.close()
    assert cgroups(os.getpid()) == []


def test_what_was_prepared_for_a_process_is_removed_if_none_comes() -> None:
    cgroup = OomCgroup(48 * MIB)
    assert cgroup.prepare() == ()
    until(lambda: len(cgroups(os.getpid())) == 1)
    cgroup.close()
    assert cgroups(os.getpid()) == []
    assert cleaners(os.getpid()) == []


def test_a_process_that_is_gone_is_not_moved() -> None:
    lab = LabChild()
    lab.start()
    pid = lab.pid
    lab.close()
    cgroup = OomCgroup(48 * MIB)
    try:
        why = cgroup.confine(pid or 0)
        assert why == "the lab process couldn't be moved into its cgroup: No such process"
    finally:
        cgroup.close()
    assert cgroups(os.getpid()) == []


def test_panic_on_oom_2_is_refused_before_the_first_step(tmp_path: Path) -> None:
    assert lacking_cgroup(48 * MIB, _proc(tmp_path, "2\n")).startswith("vm.panic_on_oom is 2: an OOM kill, even in a")
    assert lacking_cgroup(48 * MIB, _proc(tmp_path, "1\n")) == ""


def test_a_panic_setting_that_can_not_be_read_is_refused_too(tmp_path: Path) -> None:
    procfs = _proc(tmp_path, "0\n")
    (tmp_path / "sys/vm/panic_on_oom").unlink()
    assert lacking_cgroup(48 * MIB, procfs).startswith("it isn't certain that an OOM kill wouldn't bring the system")


def _proc(folder: Path, panic: str) -> Procfs:
    """Create a copy of what is read from /proc, with this setting."""
    (folder / "sys/vm").mkdir(parents=True, exist_ok=True)
    (folder / "self").mkdir(exist_ok=True)
    (folder / "sys/vm/panic_on_oom").write_text(panic, encoding="ascii")
    for name in ("cgroup", "mountinfo"):
        (folder / "self" / name).write_bytes(Path("/proc/self", name).read_bytes())
    return LiveProcfs(str(folder))
