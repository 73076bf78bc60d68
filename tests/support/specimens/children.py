"""Child processes for tests to read: started and ended here, signalled only by pid."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from tests.support.patience import PATIENCE

T = TypeVar("T")


@contextlib.contextmanager
def child(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a Python program that prints a line when it is ready and lives until its stdin ends or it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-I", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def code(program: str) -> Iterator[subprocess.Popen[str]]:
    """Run the text of a program, which has printed its first line and waits for input."""
    with child("-c", program) as process:
        ready_line(process)
        yield process


@contextlib.contextmanager
def specimen(folder: Path) -> Iterator[tuple[int, dict[str, int | None]]]:
    """Run the specimen of every mapping; yield its pid and the address of each mapping."""
    with child(str(Path(__file__).with_name("specimen_child.py")), str(folder)) as process:
        yield process.pid, json.loads(ready_line(process))


def ready_line(process: subprocess.Popen[str]) -> str:
    """Wait for the next line of a child, and until it waits for input."""
    line = next_line(process)
    if line:
        at_rest(process.pid)
    return line


def next_line(process: subprocess.Popen[str]) -> str:
    """Wait for the next line that a child prints, and leave it running; return "" at the end of its output."""
    assert process.stdout is not None
    return process.stdout.readline()


def say(process: subprocess.Popen[str], text: str) -> None:
    """Write a line to the child's stdin."""
    assert process.stdin is not None
    process.stdin.write(f"{text}\n")
    process.stdin.flush()


@contextlib.contextmanager
def sleeping() -> Iterator[int]:
    """Run sleep(1), which is at rest; yield its pid."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        try:
            at_rest(process.pid)
            yield process.pid
        finally:
            process.kill()


def stopped(pid: int) -> None:
    """Wait until a SIGSTOP has taken effect."""
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)


def at_rest(pid: int) -> None:
    """Wait until every thread sleeps: a process may still touch and map memory after it reports that it is ready."""
    until(lambda: all(thread_state(thread) == "S" for thread in Path(f"/proc/{pid}/task").iterdir()))


def thread_state(thread: Path) -> str:
    """Return the state letter of a thread, given its folder in /proc."""
    return (thread / "stat").read_text().rpartition(")")[2].split()[0]


def lives(pid: int) -> bool:
    """Return whether a process hasn't ended; one that has may stay a zombie: our PID 1 may not wait for orphans."""
    try:
        return thread_state(Path(f"/proc/{pid}")) not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition: Callable[[], bool]) -> None:
    """Poll for a condition that the kernel doesn't announce with an event."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def agree(ours: Callable[[], T], theirs: Callable[[], T]) -> T:
    """Compare two readings, again if they differ: between the two the kernel may take pages of files away."""
    deadline = time.monotonic() + PATIENCE
    while (found := ours()) != (expected := theirs()):
        assert time.monotonic() < deadline, f"{found} is not {expected}"
        time.sleep(0.005)
    return found
