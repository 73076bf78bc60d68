"""Every lab on the real kernel: in new processes, as root and as another user, and interrupted."""

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.commands import lab as command
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.lab.player import LabRunner, Session
from mmexplorer.kernel.lab.requirements import lacking
from mmexplorer.labs.figures import figure_unit
from mmexplorer.labs.lab import MIB, Check, Lab, Step
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.operations import free, malloc, malloc_trim, mmap
from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.labs.registry import all_labs, find
from mmexplorer.model.memory.pages import PageStates
from tests.support.patience import PATIENCE
from tests.support.pilots.lab_players import failures, played, predicts
from tests.support.readable import readable
from tests.support.specimens.children import say

ROOT = Path(__file__).parents[2]
LABS = all_labs()
_PATIENCE_MS = int(PATIENCE * 1000)
_NOBODY = 65534

each_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)


@each_lab
def test_a_lab_passes_in_a_fresh_child(lab: Lab) -> None:
    assert lacking(lab) is None
    outcomes = list(played(lab))
    assert [failures(outcome) for outcome in outcomes] == [[] for _ in lab.steps]
    assert all(outcome.answer for outcome in outcomes if predicts(outcome.step))
    assert not any("(not measured)" in outcome.explanation for outcome in outcomes)
    measured = {name for outcome in outcomes for name in outcome.figures.numbers}
    assert {name for name in measured if figure_unit(name) is None} == set()


# Only CAP_DAC_READ_SEARCH: the interpreter may be where only root can read.
_ONE = "-all,+dac_read_search"
_AS_NOBODY = (
    "setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", f"--inh-caps={_ONE}",
    f"--ambient-caps={_ONE}", f"--bounding-set={_ONE}",
)  # fmt: skip


STATED_LACKS = {
    "oom": "this user may not create a memory cgroup; run it with sudo; the lab “A limit that refuses: ENOMEM” shows",
}
"""What a user without a delegated cgroup is told, by the name of the lab."""


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user; as a user the test above is this one")
@each_lab
def test_a_lab_passes_for_an_unprivileged_user(lab: Lab) -> None:
    command_line = [sys.executable, "-m", "mmexplorer", "lab", lab.name, "--run", "--json"]
    done = subprocess.run(
        [*_AS_NOBODY, *command_line], cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    if lab.name in STATED_LACKS:
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith(f"mmexplorer: {lab.name} can't run here: {STATED_LACKS[lab.name]}")
        return
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["passed"]
    assert len(document["steps"]) == len(lab.steps)


def test_a_process_that_was_prepared_is_the_one_the_step_uses() -> None:
    lab = _lab("mprotect")
    with contextlib.closing(Session(lab)) as session:
        session.prepare()
        first = session.pid
        assert first is not None
        pids = []
        for step in lab.steps:
            session.prepare()
            prepared = session.pid
            outcome = session.perform()
            assert outcome is not None
            assert failures(outcome) == []
            assert session.pid == prepared
            session.prepare()  # the step is done: nothing is needed
            assert session.pid == prepared
            session.forward()
            pids.append((prepared, step.fresh))
    assert [pid != first for pid, _ in pids] == [fresh for _, fresh in pids]


def test_nothing_is_prepared_after_the_end_or_for_a_simulator() -> None:
    for session in (Session(_lab("mprotect")), Session(_lab("fragmentation"))):
        session.close()
        session.prepare()
        assert session.pid is None
    with contextlib.closing(Session(_lab("fragmentation"))) as session:
        session.prepare()
        assert session.pid is None


def test_a_restart_ends_what_was_prepared() -> None:
    with contextlib.closing(Session(_lab("mmap"))) as session:
        session.prepare()
        pid = session.pid
        session.restart()
        outcome = session.perform()
        assert outcome is not None
        assert failures(outcome) == []
        assert session.pid not in {None, pid}


_APPS = """
import os, signal, sys
from mmexplorer.kernel.lab.player import Session
from mmexplorer.labs.registry import find
from tests.support.specimens.lab_pids import descendants
lab = find(sys.argv[1])
for line in sys.stdin:
    app = os.fork()
    if app == 0:
        session = Session(lab)
        for _ in range(int(line)):
            session.perform()
            session.forward()
            print(os.getpid(), *descendants(os.getpid()), flush=True)
        signal.pause()
    os.waitpid(app, 0)
"""
"""For each number read, an app that does so many steps, tells after each its pid and those below it, and waits."""


def counts_until_killed(apps: "subprocess.Popen[str]", steps: int) -> list[int]:
    """Kill an app after so many steps; return how many processes it had after each. None of the last ones is left."""
    assert apps.stdout is not None
    say(apps, str(steps))
    told = [[int(pid) for pid in apps.stdout.readline().split()] for _ in range(steps)]
    pidfds = []
    for pid in told[-1][1:]:
        with contextlib.suppress(ProcessLookupError):  # it has ended, as it should
            pidfds.append(os.pidfd_open(pid))
    os.kill(told[-1][0], signal.SIGKILL)
    for pidfd in pidfds:
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        assert poll.poll(_PATIENCE_MS), f"step {steps} left a process"
        os.close(pidfd)
    return [len(pids) - 1 for pids in told]


@each_lab
def test_sigkill_after_any_step_leaves_no_process(lab: Lab) -> None:
    """After any that leaves another number of processes than the one before, and after the last."""
    argv = [sys.executable, "-c", _APPS, lab.name]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as apps:
        counts = counts_until_killed(apps, len(lab.steps))
        changed = [step for step, count in enumerate(counts, 1) if step == 1 or count != counts[step - 2]]
        for steps in changed:
            if steps < len(counts):
                counts_until_killed(apps, steps)
        assert apps.stdin is not None
        apps.stdin.close()


def test_a_process_killed_between_two_steps_is_a_sentence_and_restart_helps() -> None:
    session = Session(_lab("mmap"))
    try:
        assert session.perform() is not None
        session.forward()
        pidfd = os.pidfd_open(session.pid or 0)
        os.kill(session.pid or 0, 9)
        assert readable(pidfd, PATIENCE)
        os.close(pidfd)
        outcome = session.perform()
        assert outcome is not None
        assert [verdict.why for verdict in outcome.verdicts] == ["the lab process was ended by SIGKILL"]
        assert session.state.stuck
        session.restart()
        again = session.perform()
        assert again is not None
        assert again.passed
    finally:
        session.close()


HANGING = Lab(
    "hanging", "A lab that hangs", "0", "", order=1, address_space=0,
    steps=(Step("hang", "", None, (mmap("memory", MIB), Operation("hang", {})), (), ""),),
)  # fmt: skip


@pytest.mark.parametrize("timeout", [0.2, 0])
def test_a_step_that_hangs_is_ended_and_says_so(timeout: float) -> None:
    # Without any time it is given up before it has even started.
    session = Session(HANGING, timeout=timeout)
    try:
        outcome = session.perform()
        assert outcome is not None
        assert [verdict.why for verdict in outcome.verdicts] == ["the lab process didn't answer in time and was ended"]
        assert session.pid is None
    finally:
        session.close()


def test_keys_mashed_while_a_step_runs_change_nothing_and_close_ends_it() -> None:
    session = Session(HANGING)
    results: list[object] = []
    performing = threading.Thread(target=lambda: results.append(session.perform()))
    performing.start()
    while len(session.calls) < 1:
        assert performing.is_alive()
    for _ in range(50):
        session.forward()
        session.back()
        assert session.answer("1") == "the step is being done"
    assert session.state.index == 0
    session.close()
    performing.join(PATIENCE)
    assert not performing.is_alive()
    assert session.perform() is None
    assert session.pid is None


def test_the_score_of_somebody_who_knows() -> None:
    session = Session(_lab("demand-paging"))
    try:
        for right in ("0", "1", "4,000 kB", "0 faults", "24600", "2"):
            assert session.answer(right) == ""
            assert session.perform() is not None
            session.forward()
        assert session.state.finished
        assert session.state.score == (6, 6)
        assert len(session.calls) == 7
    finally:
        session.close()


def _lab(name: str) -> Lab:
    lab = find(name)
    assert lab is not None
    return lab


def _run(
    capsys: pytest.CaptureFixture[str], name: str | None, *, listed: bool = False, json: bool = False
) -> tuple[int, str]:
    arguments = ["--list" if listed else "--run", *(["--json"] if json else []), *([name] if name else [])]
    status = main(["lab", *arguments])
    return status, capsys.readouterr().out


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = _run(capsys, None, listed=True, json=True)
    document = json.loads(text)
    assert (status, document["schema"]) == (0, "mmexplorer/lab-list/1")
    assert [entry["name"] for entry in document["labs"]] == [lab.name for lab in LABS]
    assert all(set(entry) == {"name", "title", "row", "needs", "runnable", "reason"} for entry in document["labs"])
    assert len(_run(capsys, None, listed=True)[1].splitlines()) == len(LABS) + 1


def test_a_run_in_plain_text_shows_the_call_the_marked_map_the_figures_and_the_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, text = _run(capsys, "mmap")
    assert status == 0
    address = re.search(r"MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0\) = 0x([0-9a-f]+)", text)
    assert address is not None
    assert re.search(r"^ *\+ [0-9a-f]+-[0-9a-f]+ rw-p .*<- (added|grew), \+100M", text, re.MULTILINE)
    # A region that shrank is marked at what is left of it.
    assert re.search(r"^ *(- \S+ rw-p .*<- removed|\+ \S+ rw-p .*<- shrank), -100M \(", text, re.MULTILINE)
    assert "passed: VmSize grew by exactly 102,400 kB" in text
    assert "FAILED" not in text
    assert "[[" not in text
    assert text.endswith("mmap: 3 of 3 steps passed\n")


def test_a_run_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = _run(capsys, "crash", json=True)
    document = json.loads(text)
    assert (status, document["schema"], document["passed"]) == (0, "mmexplorer/lab/1", True)
    first = document["steps"][0]
    assert first["figures"]["si_addr"] == "0x0"
    assert first["words"]["output"] == "before the access\n"
    assert first["regions_after"] is None
    assert first["unavailable"]["regions_after"] == "the lab process has ended"
    assert [call["call"] for call in first["calls"]] == [
        'write(2, "before the access\\n", 18)',
        "p = NULL; *p = 1;",
        "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---",
        "+++ killed by SIGSEGV +++",
    ]


def test_an_unknown_lab_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "nope", "--run"]) == 2
    assert capsys.readouterr().err.startswith(
        "mmexplorer: no lab called nope; the labs are page-cache, free-and-cache, reclaim, replacement, oom"
    )


def test_ulimit_v_is_said_before_the_first_step_and_exits_3() -> None:
    done = subprocess.run(
        ["sh", "-c", 'ulimit -v 102400; exec "$@"', "sh", sys.executable, "-m", "mmexplorer", "lab", "mmap", "--run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("mmexplorer: mmap can't run here: the lab process needs")
    assert "RLIMIT_AS (ulimit -v) allows 100M" in done.stderr


def test_a_check_that_fails_exits_1(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Check("VmSize did not grow", lambda figures: figures["vm_size_change"] == 0)
    step = Step("map", "text", None, (mmap("memory", MIB),), (wrong,), "because")
    lab = Lab("wrong", "A lab that is wrong", "0", "nothing", (step,), order=1, address_space=MIB)
    monkeypatch.setattr(command, "find", lambda _name: lab)
    status, text = _run(capsys, "wrong")
    assert status == 1
    assert "FAILED: VmSize did not grow" in text
    assert text.endswith("wrong: 0 of 1 steps passed\n")


@pytest.mark.oracle
@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: Yama lets a user trace descendants only")
def test_the_calls_told_from_malloc_are_those_that_strace_sees(tmp_path: Path) -> None:
    """Compare brk, mmap and munmap: the same calls with the same results in the same order.

    The interpreter's own memory is in the same heap. If the blocks happen to leave it almost no room, which depends on
    the environment and on whether the program had to be compiled, it makes a call itself between two requests. glibc
    makes room for two or three blocks at a time, so another number of them leaves more.
    """
    for count in (64, 65, 66):
        told, seen = _told_and_seen(tmp_path / f"strace{count}", count)
        assert {call.partition("(")[0] for call in told} == {"mmap", "munmap", "brk"}
        assert [call for call in told if call not in seen] == []
        if told == seen:
            break
    assert told == seen


def _told_and_seen(log: Path, count: int) -> tuple[list[str], list[str]]:
    lab = LabChild()
    lab.start()
    try:
        assert lab.ask(Operation("ready", {})).ok
        with subprocess.Popen(
            ["strace", "-p", str(lab.pid), "-o", str(log), "-e", "trace=brk,mmap,munmap"],
            stderr=subprocess.PIPE,
            text=True,
        ) as strace:
            assert strace.stderr is not None
            assert "attached" in strace.stderr.readline()
            replies = [
                lab.ask(malloc("large", 8 * MIB)), lab.ask(free("large")), lab.ask(malloc("large", 8 * MIB)),
                lab.ask(malloc("blocks", 1 << 16, count=count, fill=True)), lab.ask(free("blocks", keep=1)),
                lab.ask(malloc_trim()),
            ]  # fmt: skip
            strace.terminate()
    finally:
        lab.close()
    assert all(reply.ok for reply in replies)
    return _told(replies), _seen(log.read_text())


def _told(replies: list[LabReply]) -> list[str]:
    lines = [line for reply in replies for line in reply.call.split("\n")]
    return [line for line in lines if re.match(r"(brk|mmap|munmap)\(", line)]


def _seen(log: str) -> list[str]:
    """Return the calls in the log as we write them, without `brk(NULL)`, which only asks."""
    lines = [re.sub(r"\) += ", ") = ", line) for line in log.splitlines()]
    return [line for line in lines if re.match(r"(brk\(0x|mmap\(|munmap\()", line)]


def test_a_stage_opens_sessions_that_start_nothing_yet() -> None:
    session = LabRunner().open(_lab("mmap"))
    assert session.pid is None
    assert session.watched is None
    assert session.pages() is None
    session.close()


def test_the_watched_pages_can_be_read_beside_a_step() -> None:
    session = LabRunner().open(_lab("mmap"))
    try:
        result = session.perform()
        assert result is not None
        assert isinstance(result.after, Measurement)
        assert session.pages() == result.after.pages
        assert isinstance(result.after.pages, PageStates)
    finally:
        session.close()
    assert session.pages() is None
