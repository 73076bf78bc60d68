"""Which moment of a capture the commands take, and what they refuse."""

from pathlib import Path

import pytest

from mmexplorer.model.capture.moments import Answer
from tests.support.captures import written
from tests.support.commands import document, run

_FIELDS = " ".join(["0"] * 17 + ["500"] + ["0"] * 30)


def _process(pid: int, kib: int) -> dict[str, Answer]:
    """Answer for a process with a heap of that size, all of it resident; for a zombie if it is 0."""
    smaps = b"00400000-%08x rw-p 00000000 00:00 0 [heap]\nRss: %d kB\n" % (0x400000 + kib * 1024, kib) if kib else b""
    return {
        f"proc/{pid}/stat": f"{pid} (it) {'S' if kib else 'Z'} 1 {_FIELDS}".encode(),
        f"proc/{pid}/statm": b"%d %d 0 0 0 0 0" % (kib // 4, kib // 4),
        f"proc/{pid}/smaps": smaps,
        f"proc/{pid}/maps": smaps.partition(b"Rss")[0],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Create a.mmx and b.mmx: a process with 100 KiB and with 900, and then its zombie; z.mmx: only a zombie."""
    for name, kib in (("a", 100), ("b", 900), ("z", 0)):
        moments = [{"list/": (7,), **_process(7, size)} for size in (kib, kib, 0)]
        written(tmp_path / f"{name}.mmx", [*moments, {"list/": ()}])
    return tmp_path


def test_without_a_moment_it_is_the_last_with_a_map(folder: Path) -> None:
    told = document("maps", "b.mmx", folder=folder)
    assert told["totals"]["rss"] == 900 << 10
    assert told["taken_at"] == document("maps", "b.mmx", "--at", "1", folder=folder)["taken_at"]
    assert [each["rss"] for each in document("ps", "b.mmx", folder=folder)["processes"]] == [900 << 10]
    assert [each["pid"] for each in document("ps", "z.mmx", folder=folder)["processes"]] == [7]
    assert document("diff", "a.mmx", "b.mmx", folder=folder)["totals"]["change"]["rss"] == 800 << 10


def test_a_limit_holds_up_to_the_end_of_the_process(folder: Path) -> None:
    assert run("diff", "a.mmx", "b.mmx", "--fail-if", "rss>+5%", folder=folder).status == 1
    assert run("diff", "a.mmx", "b.mmx", "--fail-if", "rss>+1G", folder=folder).status == 0


@pytest.mark.parametrize("sides", [("z.mmx", "z.mmx"), ("a.mmx", "z.mmx"), ("z.mmx", "a.mmx"), ("a.mmx@2", "a.mmx")])
def test_what_has_no_memory_is_not_compared(folder: Path, sides: tuple[str, str]) -> None:
    done = run("diff", *sides, "--fail-if", "rss>+5%", folder=folder)
    assert (done.status, done.out) == (1, "")
    assert ": a zombie" in done.err


@pytest.mark.parametrize("time", ["2023-11-14T22:13:18Z", "2023-11-15T01:00:00Z"])
def test_a_time_outside_the_capture_is_refused(folder: Path, time: str) -> None:
    said = f"mmexplorer: a.mmx: {time} is outside it: it goes from "
    for arguments in (("maps", "a.mmx", "--at", time), ("diff", f"a.mmx@{time}", "a.mmx")):
        done = run(*arguments, folder=folder)
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith(said)


def test_several_processes_can_only_be_chosen_from_where_there_is_an_option_for_it(tmp_path: Path) -> None:
    written(tmp_path / "c.mmx", [{"list/": (7, 8), **_process(7, 100), **_process(8, 100)}])
    said = "mmexplorer: c.mmx: 2 processes, "
    for arguments in (("diff", "c.mmx", "c.mmx"), ("diff", "c.mmx@0", "c.mmx"), ("where", "c.mmx", "0x400000")):
        done = run(*arguments, folder=tmp_path)
        assert done.status == 1
        heading, *listed = done.err.splitlines()
        assert heading == f"{said}and this needs a file of one (mmexplorer maps c.mmx --pid N shows one of them):"
        assert [each.split()[0] for each in listed] == ["7", "8"]
    done = run("maps", "c.mmx", folder=tmp_path)
    assert (done.status, done.err.splitlines()[0]) == (1, f"{said}choose one with --pid:")
    assert document("maps", "c.mmx", "--pid", "8", folder=tmp_path)["pid"] == 8


@pytest.mark.parametrize("state", ["Z", "S"])
def test_what_has_no_memory_is_said_even_if_its_maps_was_not_recorded(tmp_path: Path, state: str) -> None:
    stat = f"7 (it) {state} 1 {_FIELDS}".replace("1 0 0 0 0 0", f"1 0 0 0 0 {0x200000 if state == 'S' else 0}", 1)
    written(tmp_path / "c.mmx", [{"list/": (7,), "proc/7/stat": stat.encode(), "proc/7/statm": b"0 0 0 0 0 0 0"}])
    said = "a zombie: it has exited" if state == "Z" else "a kernel thread: it works"
    done = run("maps", "c.mmx", folder=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"7 it: {said}")
    assert said in document("maps", "c.mmx", folder=tmp_path)["unavailable"]["exe"]
    done = run("elf", "-p", "c.mmx", folder=tmp_path)
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(f"mmexplorer: 7: {said}")
