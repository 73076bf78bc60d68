"""The calls that the labs show are the calls that the lab process makes: held against strace(1)."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.labs.lab import Lab, Step
from mmexplorer.labs.operations import ready
from mmexplorer.labs.registry import find

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: Yama lets a user trace descendants only"),
]

MEMORY = ("mmap", "munmap", "mprotect", "madvise", "msync")
"""Every one of these that is made has to be told."""
OTHERS = (
    "memfd_create", "ftruncate", "openat", "pread64", "write", "fsync", "fadvise64", "prlimit64", "userfaultfd",
    "ioctl", "kill", "wait4", "brk",
)  # fmt: skip
"""Each of these that is told has to be made; Python makes more of them for itself."""
_CALL = re.compile(rf"({'|'.join((*MEMORY, *OTHERS))})\(.*\) = ")
_BY_NAME = {"0x66 /* MADV_??? */": "MADV_GUARD_INSTALL"}
"""What an older strace doesn't know."""
_OF_PYTHON = re.compile(
    r"mmap\(NULL, 4096, PROT_READ\|PROT_WRITE\|PROT_EXEC, "  # a C function that calls a Python function
    r"|m(map|unmap)\(\w+, (262144|1048576|1052672|4194304)[,)]"  # an arena of objects, a buffer, mincore(2)
)

_WITHOUT_CALLS = {"stack", "malloc"}
"""One of their processes makes none: the kernel lets a stack grow without one, and glibc serves from its pool."""
_STARTS_A_THREAD = {"slow-fault"}
"""glibc maps a stack and an arena for the thread, which the lab doesn't show."""


def groups(lab: Lab) -> Iterator[list[Step]]:
    """The steps that one process does."""
    steps: list[Step] = []
    for step in lab.steps:
        if step.fresh and steps:
            yield steps
            steps = []
        steps.append(step)
    yield steps


def told_and_made(lab: Lab, steps: list[Step], folder: Path) -> tuple[list[str], list[str]]:
    """Do the steps under strace; gives the lines that the labs show and those of the log."""
    log = folder / "strace"
    child = LabChild(lab.limits, folder=str(folder))
    child.start()
    try:
        assert child.ask(ready()).ok
        argv = [
            "strace",
            "-f",
            "-s",
            "64",
            "-p",
            str(child.pid),
            "-o",
            str(log),
            "-e",
            f"trace={','.join((*MEMORY, *OTHERS))}",
        ]
        with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stderr is not None
            assert "attached" in strace.stderr.readline()
            operations = [operation for step in steps for operation in (*step.prepare, *step.operations)]
            told = [row for operation in operations for row in child.ask(operation).call.split("\n")]
            strace.terminate()
    finally:
        child.close()
    return [re.sub(r"^\[pid +\d+\] ", "", row) for row in told], list(_lines(log.read_text()))


def _lines(log: str) -> Iterator[str]:
    """The calls of a log as we write them; one that another thread's or process's call interrupted is put together."""
    begun: dict[str, str] = {}
    for row in log.splitlines():
        pid, call = row.split(maxsplit=1)
        if call.endswith(" <unfinished ...>"):
            begun[pid] = call.removesuffix(" <unfinished ...>")
            continue
        call = re.sub(r"^<\.\.\. \w+ resumed>", lambda _: begun.pop(pid, ""), call)  # noqa: B023 - called at once
        for number, name in _BY_NAME.items():
            call = call.replace(number, name)
        yield re.sub(r"\) += ", ") = ", call)


def _was_made(row: str, made: list[str]) -> bool:
    """Whether a line was made as it is told; `...` stands for what strace abbreviates or the lab leaves out."""
    shape = re.compile(".*".join(re.escape(part) for part in row.split("...")))
    return any(shape.fullmatch(each) for each in made)


@pytest.mark.parametrize(
    "name",
    ["mmap", "mprotect", "madvise", "sharing", "cow", "filemap", "slow-fault", "reclaim", "crash", "stack", "malloc"],
)
def test_each_call_told_was_made_and_each_of_memory_that_was_made_is_told(name: str, tmp_path: Path) -> None:
    lab = find(name)
    assert lab is not None
    for steps in groups(lab):
        told, made = told_and_made(lab, steps, tmp_path)
        calls = [row for row in told if _CALL.match(row)]
        assert calls or name in _WITHOUT_CALLS, steps[0].title
        assert [row for row in calls if not _was_made(row, made)] == [], steps[0].title
        of_memory = [row for row in made if row.startswith(tuple(f"{call}(" for call in MEMORY))]
        untold = [row for row in of_memory if row not in told and not _OF_PYTHON.match(row)]
        assert untold == [] or name in _STARTS_A_THREAD, steps[0].title
