from dataclasses import replace

from mmexplorer.model.process.thread import Thread
from mmexplorer.present.explore.threads import THREAD_COLUMNS, named, thread_rows
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import anonymous, regions, space, usage

STACK = anonymous(0x7F3A40001000, 0x7F3A40801000)
SMALL = sorted([*regions(), STACK])


def test_a_thread_shows_its_stack_and_how_much_of_it_is_in_memory() -> None:
    threads = (
        Thread(8360, "cat", "S", SMALL[-2].end - 64),
        Thread(8404, "worker\x1b", "S", STACK.end - 64),
        Thread(8405, "busy", "R", None),
    )
    of = replace(space(SMALL, {STACK.range: usage(Rss=36 << 10)}), threads=threads)
    rows = [[plain(column.text(row)) for column in THREAD_COLUMNS] for row in thread_rows(of)]
    assert rows[1] == ["8404", "worker␛", "S", "7f3a40001000", "8M", "36K", "—", "sleeping  "]
    assert rows[2][3:6] == ["—", "—", "—"]
    assert "it is running, or access is denied" in rows[2][7]
    assert rows[0][3] == "7ffd8a4c0000"


def test_a_process_of_one_thread_has_no_rows() -> None:
    assert thread_rows(space(SMALL)) == ()


def test_a_thread_tells_the_function_that_it_waits_in_or_the_address() -> None:
    threads = (
        Thread(1, "cat", "S", None, 0x7F3A4C026010),
        Thread(2, "one", "S", None, 0x10),
        Thread(3, "two", "R", None),
    )
    rows = named(thread_rows(replace(space(SMALL), threads=threads)), {0x7F3A4C026010: "libc.so.6: read+0x10"})
    [at] = (column for column in THREAD_COLUMNS if column.key == "at")
    assert [plain(at.text(row)) for row in rows] == ["libc.so.6: read+0x10", "00000010", "—"]
