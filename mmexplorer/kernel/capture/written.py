"""A source whose files are prepared in advance: made from a core file or a pasted text."""

from collections.abc import Mapping

from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple

_NUMBERS_AFTER_PPID = 47
"""Fields 5 to 52 of stat (`proc_pid_stat(5)`), except the one that is known."""


class WrittenProcess(NamedTuple):
    """One process's files, with the contents of /proc/PID/NAME."""

    files: Mapping[str, bytes | Unavailable]
    exe: str | Unavailable
    tids: tuple[int, ...]
    user: str | Unavailable


class WrittenProcfs(Procfs):
    """Answers from prepared files; anything else gives `reason`."""

    def __init__(
        self, processes: Mapping[int, WrittenProcess], page_size: int, reason: Unavailable, known_as: str
    ) -> None:
        self._processes = processes
        self._reason = reason
        self.page_size = page_size
        self.host = self.kernel = ""
        self.known_as = known_as

    def read(self, name: str) -> bytes | Unavailable:
        """Return a process's file."""
        pid, _, rest = name.partition("/")
        process = self._process(pid)
        if process is None:
            return ENDED if pid.isdigit() else self._reason
        return process.files.get(rest, self._reason)

    def link(self, name: str) -> str | Unavailable:
        """Return the target of `PID/exe`."""
        pid, _, rest = name.partition("/")
        process = self._process(pid)
        return process.exe if process is not None and rest == "exe" else self._reason

    def exists(self, name: str) -> bool:
        """Return whether a process exists; other files are not looked up."""
        return self._process(name.partition("/")[0]) is not None or name == "self/smaps"

    def numbers(self, folder: str = "") -> tuple[int, ...]:
        """Return the processes, or the threads of one."""
        if not folder:
            return tuple(sorted(self._processes))
        process = self._process(folder.removesuffix("/task"))
        return process.tids if process is not None and folder.endswith("/task") else ()

    def user(self, pid: int) -> str | Unavailable:
        """Return the process's owner."""
        process = self._processes.get(pid)
        return ENDED if process is None else process.user

    def _process(self, pid: str) -> WrittenProcess | None:
        return self._processes.get(int(pid)) if pid.isascii() and pid.isdigit() else None


def stat_text(pid: int, name: str, state: str, ppid: int, *, threads: int, vsize: int) -> bytes:
    """Write stat with the known fields of a process, and 0 in all others."""
    numbers = [0] * (_NUMBERS_AFTER_PPID + 1)
    numbers[20 - 5] = threads
    numbers[23 - 5] = vsize
    comm = name.encode("utf-8", "surrogateescape")
    return b"%d (%s) %s %d %s\n" % (pid, comm, state.encode(), ppid, " ".join(map(str, numbers)).encode())


def status_text(pid: int, uid: int | None) -> bytes:
    """Write the lines of status needed to find a process."""
    owner = b"" if uid is None else b"Uid:\t%d\t%d\t%d\t%d\n" % (uid, uid, uid, uid)
    return b"Tgid:\t%d\nPid:\t%d\n" % (pid, pid) + owner
