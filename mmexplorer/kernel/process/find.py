"""Finds a process for a command: by pid, or by name, without asking for what neither needs."""

import os

from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.process.table import ProcessSample, command_only, read_process
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process import Process, ProcessKey
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.status import parse_status

_DIGITS = 10
"""More than any pid has: 2^22 is the largest (`proc_sys_kernel(5)`, pid_max)."""


def process_key(procfs: Procfs, digits: str) -> ProcessKey | Unavailable:
    """Give the process with that pid, or the one that a thread of that number belongs to."""
    pid = digits.lstrip("0") or "0"
    if len(pid) > _DIGITS:
        return ENDED
    status = procfs.read(f"{pid}/status")
    tgid = None if isinstance(status, Unavailable) else parse_status(status).number("Tgid")
    sample = read_process(procfs, int(pid) if tgid is None else tgid, command_only(procfs))
    return sample if isinstance(sample, Unavailable) else sample.process.key


def named_processes(procfs: Procfs, name: str) -> tuple[Process, ...]:
    """Give the processes, but for this one, whose comm or last part of argv[0] is `name`; ascending by pid."""
    found = (read_process(procfs, pid, command_only(procfs)) for pid in procfs.numbers() if pid != os.getpid())
    return tuple(each.process for each in found if isinstance(each, ProcessSample) and name in _names(each.process))


def _names(process: Process) -> tuple[str, ...]:
    if isinstance(process.command, Unavailable) or not process.command:
        return (process.name,)
    return (process.name, process.command[0].rpartition("/")[2])
