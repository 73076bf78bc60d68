"""Whose a process is and what it was called with: asked once for each program that a process runs."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.stat import Stat
from mmexplorer.parse.status import parse_cmdline

_NOT_ASKED = Unavailable(Cause.NOT_READ, "not asked for")


class Owner(NamedTuple):
    """What psutil and cmdline say."""

    user: str | Unavailable
    command: tuple[str, ...] | Unavailable


class _Program(NamedTuple):
    """Tells one program of a process from the next after execve(2): the new stack stands elsewhere."""

    key: ProcessKey
    comm: str
    start_stack: int


class Owners:
    """Remembers the answers as long as the processes live."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._known: dict[_Program, Owner] = {}

    def owner(self, stat: Stat) -> Owner:
        """Give the owner and the command line of the program that `stat` is about."""
        program = _Program(ProcessKey(stat.pid, stat.start_time), stat.comm, stat.start_stack)
        owner = self._known.get(program)
        if owner is None:
            owner = self._known[program] = Owner(_user(stat.pid), _command(self._procfs, stat.pid))
        return owner

    def keep(self, living: Collection[ProcessKey]) -> None:
        """Forget all processes but the living ones."""
        if len(self._known) > len(living):
            self._known = {program: owner for program, owner in self._known.items() if program.key in living}


def command_only(procfs: Procfs) -> Callable[[Stat], Owner]:
    """Give a way to ask for the command line and not for the owner, which would load psutil."""
    return lambda stat: Owner(_NOT_ASKED, _command(procfs, stat.pid))


def _user(pid: int) -> str | Unavailable:
    import psutil  # noqa: PLC0415 - 20 ms that `--version` and the maps of one process need not pay

    try:
        return psutil.Process(pid).username()
    except psutil.NoSuchProcess:
        return ENDED
    except psutil.AccessDenied:
        return Unavailable(Cause.DENIED, "permission denied: /proc hides other users' processes")


def _command(procfs: Procfs, pid: int) -> tuple[str, ...] | Unavailable:
    # psutil's cmdline() splits a single argument at its blanks and translates newlines: the kernel's bytes instead.
    text = procfs.read(f"{pid}/cmdline")
    return text if isinstance(text, Unavailable) else parse_cmdline(text)
