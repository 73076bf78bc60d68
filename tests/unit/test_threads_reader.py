"""What is read and parsed of a process's threads in each tick."""

import pytest

from mmexplorer.kernel.process import threads as module
from mmexplorer.kernel.process.threads import ThreadsReader
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.stat import Stat, parse_stat
from tests.support.fakes.files import Files, stat

_WAITING = b"202 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffd00 0x40100\n"


def thread(tid: int, *, state: str = "S", syscall: bytes = _WAITING) -> dict[str, bytes]:
    return {f"5/task/{tid}/stat": stat(tid, state=state), f"5/task/{tid}/syscall": syscall}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the numbers of the threads whose stat was parsed."""
    tids: list[int] = []

    def parse(data: bytes) -> Stat | ParseError:
        found = parse_stat(data)
        if isinstance(found, Stat):
            tids.append(found.pid)
        return found

    monkeypatch.setattr(module, "parse_stat", parse)
    return tids


@pytest.mark.parametrize("all_again", [True, False])
def test_of_unchanged_threads_two_files_are_read_and_nothing_is_parsed(parsed: list[int], *, all_again: bool) -> None:
    procfs = Files(thread(5) | thread(6))
    reader = ThreadsReader(procfs)
    first = reader.read(5, all_again=all_again)
    assert [(each.tid, each.stack_pointer) for each in first] == [(5, 0x7FFD00), (6, 0x7FFD00)]
    procfs.taken()
    assert reader.read(5, all_again=all_again) is first
    assert sorted(procfs.taken()) == [f"5/task/{tid}/{name}" for tid in (5, 6) for name in ("stat", "syscall")]
    assert parsed == [5, 6]


def test_what_a_running_thread_does_not_tell_stays(parsed: list[int]) -> None:
    procfs = Files(thread(5) | thread(6))
    reader = ThreadsReader(procfs)
    first = reader.read(5, all_again=True)
    procfs.files |= thread(6, state="R", syscall=b"running\n")
    second = reader.read(5, all_again=True)
    assert parsed == [5, 6, 6]
    assert second[0] is first[0]
    assert (second[1].state, second[1].stack_pointer, second[1].instruction) == ("R", 0x7FFD00, None)


def test_threads_that_came_and_went() -> None:
    procfs = Files(thread(5) | thread(6))
    reader = ThreadsReader(procfs)
    reader.read(5, all_again=False)
    del procfs.files["5/task/6/stat"], procfs.files["5/task/6/syscall"]
    procfs.files |= thread(7)
    assert [each.tid for each in reader.read(5, all_again=False)] == [5, 7]
    procfs.taken()
    assert [each.tid for each in reader.read(5, all_again=False)] == [5, 7]
    assert not [name for name in procfs.taken() if "/6/" in name]
    procfs.files |= thread(6)
    assert [each.tid for each in reader.read(5, all_again=False)] == [5, 6, 7]


def test_a_thread_that_ends_while_it_is_read_is_left_out() -> None:
    procfs = Files(thread(5) | {"5/task/6/syscall": _WAITING})
    reader = ThreadsReader(procfs)
    for _ in range(2):
        assert [each.tid for each in reader.read(5, all_again=False)] == [5]
    procfs.files |= thread(6)
    assert [each.tid for each in reader.read(5, all_again=False)] == [5, 6]


def test_many_threads_are_read_in_turn() -> None:
    tids = range(100, 180)
    procfs = Files({name: text for tid in tids for name, text in thread(tid).items()})
    reader = ThreadsReader(procfs)
    reader.read(5, all_again=False)
    turns = []
    for _ in range(5):
        procfs.taken()
        reader.read(5, all_again=False)
        turns.append({int(name.split("/")[2]) for name in procfs.taken()})
    assert [len(turn) for turn in turns] == [32] * 5
    assert set().union(*turns[:3]) == set(tids)
