"""The labs with several processes: what they measure is what others see, and none of the processes is left."""

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mmexplorer.kernel.lab import requirements
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.lab.player import Session
from mmexplorer.kernel.lab.requirements import lacking
from mmexplorer.kernel.pages.pagemap import read_frames
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.operations import (
    access,
    end,
    fork,
    inside,
    load,
    make_program,
    mmap,
    mprotect,
    program,
    run,
    store,
    touch,
)
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.protocol import Operation
from mmexplorer.labs.registry import find
from mmexplorer.model.region import Range
from mmexplorer.parse.process.maps import parse_maps
from tests.support.oracles.readelf import readelf
from tests.support.patience import PATIENCE
from tests.support.pilots.lab_players import failures
from tests.support.specimens.children import until
from tests.support.specimens.lab_pids import descendants

ROOT = Path(__file__).parents[2]
_PATIENCE_MS = int(PATIENCE * 1000)
_PAGE = 4096


def lab_named(name: str) -> Lab:
    lab = find(name)
    assert lab is not None
    return lab


@contextlib.contextmanager
def played_until(name: str, title: str) -> Iterator[tuple[Session, Outcome]]:
    """Play a lab up to and including the step with that title, its processes still running."""
    session = Session(lab_named(name))
    try:
        while True:
            outcome = session.perform()
            assert outcome is not None, f"{name} has no step {title}"
            assert failures(outcome) == []
            if outcome.step.title == title:
                break
            session.forward()
        yield session, outcome
    finally:
        session.close()


def all_ok(lab: LabChild, *operations: Operation) -> list[int]:
    """Perform the operations; return the pids of the processes they created."""
    replies = [lab.ask(operation) for operation in operations]
    assert [reply.error for reply in replies] == [""] * len(operations)
    return [reply.figures["pid"] for reply in replies if "pid" in reply.figures]


def all_end(pidfds: Sequence[int]) -> bool:
    poll = select.poll()
    for pidfd in pidfds:
        poll.register(pidfd, select.POLLIN)
    waiting = set(pidfds)
    while waiting:
        ended = poll.poll(_PATIENCE_MS)
        if not ended:
            return False
        for pidfd, _ in ended:
            poll.unregister(pidfd)
            os.close(pidfd)
            waiting.discard(pidfd)
    return True


def measured(outcome: Outcome) -> Measurement:
    assert isinstance(outcome.after, Measurement)
    return outcome.after


@pytest.mark.oracle
def test_the_tables_of_the_loading_lab_are_those_that_readelf_prints() -> None:
    with played_until("loading", "The chapter's program") as (session, outcome):
        descriptor = outcome.replies[0].figures["descriptor"]
        ((_, chapter),) = readelf([f"/proc/{session.pid}/fd/{descriptor}"])
        _agrees(outcome, chapter.segments, chapter.header[-1])
        assert [segment[4:7] for segment in chapter.segments] == [(100, 100, "R E"), (200, 200, "RW")]
        session.forward()
        session.perform()
        session.forward()
        real = session.perform()
        assert real is not None
        path = Path(f"/proc/{session.pid}/fd/{real.replies[0].figures['descriptor']}").readlink()
        ((_, cat),) = readelf([str(path)])
        _agrees(real, cat.segments, cat.header[-1])


def _agrees(outcome: Outcome, segments: Sequence[tuple[str, int, int, int, int, int, str, int]], entry: int) -> None:
    loads = [segment for segment in segments if segment[0] == "LOAD"]
    code = next(segment for segment in loads if "E" in segment[6])
    data = next(segment for segment in loads if "W" in segment[6])
    told = outcome.figures.numbers
    assert (told["code_offset"], told["code_address"], told["code_size"]) == (code[1], code[2], code[4])
    assert (told["data_offset"], told["data_address"], told["data_size"]) == (data[1], data[2], data[4])
    assert (told["entry"], told["loads"]) == (entry, len(loads))
    assert told["memory_needed"] == sum(segment[5] for segment in loads)


def test_a_held_program_has_nothing_but_what_the_kernel_loads_and_its_entry_point_is_code() -> None:
    with played_until("loading", "Load it, and stop") as (_, outcome):
        regions = measured(outcome).others["program"].regions  # type: ignore[union-attr]  # the step passed
        assert not any("libc" in region.path or region.path == "[heap]" for region in regions)
        entry = outcome.figures["entry_at"]
        at_entry = [region for region in regions if region.start <= entry < region.end]
        assert [(region.perms, region.name) for region in at_entry] == [("r-xp", "cat")]
    with played_until("loading", "Let it run") as (_, outcome):
        regions = measured(outcome).others["program"].regions  # type: ignore[union-attr]  # as above
        assert any("libc" in region.path or "ld-musl" in region.path for region in regions)


def test_the_shares_of_the_cow_lab_are_those_of_the_kernels_own_sum() -> None:
    with played_until("cow", "The child writes") as (session, outcome):
        child = next(reply.figures["pid"] for reply in session.calls if "pid" in reply.figures)
        for pid, name in ((session.pid, ""), (child, "child_")):
            start = f"{outcome.replies[0].start:x}-"
            record = Path(f"/proc/{pid}/smaps").read_text().partition(f"\n{start}")[2].partition("VmFlags")[0]
            fields = {
                line.split(":")[0]: int(line.split()[1]) << 10 for line in record.splitlines()[1:] if "kB" in line
            }
            assert outcome.figures[f"{name}range_pss"] == fields["Pss"]
            assert outcome.figures[f"{name}range_private"] == fields["Private_Dirty"] + fields["Private_Clean"]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to see page frames; the next test is what a user sees")
def test_frames_are_those_of_pagemap_and_a_write_changes_one(lab: LabChild) -> None:
    lab.ask(mmap("memory", 4 * _PAGE))
    (child,) = all_ok(lab, touch("memory", 2 * _PAGE), fork("child"))
    reply = lab.ask(touch("memory", 2 * _PAGE))
    pages = Range(reply.start, reply.start + 4 * _PAGE)
    ours, theirs = read_frames(LiveProcfs(), lab.pid or 0, pages), read_frames(LiveProcfs(), child, pages)
    assert ours is not None
    assert theirs is not None

    def in_pagemap() -> tuple[int, ...]:
        with Path(f"/proc/{child}/pagemap").open("rb") as pagemap:
            pagemap.seek(pages.start // _PAGE * 8)
            entries = struct.unpack("=4Q", pagemap.read(32))
        return tuple(entry & ((1 << 55) - 1) for entry in entries)

    # Until the kernel moves none of the pages between two readings.
    until(lambda: read_frames(LiveProcfs(), child, pages) == in_pagemap())
    assert [bool(frame) for frame in theirs] == [True, True, False, False]
    assert all(one != other for one, other in zip(ours[:2], theirs[:2], strict=True))


_ONE = "-all,+dac_read_search"  # the interpreter may be where only root can read
_AS_USER = (
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps={_ONE}", f"--ambient-caps={_ONE}",
    f"--bounding-set={_ONE}",
)  # fmt: skip


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user; a user's own runs are this case")
def test_a_user_is_told_that_frames_are_hidden_and_what_shows_the_same() -> None:
    done = subprocess.run(
        [*_AS_USER, sys.executable, "-m", "mmexplorer", "lab", "cow", "--run", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert (done.returncode, document["passed"]) == (0, True)
    first = document["steps"][0]
    assert "same_frames" not in first["figures"]
    assert "CAP_SYS_ADMIN" in first["explanation"]


def test_frames_of_a_process_that_is_gone_or_of_too_much_are_none() -> None:
    assert read_frames(LiveProcfs(), 1 << 22, Range(0x1000, 0x2000)) is None
    assert read_frames(LiveProcfs(), os.getpid(), Range(0x1000, 0x1000 + (1 << 30))) is None


def test_two_processes_have_one_address_and_two_bytes(lab: LabChild) -> None:
    (other,) = all_ok(lab, mmap("page", _PAGE), store("page", "A"), fork("other"), inside("other", store("page", "B")))
    own, theirs = lab.ask(load("page")), lab.ask(inside("other", load("page")))
    assert own.start == theirs.start
    assert own.figures == {"byte": ord("A")}
    assert theirs.figures == {"other_byte": ord("B")}
    assert theirs.call == f"[pid {other}] *(char *){theirs.start:#x} is 'B'"
    for pid, letter in ((lab.pid, b"A"), (other, b"B")):
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            memory.seek(own.start)
            assert memory.read(1) == letter


def test_an_ended_process_is_reaped_and_a_killed_one_is_a_sentence(lab: LabChild) -> None:
    first, second = all_ok(lab, fork("first"), fork("second"))
    assert lab.ask(end("first")).ok
    assert not Path(f"/proc/{first}").exists()
    os.kill(second, 9)
    assert lab.ask(inside("second", touch("none", 1))).error == "the process second has ended"
    assert lab.ask(program("cat")).ok, "the lab process lives on"


def test_siblings_hold_no_pipe_of_each_other(lab: LabChild) -> None:
    pids = all_ok(lab, fork("first"), fork("second"), program("cat"), run("cat", "third"))
    pipes = [
        {entry.readlink() for entry in Path(f"/proc/{pid}/fd").iterdir() if "pipe" in str(entry.readlink())}
        for pid in pids
    ]
    stderr = Path(f"/proc/{lab.pid}/fd/2").readlink()
    assert [pipes[one] & pipes[other] for one, other in ((0, 1), (0, 2), (1, 2))] == [{stderr}] * 3


_APP = """
import sys
from mmexplorer.kernel.lab.player import Session
from mmexplorer.labs.registry import find
session = Session(find(sys.argv[1]))
while (outcome := session.perform()) is not None and outcome.step.title != sys.argv[2]:
    session.forward()
print(outcome.passed, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("name", "title", "count"),
    [
        ("cow", "The child writes", 2),
        ("address-spaces", "What simple allocation would do", 2),
        ("aslr", "Without randomisation", 4),
        ("aslr", "Copies keep their places", 4),
        ("loading", "Load it", 2),
        ("loading", "Let it run", 2),
    ],
)
def test_sigkill_of_the_app_ends_every_process_of_a_lab(name: str, title: str, count: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _APP, name, title], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == b"True\n"
        pids = descendants(app.pid)
        assert len(pids) == count
        pidfds = [os.pidfd_open(pid) for pid in pids]
        app.kill()
        assert all_end(pidfds)


def test_sigkill_of_the_lab_process_ends_those_it_made(lab: LabChild) -> None:
    pids = all_ok(
        lab, make_program("chapter", code=1, data=1), program("cat"), fork("copy"), run("cat", "running"),
        run("chapter", "held", stop=True),
    )  # fmt: skip
    pidfds = [os.pidfd_open(pid) for pid in pids]
    os.kill(lab.pid or 0, 9)
    assert all_end(pidfds)


def test_a_process_made_by_a_lab_is_bounded_as_the_lab_process_is(lab: LabChild) -> None:
    copy, running = all_ok(lab, fork("copy"), program("cat"), run("cat", "running"))
    own = Path(f"/proc/{lab.pid}/limits").read_text()
    assert [Path(f"/proc/{pid}/limits").read_text() for pid in (copy, running)] == [own, own]
    assert [Path(f"/proc/{pid}/oom_score_adj").read_text() for pid in (copy, running)] == ["1000\n"] * 2


def test_what_a_copy_tells_before_its_answer_is_passed_on(lab: LabChild) -> None:
    (pid,) = all_ok(lab, mmap("memory", 4096), mprotect("memory", "PROT_READ"), fork("copy"))
    repaired = lab.ask(inside("copy", access("memory", handler="repair")))
    assert repaired.ok
    assert repaired.fault is not None
    assert (repaired.fault.signal, repaired.fault.code) == ("SIGSEGV", "SEGV_ACCERR")
    assert repaired.call.startswith(f"[pid {pid}] write(2, ")
    assert lab.ask(load("memory")).figures == {"byte": 0}
    assert lab.ask(inside("copy", load("memory"))).figures == {"copy_byte": 1}


def test_a_map_without_randomisation_is_the_one_that_setarch_gives(lab: LabChild) -> None:
    (pid,) = all_ok(lab, program("cat"), run("cat", "fixed", randomize=False))
    ours = parse_maps(Path(f"/proc/{pid}/maps").read_bytes()).regions
    path = Path(f"/proc/{pid}/exe").readlink()
    with subprocess.Popen(["setarch", "-R", str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as cat:
        assert cat.stdin is not None
        assert cat.stdout is not None
        cat.stdin.write(b"\n")
        cat.stdin.flush()
        assert cat.stdout.readline() == b"\n"
        theirs = parse_maps(Path(f"/proc/{cat.pid}/maps").read_bytes()).regions
        cat.stdin.close()
    assert [region.start for region in ours if region.path == str(path)] == [
        region.start for region in theirs if region.path == str(path)
    ]


def test_what_cant_be_run_is_an_error_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    junk = tmp_path / "junk"
    junk.write_text("no program")
    junk.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    lab = LabChild()
    lab.start()
    try:
        assert lab.ask(program("cat")).error == "no program cat in PATH"
        assert lab.ask(program("junk")).ok
        assert lab.ask(run("junk", "held", stop=True)).error == "the program couldn't be run: Exec format error"
        assert lab.ask(run("junk", "running")).error == "the program couldn't be run: Exec format error"
    finally:
        lab.close()


def _procfs(tmp_path: Path, **settings: str) -> Procfs:
    for name, value in settings.items():
        path = tmp_path / "sys/kernel" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value)
    return LiveProcfs(str(tmp_path))


def test_what_a_lab_lacks_is_said_before_it_starts_and_what_can_be_shown_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements, "_PROCFS", _procfs(tmp_path, randomize_va_space="0\n", yama__ptrace_scope="3\n"))
    assert str(lacking(lab_named("aslr"))) == (
        "kernel.randomize_va_space is 0: addresses aren't randomised here; the lab “Separate address spaces” shows"
        " what can be shown without it"
    )
    assert str(lacking(lab_named("loading"))).startswith("kernel.yama.ptrace_scope is 3: no process may use ptrace(2)")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert str(lacking(lab_named("aslr"))).startswith("no program cat in PATH")
    assert str(lacking(lab_named("loading"))).startswith("cat can't be read: no program cat in PATH")


def test_json_has_addresses_as_strings_and_the_other_maps() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mmexplorer", "lab", "loading", "--run", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert done.returncode == 0
    last = document["steps"][-1]
    figures = last["figures"]
    assert int(figures["entry_at"], 16) == int(figures["entry"], 16) + int(figures["load_bias"], 16)
    assert all(isinstance(figures[name], str) for name in ("code_offset", "data_address", "program_stack_at"))
    assert len(last["other_maps"]["program"]) == figures["program_regions"]
    assert document["steps"][0]["other_maps"] == {}


def test_plain_text_lays_the_maps_side_by_side_and_breaks_no_term() -> None:
    for name, title in (("aslr", "PROCESS PROGRAM"), ("cow", "THE RANGE IN"), ("loading", "LOAD #0: segment")):
        done = subprocess.run(
            [sys.executable, "-m", "mmexplorer", "lab", name, "--run"],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert title in done.stdout
        assert "[[" not in done.stdout
        assert "]]" not in done.stdout


_LIMITED = """
import resource
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.labs.operations import fork, program, ready, run
lab = LabChild()
lab.start()
assert lab.ask(ready()).ok
resource.prlimit(lab.pid, resource.RLIMIT_NPROC, (0, 0))
for operation in (fork("copy"), program("cat"), run("cat", "running")):
    print(lab.ask(operation).error)
lab.close()
"""


def test_a_limit_on_processes_is_a_sentence() -> None:
    """Root is exempt from this limit, so another user has to reach it."""
    as_user = _AS_USER if os.geteuid() == 0 else ()
    done = subprocess.run(
        [*as_user, sys.executable, "-c", _LIMITED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    refused = "no other process could be made: Resource temporarily unavailable"
    assert done.stdout.split("\n") == [refused, "", refused, ""]
