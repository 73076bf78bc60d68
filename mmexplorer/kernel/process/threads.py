"""The threads of a process and where their stacks are."""

from collections.abc import Mapping

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.syscall import parse_stack_pointer

_AT_MOST = 1 << 12
"""Threads that are asked: two small reads each."""


def stack_pointers(procfs: Procfs, pid: int) -> Mapping[int, int]:
    """Give the stack pointer of each thread that waits, by its number; needs ATTACH access (`ptrace(2)`).

    A thread that runs, and one that may not be asked, is left out.
    """
    found = {}
    for tid in procfs.numbers(f"{pid}/task")[:_AT_MOST]:
        pointer = procfs.parsed(f"{pid}/task/{tid}/syscall", _or_zero)
        if isinstance(pointer, int) and pointer:
            found[tid] = pointer
    return found


def _or_zero(data: bytes) -> int | ParseError:
    return parse_stack_pointer(data) or 0
