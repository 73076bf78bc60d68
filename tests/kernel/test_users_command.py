"""`mmexplorer users`: who maps a file or holds it open, compared with what the specimen did, lsof and smaps."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.used_file import file_at
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.smaps import parse_smaps
from tests.support.specimens.children import child, ready_line

_SPECIMEN = """
import ctypes, json, mmap, os, sys
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
def at(memory):
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))
folder = sys.argv[1]
kept = []
def both(fd):
    kept.append(mmap.mmap(fd, 8192)); kept[-1][:] = b"x" * 8192
    return at(kept[-1])
held = os.open(folder + "/held", os.O_RDONLY | os.O_CREAT); again = os.dup(held)
name = os.open(folder + "/mapped", os.O_RDWR | os.O_CREAT); os.ftruncate(name, 8192)
mapped = both(name); os.close(name)
os.link(folder + "/mapped", folder + "/other name")
gone = os.open(folder + "/gone", os.O_RDWR | os.O_CREAT); os.ftruncate(gone, 8192); os.unlink(folder + "/gone")
memfd = os.memfd_create("shared"); os.ftruncate(memfd, 8192)
segment = libc.shmget(0, 8192, 0o1600); sysv = libc.shmat(segment, None, 0); libc.shmctl(segment, 0, None)
ctypes.memset(sysv, 1, 8192)
places = {"mapped": mapped, "gone": both(gone), "memfd": both(memfd), "sysv": sysv}
child = os.fork()
if child:
    print(json.dumps({"child": child, "held": sorted((held, again)), "descriptor": memfd, **places}), flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("used")


@pytest.fixture(scope="module")
def specimen(folder: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with child("-c", _SPECIMEN, str(folder)) as process:
        yield process.pid, json.loads(ready_line(process))


def users(capsys: pytest.CaptureFixture[str], asked: str) -> dict[str, Any]:
    assert main(["users", asked, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def by_pid(answer: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {each["pid"]: each for each in answer["users"]}


def linked(pid: int, target: str) -> list[int]:
    """Return the descriptors with that target; Python's mmap keeps one of its own."""
    links = {int(each.name): str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}
    return sorted(number for number, to in links.items() if to == target)


def test_a_file_that_is_held_open_only(
    folder: Path, specimen: tuple[int, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    pid, places = specimen
    found = by_pid(users(capsys, str(folder / "held")))
    assert set(found) == {pid, places["child"]}
    assert found[pid]["descriptors"] == places["held"]
    assert found[pid]["regions"] == 0
    assert found[pid]["pss"] is None
    assert "held open" in found[pid]["unavailable"]["pss"]


@pytest.mark.parametrize("name", ["mapped", "other name"])
def test_a_file_that_is_mapped_by_any_of_its_names(
    name: str, folder: Path, specimen: tuple[int, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    pid, places = specimen
    answer = users(capsys, str(folder / name))
    found = by_pid(answer)
    assert set(found) == {pid, places["child"]}
    assert (found[pid]["regions"], found[pid]["size"]) == (1, 8192)
    assert found[pid]["first"] == hex(places["mapped"])
    assert found[pid]["shared_writable"]
    assert found[pid]["descriptors"] == linked(pid, str(folder / "mapped"))
    if answer["cached"] is not None:
        assert answer["cached"]["cached"] == 2


@pytest.mark.parametrize("place", ["mapped", "gone", "memfd", "sysv"])
def test_what_is_behind_an_address(
    place: str, specimen: tuple[int, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    pid, places = specimen
    answer = users(capsys, f"{pid}:{places[place]:#x}")
    found = by_pid(answer)
    assert set(found) == {pid, places["child"]}
    assert answer["deleted"] is (place != "mapped")
    counters = parse_smaps(Path(f"/proc/{pid}/smaps").read_bytes())
    [usage] = [usage for covered, usage in counters.items() if covered.start == places[place]]
    assert (found[pid]["rss"], found[pid]["pss"]) == (usage.get("Rss"), usage.get("Pss"))


def test_descriptors_are_found_without_a_name(
    specimen: tuple[int, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    pid, places = specimen
    found = by_pid(users(capsys, f"{pid}:{places['memfd']:#x}"))
    if os.geteuid() == 0:  # map_files, which shows the same device as stat, requires root
        assert places["descriptor"] in found[pid]["descriptors"]
        assert found[pid]["descriptors"] == linked(pid, "/memfd:shared (deleted)")


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["held", "mapped"])
def test_lsof_says_the_same(
    name: str, folder: Path, specimen: tuple[int, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    lsof = shutil.which("lsof")
    assert lsof, "lsof is one of the things that the tests need"
    text = subprocess.run([lsof, "-t", str(folder / name)], capture_output=True, text=True, check=True).stdout
    assert set(by_pid(users(capsys, str(folder / name)))) == set(map(int, text.split())) >= {specimen[0]}


def test_cached_pages_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "cached"
    file.write_bytes(b"x" * 4096 * 5)
    asked = file_at(str(file))
    assert not isinstance(asked, Unavailable)
    if isinstance(asked.cached, Unavailable):
        assert "cachestat" in asked.cached.reason
    else:
        assert asked.cached.cached == 5


def test_nobody_is_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "unused").touch()
    assert main(["users", str(tmp_path / "unused")]) == 0
    assert "0 of " in capsys.readouterr().out


def test_memory_without_a_file(specimen: tuple[int, dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["users", f"{specimen[0]}:[stack]"]) == 1
    assert "no file is behind" in capsys.readouterr().err


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["users", "/nowhere/at all"]) == 1
    assert "no such file" in capsys.readouterr().err
