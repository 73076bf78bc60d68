"""What the table of processes reads and parses in each tick: as little as possible."""

import pytest

from mmexplorer.kernel.capture.record.recorder import RecordingProcfs
from mmexplorer.kernel.process import table as module
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.stat import Stat, parse_stat
from tests.support.fakes.files import Files, stat

_KERNEL_THREAD = 0x00200000


def process(pid: int, text: bytes = b"", *, rss: int = 1) -> dict[str, bytes]:
    """Return the files of a process, whose stat may be given."""
    return {f"{pid}/stat": text or stat(pid), f"{pid}/statm": f"9 {rss} 1 1 0 1 0\n".encode()}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the pids whose stat was parsed."""
    pids: list[int] = []

    def parse(data: bytes) -> Stat | ParseError:
        found = parse_stat(data)
        if isinstance(found, Stat):
            pids.append(found.pid)
        return found

    monkeypatch.setattr(module, "parse_stat", parse)
    return pids


def test_of_unchanged_processes_two_files_are_read_and_nothing_is_parsed(parsed: list[int]) -> None:
    procfs = Files(process(1) | process(2, stat(2, flags=_KERNEL_THREAD)) | process(30))
    table = ProcessTable(procfs)
    first = table.read()
    assert procfs.taken() == [
        *("1/stat", "1/statm", "1 user", "1/cmdline"),
        *("2/stat", "2 user", "2/cmdline"),
        *("30/stat", "30/statm", "30 user", "30/cmdline"),
    ]
    assert parsed == [1, 2, 30]
    assert table.read() is first
    assert procfs.taken() == ["1/stat", "1/statm", "2/stat", "30/stat", "30/statm"]
    assert parsed == [1, 2, 30]


@pytest.mark.parametrize("change", [process(2, stat(2, faults=1)), process(2, rss=2)])
def test_only_what_changed_is_parsed(parsed: list[int], change: dict[str, bytes]) -> None:
    procfs = Files(process(1) | process(2) | process(3))
    table = ProcessTable(procfs)
    before = table.read()
    procfs.taken()
    procfs.files |= change
    after = table.read()
    assert parsed == [1, 2, 3, 2]
    assert procfs.taken() == ["1/stat", "1/statm", "2/stat", "2/statm", "3/stat", "3/statm"]
    assert list(after) == list(before)
    assert [after[key] is before[key] for key in before] == [True, False, True]
    changed = next(sample.process for key, sample in after.items() if key.pid == 2)
    assert (changed.min_flt, changed.rss) in ((1, 4096), (0, 8192))


def test_what_came_and_went_is_read_once_and_no_more() -> None:
    procfs = Files(process(5) | process(7))
    table = ProcessTable(procfs)
    seven = next(sample for key, sample in table.read().items() if key.pid == 7)
    procfs.files = process(2) | process(7)
    procfs.taken()
    found = table.read()
    assert [key.pid for key in found] == [2, 7]
    assert found[seven.process.key] is seven
    assert procfs.taken() == ["7/stat", "7/statm", "2/stat", "2/statm", "2 user", "2/cmdline"]
    table.read()
    assert sorted(procfs.taken()) == ["2/stat", "2/statm", "7/stat", "7/statm"]


def test_a_number_that_was_given_to_another_process_is_that_process() -> None:
    procfs = Files(process(5) | process(7))
    table = ProcessTable(procfs)
    table.read()
    procfs.files |= process(5, stat(5, start=8))
    assert [tuple(key) for key in table.read()] == [(5, 8), (7, 7)]


def test_a_process_that_cannot_be_read_is_left_out_until_it_can() -> None:
    procfs = Files(process(5) | {"7/statm": b"9 1 1 1 0 1 0\n"})
    table = ProcessTable(procfs)
    for _ in range(2):
        assert [key.pid for key in table.read()] == [5]
    procfs.files |= process(7)
    assert [key.pid for key in table.read()] == [5, 7]
    del procfs.files["5/stat"]
    for _ in range(2):
        assert [key.pid for key in table.read()] == [7]
    procfs.files |= process(5)
    assert [key.pid for key in table.read()] == [5, 7]


def test_the_memory_of_a_process_whose_main_thread_exits_is_read_through_another() -> None:
    procfs = Files(process(5, stat(5, threads=2)) | {"5/task/5/stat": b"", "5/task/6/stat": b"", "6/stat": stat(6)})
    procfs.numbers = lambda folder="": (5, 6) if folder else (5,)  # type: ignore[method-assign]
    table = ProcessTable(procfs)
    assert [sample.memory_pid for sample in table.read().values()] == [5]
    procfs.files |= {"5/stat": stat(5, state="Z", threads=2), "6/statm": b"9 3 1 1 0 1 0\n"}
    procfs.taken()
    (sample,) = table.read().values()
    assert procfs.taken().count("5/stat") == 1
    assert (sample.memory_pid, sample.process.rss) == (6, 3 * 4096)
    procfs.taken()
    procfs.files["6/statm"] = b"9 4 1 1 0 1 0\n"
    (sample,) = table.read().values()
    assert sample.process.rss == 4 * 4096
    assert sorted(procfs.taken()) == ["5/stat", "6/stat", "6/statm"]


def test_all_that_is_read_is_recorded_under_the_same_names_each_time() -> None:
    procfs = RecordingProcfs(Files(process(1) | process(2)))
    table = ProcessTable(procfs)
    table.read()
    first = procfs.take()
    table.read()
    second = procfs.take()
    files = ["proc/1/stat", "proc/1/statm", "proc/2/stat", "proc/2/statm"]
    assert [name for name in first if name.startswith("proc/") and "cmdline" not in name] == files
    assert list(second) == ["list/", *files]
    assert all(second[name] is first[name] for name in files)
