"""/proc/PID/task/TID/syscall: `proc_pid_syscall(5)`."""

from mmexplorer.parse.error import ParseError

_BLOCKED_FIELDS = (3, 9)
"""`-1 SP PC` outside of a system call; its number, six arguments, SP and PC inside of one."""


def parse_stack_pointer(data: bytes) -> int | ParseError | None:
    """Give the stack pointer of a thread; None while it runs, when the kernel writes `running`."""
    fields = data.split()
    if fields == [b"running"]:
        return None
    if len(fields) not in _BLOCKED_FIELDS:
        return ParseError(data, "not a line of syscall")
    try:
        return int(fields[-2], 16)
    except ValueError:
        return ParseError(data, "its stack pointer is no hexadecimal number")
