"""Confines a program written by a learner (limits, another user, no writing to files), and ends everything it started.

Used only by the keeper, in its own process or, for `Limits.apply`, between fork and execve.
"""

import contextlib
import ctypes
import os
import resource
import signal
import time
from pathlib import Path

from mmexplorer.labs.c_program import OWN_CPU_SECONDS, OWN_MEMORY, OWN_PROCESSES

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
DESCRIPTORS = 128
"""RLIMIT_NOFILE, above the descriptors of `told.h`. It can't write to files: RLIMIT_FSIZE is 0, and Landlock (if
available) prevents creating any."""
_CPU_SECONDS_MORE = 1
"""From the soft limit to the hard one: SIGXCPU names the limit, SIGKILL would not, setrlimit(2)."""
FIRST_FREE_UID = 2_000_000_000
"""Beyond the uids of people and containers: the process limit counts per user, and doesn't apply to root."""
SYS_LANDLOCK_CREATE, SYS_LANDLOCK_RESTRICT = 444, 446
LANDLOCK_WRITES = 0x1FF2
"""Writing, creating and removing files and directories: landlock(7), version 1, without execute and the two reads."""

libc = ctypes.CDLL(None, use_errno=True)


class CannotConfineError(Exception):
    """Why a program can't be confined here."""


class Limits:
    """The limits of a learner's program; made before the fork, so that `apply` only makes system calls."""

    def __init__(self) -> None:
        self.uid = os.getuid()
        if self.uid == 0:
            self.uid = FIRST_FREE_UID + os.getpid()
            if not can_become(self.uid):
                raise CannotConfineError(
                    "root can't become another user here, so the program's processes can't be limited"
                )
        self.processes = tasks_of(self.uid) + OWN_PROCESSES
        self.ruleset = landlock()

    def apply(self) -> None:
        """Confine the calling process; called between fork and execve."""
        for which, limit in (
            (resource.RLIMIT_CPU, OWN_CPU_SECONDS), (resource.RLIMIT_AS, OWN_MEMORY), (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_NOFILE, DESCRIPTORS), (resource.RLIMIT_NPROC, self.processes), (resource.RLIMIT_CORE, 0),
        ):  # fmt: skip
            hard = resource.getrlimit(which)[1]
            most = limit + (_CPU_SECONDS_MORE if which == resource.RLIMIT_CPU else 0)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(which, (min(limit, most), most))
        if os.getuid() != self.uid:
            os.setgroups([])
            os.setresgid(self.uid, self.uid, self.uid)
            os.setresuid(self.uid, self.uid, self.uid)
            libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # or /proc/self stays root's, and with it the path to the program
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if self.ruleset >= 0:
            libc.syscall(SYS_LANDLOCK_RESTRICT, self.ruleset, 0)
        belong()


def can_become(uid: int) -> bool:
    """Return whether this process may switch to another user id: try it in a child."""
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os._exit(0)
        os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def tasks_of(uid: int) -> int:
    """Return how many tasks a user has: RLIMIT_NPROC counts them all."""
    count = 0
    for entry in os.listdir("/proc"):  # noqa: PTH208 - a Path per process is expensive
        if entry.isdigit():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{entry}").st_uid == uid:  # noqa: PTH116
                    count += len(os.listdir(f"/proc/{entry}/task"))  # noqa: PTH208
    return count


def landlock() -> int:
    """Return a ruleset that prevents writing and creating files; -1 if the kernel doesn't support it."""
    handled = ctypes.c_uint64(LANDLOCK_WRITES)
    ruleset: int = libc.syscall(SYS_LANDLOCK_CREATE, ctypes.byref(handled), ctypes.c_size_t(8), 0)
    return ruleset


def belong() -> None:
    """End with the keeper; called after a change of user, which would undo it."""
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def descendants() -> list[int]:
    """Return all descendants of this process."""
    found = [os.getpid()]
    for pid in found:
        found += children_of(pid)
    return found[1:]


def children_of(pid: int) -> list[int]:
    """Return the children of a process, orphans left to it included: proc_pid_task_children(5).

    A process that forks and exits in a loop is only caught by a look that takes no longer than it lives.
    """
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - no Path for each thread
            found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_bytes().split())
        return found
    return found if Path("/proc/self/task", str(os.getpid()), "children").exists() else children_by_stat(pid)


def children_by_stat(pid: int) -> list[int]:
    """Find them by the parents listed in stat: not every kernel has CONFIG_PROC_CHILDREN."""
    found: list[int] = []
    for entry in os.listdir("/proc"):  # noqa: PTH208 - as above
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = Path(f"/proc/{entry}/stat").read_bytes()
                if int(stat.rpartition(b")")[2].split()[1]) == pid:
                    found.append(int(entry))
    return found


def end_descendants(seconds: float = 5) -> None:
    """End all the program started, and reap it: orphans are reparented to us, a subreaper."""
    deadline = time.monotonic() + seconds
    while reap() and time.monotonic() < deadline:
        for pid in descendants():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.0005)


def reap() -> bool:
    """Reap the children that have ended; return whether any are left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
