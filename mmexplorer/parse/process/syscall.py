"""/proc/PID/task/TID/syscall: `proc_pid_syscall(5)`."""

from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.error import ParseError

_BLOCKED_FIELDS = (3, 9)
"""`-1 SP PC` outside a system call; its number, six arguments, SP and PC inside one."""


class Pointers(NamedTuple):
    """A thread's stack pointer and program counter."""

    stack: int
    instruction: int


def parse_pointers(data: bytes) -> Pointers | ParseError | None:
    """Return a thread's stack pointer and program counter; None while it runs, when the file just says `running`."""
    fields = data.split()
    if fields == [b"running"]:
        return None
    if len(fields) not in _BLOCKED_FIELDS:
        return ParseError(data, "not a line of syscall")
    try:
        return Pointers(int(fields[-2], 16), int(fields[-1], 16))
    except ValueError:
        return ParseError(data, "its stack pointer or program counter is no hexadecimal number")
