"""Where the lab's cgroup would be created on other machines, and the program that creates and removes it."""

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mmexplorer.kernel.lab import oom_cgroup
from mmexplorer.kernel.lab.kills import lab_kills
from mmexplorer.kernel.lab.oom_cgroup import OomCgroup, Place, find_place, lacking_cgroup, settings
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.labs.lab import MIB
from mmexplorer.model.unavailable import Unavailable
from tests.support.patience import PATIENCE

CLEANER = Path(oom_cgroup.__file__).with_name("cgroup_keeper.py")
LIMIT = 48 * MIB


def machine(folder: Path, version: int, own: str, *, controllers: str = "cpu memory") -> Procfs:
    """Create a /proc whose memory cgroups are in `folder/cg`, including ours and its parent."""
    top = folder / "cg"
    for path in (top / own, (top / own).parent):
        path.mkdir(parents=True, exist_ok=True)
        (path / "cgroup.procs").touch()
        (path / "cgroup.subtree_control").write_text("", encoding="ascii")
    if version == 2:
        ((top / own).parent / "cgroup.subtree_control").write_text(f"{controllers}\n", encoding="ascii")
    kind, options = ("cgroup", "rw,memory") if version == 1 else ("cgroup2", "rw")
    (folder / "self").mkdir()
    (folder / "self/cgroup").write_text(f"4:memory:/{own}\n" if version == 1 else f"0::/{own}\n", encoding="ascii")
    (folder / "self/mountinfo").write_text(f"1 0 0:1 / {top} rw - {kind} {kind} {options}\n", encoding="ascii")
    (folder / "sys/vm").mkdir(parents=True)
    (folder / "sys/vm/panic_on_oom").write_text("0\n", encoding="ascii")
    return LiveProcfs(str(folder))


def test_version_1_makes_it_below_our_own(tmp_path: Path) -> None:
    place = find_place(machine(tmp_path, 1, "user/shell"))
    assert isinstance(place, Place)
    assert (place.parent, place.scope) == ("user/shell", False)


def test_version_2_makes_it_beside_our_own_where_processes_may_be(tmp_path: Path) -> None:
    place = find_place(machine(tmp_path, 2, "app.slice/shell.scope"))
    assert isinstance(place, Place)
    assert (place.parent, place.scope) == ("app.slice", False)


def test_without_the_memory_controller_it_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    procfs = machine(tmp_path, 2, "user.slice/session.scope", controllers="cpu pids")
    place = find_place(procfs)
    assert isinstance(place, Unavailable)
    assert str(place) == "this user may not create a memory cgroup; run it with sudo"
    assert lacking_cgroup(LIMIT, procfs) == str(place)


def test_the_users_systemd_is_asked_where_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run/systemd").mkdir(parents=True)
    (tmp_path / "run/systemd/private").touch()
    (tmp_path / "bin").mkdir()
    for name in ("systemd-run", "systemctl"):
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/stopped\n', encoding="ascii")
        program.chmod(0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    place = find_place(machine(tmp_path, 2, "user.slice/session.scope", controllers="cpu pids"))
    assert isinstance(place, Place)
    assert place.scope
    cgroup = OomCgroup(LIMIT, place)
    *words, slice_, end = cgroup.prepare()
    cgroup.close()
    assert words == [
        "systemd-run", "--user", "--scope", "--quiet", "--collect", "-p", f"MemoryMax={LIMIT}", "-p", "MemorySwapMax=0",
    ]  # fmt: skip
    assert re.fullmatch(rf"--slice=mmexplorerlab{os.getpid()}x\d+\.slice", slice_)
    assert end == "--"
    assert (tmp_path / "stopped").read_text(encoding="ascii") == f"--user --quiet stop {slice_.partition('=')[2]}\n"


def test_a_process_that_systemd_did_not_confine_is_found_out(tmp_path: Path) -> None:
    place = find_place(machine(tmp_path, 2, "app.slice/shell.scope"))
    assert isinstance(place, Place)
    cgroup = OomCgroup(LIMIT, Place(place.hierarchy, place.parent, scope=True))
    assert cgroup.confine(os.getpid()) == "the lab process is not in a cgroup of its own"


PID = 4242


@pytest.mark.parametrize(("ours", "after"), [(True, {"cgroup_oom_kills": 1}), (False, {})])
def test_the_kills_are_those_of_the_scope_and_then_of_the_slice_that_held_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, ours: bool, after: dict[str, int]
) -> None:
    procfs = machine(tmp_path, 2, "app.slice/shell.scope")
    monkeypatch.setattr(oom_cgroup, "_PROCFS", procfs)
    place = find_place(procfs)
    assert isinstance(place, Place)
    cgroup = OomCgroup(LIMIT, Place(place.hierarchy, place.parent, scope=True))
    try:
        slice_ = cgroup.prepare()[-2].removeprefix("--slice=") if ours else "other.slice"
        scope = tmp_path / "cg/app.slice" / slice_ / "run-1.scope"
        _files(scope, {"cgroup.procs": PID, "memory.max": LIMIT, "memory.current": 4096, "memory.events": "oom_kill 0"})
        _files(scope.parent, {"memory.events": "oom_kill 0"})
        _files(scope.parent.parent, {"memory.events": "oom_kill 7"})
        _files(tmp_path / str(PID), {"cgroup": f"0::/app.slice/{slice_}/run-1.scope", "oom_score_adj": 1000})
        before = lab_kills()
        assert cgroup.confine(PID) == ""
        assert lab_kills() == before
        assert dict(cgroup.readings()) == {
            "cgroup_limit": LIMIT, "cgroup_usage": 4096, "cgroup_oom_kills": 0, "cgroup_processes": 1,
        }  # fmt: skip
        shutil.rmtree(scope)
        _files(scope.parent, {"memory.events": "oom_kill 1"})
        assert dict(cgroup.readings()) == after
    finally:
        cgroup.close()
    # The counts survive the removal of the cgroup, and nothing else does.
    assert lab_kills() == before + sum(after.values())


def _files(folder: Path, files: dict[str, int | str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(f"{text}\n", encoding="ascii")


@pytest.mark.parametrize(
    ("limit", "usage", "reason"),
    [
        ("max", 0, ""),
        (1 << 30, 100 * MIB, ""),
        (128 * MIB, 64 * MIB, "the cgroup /app.slice is near its own limit: another process in it could be killed"),
    ],
)
def test_a_limit_above_that_is_near_is_refused(tmp_path: Path, limit: int | str, usage: int, reason: str) -> None:
    procfs = machine(tmp_path, 2, "app.slice/shell.scope")
    (tmp_path / "cg/app.slice/memory.max").write_text(f"{limit}\n", encoding="ascii")
    (tmp_path / "cg/app.slice/memory.current").write_text(f"{usage}\n", encoding="ascii")
    assert lacking_cgroup(LIMIT, procfs) == reason


def test_the_limit_is_set_before_swap_is_closed() -> None:
    assert settings(1, 4096)[:2] == ("memory.limit_in_bytes=4096", "?memory.memsw.limit_in_bytes=4096")
    assert settings(2, 4096) == ("memory.max=4096", "?memory.swap.max=0")


def cleaned(folder: Path, *values: str) -> bytes:
    """Run the cleaner to the end of its input; return its output."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", CLEANER, folder, *values],
        input=b"",
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    return done.stdout


def test_the_cleaner_makes_a_folder_and_removes_it_at_the_end_of_its_input(tmp_path: Path) -> None:
    assert cleaned(tmp_path / "cgroup", "?memory.swap.max=0") == b"0\n"
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_fails_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    assert cleaned(tmp_path / "cgroup", "memory.max=1") == b"%d\n" % errno.ENOENT
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_before_is_not_the_cleaners_to_remove(tmp_path: Path) -> None:
    (tmp_path / "cgroup").mkdir()
    assert cleaned(tmp_path / "cgroup") == b"%d\n" % errno.EEXIST
    assert [path.name for path in tmp_path.iterdir()] == ["cgroup"]
