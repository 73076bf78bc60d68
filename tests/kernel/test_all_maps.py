"""`mmexplorer maps --all` compared with a shell loop over /proc, for over a hundred processes."""

import json
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from mmexplorer.cli import main
from tests.support.specimens.children import agree, child, ready_line, say

_PROCESSES = 105
_SPECIMEN = f"""
import mmap, os, signal, sys
folder = sys.argv[1]
def mapped(name, prot):
    with open(folder + "/" + name, "w+b") as file:
        file.truncate(8192)
        return mmap.mmap(file.fileno(), 8192, mmap.MAP_PRIVATE, prot)
pids = []
for number in range({_PROCESSES}):
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        kept = [mmap.mmap(-1, 4096 * (1 + number))]
        if number % 3 == 0:
            kept.append(mmap.mmap(-1, 8192, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7))
        if number % 5 == 0:
            kept.append(mapped(f"libcrypto.so.{{number}}", mmap.PROT_READ))
        if number % 7 == 0:
            kept.append(mapped(f"libgone.so.{{number}}", mmap.PROT_READ | mmap.PROT_EXEC))
            os.unlink(folder + f"/libgone.so.{{number}}")
        os.write(1, b".")
        signal.pause()
    pids.append(pid)
while True:
    line = sys.stdin.readline()
    if line == "pids\\n":
        print(*pids, flush=True)
    else:
        break
for pid in pids:
    os.kill(pid, signal.SIGTERM)
"""


@pytest.fixture(scope="module")
def pids(tmp_path_factory: pytest.TempPathFactory) -> Iterator[frozenset[int]]:
    with child("-c", _SPECIMEN, str(tmp_path_factory.mktemp("libraries"))) as process:
        assert process.stdout is not None
        assert process.stdout.read(_PROCESSES) == "." * _PROCESSES  # each is ready
        say(process, "pids")
        yield frozenset(map(int, ready_line(process).split()))
        say(process, "end")
        process.wait()


def by_shell(pids: frozenset[int], pattern: str) -> dict[int, int]:
    """Return what grep counts in the maps of each process."""
    script = f"for pid in {' '.join(map(str, pids))}; do echo $pid $(grep -cE '{pattern}' /proc/$pid/maps); done"
    text = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    counts = (line.split() for line in text.splitlines())
    return {int(pid): int(count) for pid, count in counts if count != "0"}


@pytest.mark.parametrize(
    ("asked", "pattern"),
    [
        ("perm:wx", "^[^ ]+ .wx"),
        ("path:libcrypto", "libcrypto"),
        ("deleted path:.so", r"\.so.* \(deleted\)$"),
        ("deleted path:.so perm:x", r"^[^ ]+ ..x.*\.so.* \(deleted\)$"),
        ("!deleted path:libcrypto", "libcrypto[^ ]*$"),
    ],
)
def test_the_answer_is_that_of_a_shell_loop(
    pids: frozenset[int], asked: str, pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["maps", "--all", "--filter", asked, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["looked_at"] >= len(pids)
    found = {each["pid"]: each for each in answer["processes"]}
    counts = {pid: each["count"] for pid, each in found.items() if pid in pids}
    assert counts
    assert counts == by_shell(pids, pattern)
    for each in found.values():
        assert each["count"] == len(each["regions"])
        assert each["size"] == sum(region["size"] for region in each["regions"])


def test_kinds_and_counters_are_asked_of_the_process_itself(
    pids: frozenset[int], capsys: pytest.CaptureFixture[str]
) -> None:
    pid = min(pids)

    def found(asked: str, *where: str) -> list[tuple[str, str]]:
        assert main(["maps", *where, "--filter", asked, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        [process] = [each for each in told.get("processes", [told]) if each["pid"] == pid]
        return [(each["start"], each["kind"]) for each in process["regions"]]

    for asked in ("kind:stack", "rss>0 kind:code"):
        assert agree(partial(found, asked, "--all"), partial(found, asked, str(pid)))


def test_the_table_has_count_and_sum(pids: frozenset[int], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["maps", "--all", "--filter", "perm:rwx size=8K"]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    listed = {int(row[0]): row[1:3] for row in rows if row[0].isdigit() and int(row[0]) in pids}
    assert len(listed) == len(range(0, _PROCESSES, 3))
    assert set(map(tuple, listed.values())) == {("1", "8K")}


@pytest.mark.parametrize("wrong", [["--all"], ["--all", "--filter", "rss>"], ["1", "--all", "--filter", "perm:x"]])
def test_what_cannot_be_meant_is_wrong_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["maps", *wrong]) == 2
    assert capsys.readouterr().err.startswith("mmexplorer: ")


def test_a_text_is_searched_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "maps.txt"
    text.write_text("00400000-00401000 rwxp 00000000 fe:00 12 /opt/libcrypto.so (deleted)\n")
    assert main(["maps", str(text), "--all", "--filter", "perm:wx deleted", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)["processes"]
    assert (found["count"], found["size"]) == (1, 4096)
