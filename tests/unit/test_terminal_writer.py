"""Writing to the terminal never blocks."""

import os
import select
import threading
from collections.abc import Iterator

import pytest
from textual._ansi_sequences import SYNC_END, SYNC_START

from mmexplorer.ui.terminal.writer import Writer
from tests.support.patience import PATIENCE
from tests.support.readable import readable
from tests.support.specimens.children import until


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_what_is_written_arrives_in_order(pipe: tuple[int, int]) -> None:
    writer = Writer(pipe[1], lambda: None)
    writer.start()
    for number in range(100):
        writer.write(f"{number};")
    assert writer.end(PATIENCE)
    assert os.read(pipe[0], 1 << 16).decode() == "".join(f"{number};" for number in range(100))


def test_a_frame_is_written_at_once(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    write = os.write

    def record(descriptor: int, data: bytes) -> int:
        if descriptor == pipe[1]:
            written.append(bytes(data))
        return write(descriptor, data)

    monkeypatch.setattr("mmexplorer.ui.terminal.writer.os.write", record)
    writer = Writer(pipe[1], lambda: None)
    writer.start()
    for number in range(100):
        for text in (SYNC_START, f"{number}", ";", SYNC_END):
            writer.write(text)
    assert writer.end(PATIENCE)
    assert b"".join(written).decode() == "".join(f"{SYNC_START}{number};{SYNC_END}" for number in range(100))
    assert all(each.startswith(SYNC_START.encode()) and each.endswith(SYNC_END.encode()) for each in written)


def test_a_terminal_that_reads_nothing_holds_nobody_up_and_is_painted_again_later(pipe: tuple[int, int]) -> None:
    missed = threading.Event()
    writer = Writer(pipe[1], missed.set)
    writer.start()
    writer.write("x" * (1 << 17))
    takes = select.poll()
    takes.register(pipe[1], select.POLLOUT)
    until(lambda: not takes.poll(0))
    for _ in range(200):
        writer.write("x" * 65536)
    assert not writer.end(0.1)
    assert not missed.is_set()

    def is_told() -> bool:
        """Read what there is: the writer tells of what was missed only after the last of it was taken."""
        while readable(pipe[0]):
            os.read(pipe[0], 1 << 20)
        return missed.is_set()

    until(is_told)
    writer.join(PATIENCE)
    assert not writer.is_alive()


def test_a_terminal_that_is_gone_takes_everything() -> None:
    gone, end = os.pipe()
    os.close(gone)
    writer = Writer(end, lambda: None)
    writer.start()
    writer.write("x")
    writer.join(PATIENCE)
    for _ in range(200):
        writer.write("x" * 65536)
    assert writer.end(PATIENCE)
    os.close(end)
