"""/proc/PID/task/TID/syscall: `proc_pid_syscall(5)`."""

from typing import NamedTuple

from mmexplorer.parse.error import ParseError

_BLOCKED_FIELDS = (3, 9)
"""`-1 SP PC` outside of a system call; its number, six arguments, SP and PC inside of one."""


class Pointers(NamedTuple):
    """Where a thread is."""

    stack: int
    instruction: int


def parse_pointers(data: bytes) -> Pointers | ParseError | None:
    """Give the stack pointer and the program counter of a thread; None while it runs, when there is only `running`."""
    fields = data.split()
    if fields == [b"running"]:
        return None
    if len(fields) not in _BLOCKED_FIELDS:
        return ParseError(data, "not a line of syscall")
    try:
        return Pointers(int(fields[-2], 16), int(fields[-1], 16))
    except ValueError:
        return ParseError(data, "its stack pointer or program counter is no hexadecimal number")
