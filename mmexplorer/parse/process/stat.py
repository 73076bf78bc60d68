"""/proc/PID/stat: `proc_pid_stat(5)`."""

import re

from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.error import ParseError

_NUMBERS = re.compile(rb"-?[0-9]{1,20}(?: -?[0-9]{1,20})*")
_PF_KTHREAD = 0x00200000
"""From `include/linux/sched.h`. The `Kthread:` line of status says the same, but only since Linux 6.8."""
_AFTER_COMM = 3
"""The manual page's number for the first field after the name."""
_LAST = 28


class Stat(NamedTuple):
    """The fields of stat needed for a process row."""

    pid: int
    comm: str
    """Undecodable bytes as surrogates."""
    state: str
    ppid: int
    flags: int
    min_flt: int
    maj_flt: int
    num_threads: int
    start_time: int
    """Clock ticks after boot."""
    vsize: int
    """Bytes."""
    start_stack: int
    """The bottom of the stack, new after each execve(2); 0 for readers who may not trace the process."""

    @property
    def kernel_thread(self) -> bool:
        """Whether PF_KTHREAD is set."""
        return bool(self.flags & _PF_KTHREAD)


def parse_stat(data: bytes) -> Stat | ParseError:
    """Read stat. The name ends at the *last* `)`: it may contain parentheses, blanks and newlines itself."""
    head, closed, tail = data.rpartition(b")")
    pid, opened, comm = head.partition(b" (")
    fields = tail.split()
    if not (closed and opened and pid.isdigit() and len(fields) > _LAST - _AFTER_COMM):
        return ParseError(data, "stat is not `pid (comm) state` and 25 numbers")
    numbers = fields[1 : _LAST - _AFTER_COMM + 1]
    if len(fields[0]) != 1 or not _NUMBERS.fullmatch(b" ".join((pid, *numbers))):
        return ParseError(data, "a field of stat is not a number")

    def field(number: int) -> int:
        return int(fields[number - _AFTER_COMM])

    return Stat(
        pid=int(pid),
        comm=comm.decode("utf-8", "surrogateescape"),
        state=fields[0].decode("latin-1"),
        ppid=field(4),
        flags=field(9),
        min_flt=field(10),
        maj_flt=field(12),
        num_threads=field(20),
        start_time=field(22),
        vsize=field(23),
        start_stack=field(28),
    )
