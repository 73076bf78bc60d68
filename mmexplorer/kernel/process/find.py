"""Finds a process for a command, by pid or by name, reading only what that needs."""

import os

from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.process.table import ProcessSample, command_only, read_process
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.status import parse_status

_DIGITS = 10
"""More digits than any pid has: at most 2^22 (`proc_sys_kernel(5)`, pid_max)."""

_COMM_BYTES = 15
"""The maximum length of a comm: TASK_COMM_LEN without the terminating NUL (`proc_pid_comm(5)`)."""


def process_key(procfs: Procfs, digits: str) -> ProcessKey | Unavailable:
    """Return the process with that pid, or the one containing the thread with that number."""
    pid = digits.lstrip("0") or "0"
    if len(pid) > _DIGITS:
        return ENDED
    status = procfs.read(f"{pid}/status")
    tgid = None if isinstance(status, Unavailable) else parse_status(status).number("Tgid")
    sample = read_process(procfs, int(pid) if tgid is None else tgid, command_only(procfs))
    return sample if isinstance(sample, Unavailable) else sample.process.key


def named_processes(procfs: Procfs, name: str) -> tuple[Process, ...]:
    """Return the processes with that name, except this one; ascending by pid.

    The name is the comm, the last part of argv[0] or, if the comm may be truncated, the last part of the exe link.
    """
    found = (read_process(procfs, pid, command_only(procfs)) for pid in procfs.numbers() if pid != os.getpid())
    processes = (each.process for each in found if isinstance(each, ProcessSample))
    return tuple(each for each in processes if name in _names(each) or _is_cut(each.name, name, procfs, each.pid))


def _is_cut(comm: str, name: str, procfs: Procfs, pid: int) -> bool:
    """Return whether `comm` is a truncated `name` and that is the program's: a custom title may hide argv[0]."""
    if len(comm.encode("utf-8", "surrogateescape")) < _COMM_BYTES or not name.startswith(comm):
        return False
    exe = procfs.link(f"{pid}/exe")
    return not isinstance(exe, Unavailable) and exe.removesuffix(" (deleted)").rpartition("/")[2] == name


def _names(process: Process) -> tuple[str, ...]:
    if isinstance(process.command, Unavailable) or not process.command:
        return (process.name,)
    return (process.name, process.command[0].rpartition("/")[2])
