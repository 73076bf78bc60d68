"""All processes of the machine, once per tick: two small reads each, and the same object for an unchanged one.

Owner and command line are read once for each program a process runs.
"""

from collections.abc import Callable, Collection
from functools import partial

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple, frozen
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.stat import Stat, parse_stat
from mmexplorer.parse.process.statm import Statm, parse_statm
from mmexplorer.parse.process.status import parse_cmdline

_EXITED = frozenset("ZX")
_COMMAND_AT_MOST = 1 << 12
"""The most bytes of a command line that are read: any user can make one of 60 MiB (PR_SET_MM_MAP of `prctl(2)`)."""
_GOES_ON = "…".encode()
_NO_MEMORY = b"0 0 0 0 0 0 0\n"
NOT_ASKED = Unavailable(Cause.NOT_READ, "not asked for")


class Owner(NamedTuple):
    """A process's owner and command line."""

    user: str | Unavailable
    command: tuple[str, ...] | Unavailable


@frozen
class ProcessSample:
    """What was read of a process in one tick."""

    process: Process
    stat: Stat
    memory_pid: int
    """The number below /proc through which its memory is read: its pid, or a living thread if its leader has exited.

    Such a process looks like a zombie at /proc/PID while its threads go on (kernel/README.md, "Who may read what").
    """
    texts: tuple[bytes, bytes | Unavailable]
    """stat and statm, as read."""

    @property
    def through_thread(self) -> int | None:
        """The living thread through which the memory is read; None if its own pid works."""
        return None if self.memory_pid == self.process.pid else self.memory_pid


def read_process(procfs: Procfs, pid: int, owner_of: Callable[[Stat], Owner]) -> ProcessSample | Unavailable:
    """Read one process; `owner_of` returns its owner and command line."""
    return _sample(procfs, f"{pid}/stat", procfs.read(f"{pid}/stat"), procfs.read, owner_of)


def read_name(procfs: Procfs, pid: int, owner_of: Callable[[Stat], Owner]) -> Process | Unavailable:
    """Read one process without its memory use, which requires another file."""
    stat = procfs.parsed(f"{pid}/stat", parse_stat)
    return stat if isinstance(stat, Unavailable) else _process(stat, NOT_ASKED, owner_of(stat))


def _sample(
    procfs: Procfs,
    name: str,
    text: bytes | Unavailable,
    read: Callable[[str], bytes | Unavailable],
    owner_of: Callable[[Stat], Owner],
) -> ProcessSample | Unavailable:
    """Parse a text of stat, and read the related files with `read`."""
    understood = procfs.understood(name, text, _with_text)
    if isinstance(understood, Unavailable):
        return understood
    stat_text, stat = understood
    memory_pid = _memory_pid(procfs, stat)
    name = f"{memory_pid}/statm"
    statm_text = _NO_MEMORY if stat.kernel_thread else read(name)
    statm = procfs.understood(name, statm_text, partial(parse_statm, page_size=procfs.page_size))
    process = _process(stat, statm, owner_of(stat))
    return ProcessSample(process, stat, memory_pid, (stat_text, statm_text))


class ProcessTable:
    """Reads the processes below a /proc and remembers them between ticks. Ended processes are dropped."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._owners = Owners(procfs)
        self._seen: dict[int, ProcessSample] = {}
        self._pids: tuple[int, ...] = ()

    def read(self) -> dict[ProcessKey, ProcessSample]:
        """Read all processes; ascending by pid. A process that ends meanwhile is left out."""
        pids = self._procfs.numbers()
        samples = [each for pid in pids if isinstance(each := self._read_one(pid), ProcessSample)]
        if pids != self._pids:
            self._pids = pids
            self._procfs.keep_open([f"{pid}/{name}" for pid in pids for name in ("stat", "statm")])
        self._seen = {sample.process.pid: sample for sample in samples}
        by_key = {sample.process.key: sample for sample in samples}
        self._owners.keep(by_key.keys())
        return by_key

    def _read_one(self, pid: int) -> ProcessSample | Unavailable:
        """Read one process; nothing is parsed if no byte has changed, as in most of them."""
        read, seen = self._procfs.read_again, self._seen.get(pid)
        text = read(f"{pid}/stat")
        if seen is None or text != seen.texts[0]:
            return _sample(self._procfs, f"{pid}/stat", text, read, self._owners.owner)
        if seen.process.kernel_thread or seen.texts[1] == read(f"{seen.memory_pid}/statm"):
            return seen
        return _sample(self._procfs, f"{pid}/stat", text, read, self._owners.owner)


def _read_stat(procfs: Procfs, pid: int) -> tuple[bytes, Stat] | Unavailable:
    return procfs.parsed(f"{pid}/stat", _with_text)


def _with_text(text: bytes) -> tuple[bytes, Stat] | ParseError:
    stat = parse_stat(text)
    return stat if isinstance(stat, ParseError) else (text, stat)


def _memory_pid(procfs: Procfs, stat: Stat) -> int:
    if stat.state in _EXITED and stat.num_threads > 1:
        for tid in procfs.numbers(f"{stat.pid}/task"):
            thread = _read_stat(procfs, tid)
            if not isinstance(thread, Unavailable) and thread[1].state not in _EXITED:
                return tid
    return stat.pid


def _process(stat: Stat, statm: Statm | Unavailable, owner: Owner) -> Process:
    return Process(
        pid=stat.pid,
        ppid=stat.ppid,
        start_time=stat.start_time,
        user=owner.user,
        name=stat.comm,
        command=owner.command,
        state=stat.state,
        rss=statm.resident if isinstance(statm, Statm) else statm,
        vsz=statm.size if isinstance(statm, Statm) else stat.vsize,
        threads=stat.num_threads,
        min_flt=stat.min_flt,
        maj_flt=stat.maj_flt,
        kernel_thread=stat.kernel_thread,
    )


class _Program(NamedTuple):
    """Identifies a process's program, which changes with execve(2): the new stack starts elsewhere."""

    comm: str
    start_stack: int


class Owners:
    """Caches the answers as long as the processes live."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._known: dict[ProcessKey, tuple[_Program, Owner]] = {}

    def owner(self, stat: Stat) -> Owner:
        """Return the owner and command line of the program described by `stat`."""
        key, program = ProcessKey(stat.pid, stat.start_time), _Program(stat.comm, stat.start_stack)
        before, owner = self._known.get(key, (None, None))
        if owner is None or before != program:
            owner = Owner(self._procfs.user(stat.pid), _command(self._procfs, stat.pid))
            self._known[key] = program, owner
        return owner

    def keep(self, living: Collection[ProcessKey]) -> None:
        """Drop all processes except the living ones."""
        if len(self._known) > len(living):
            self._known = {key: known for key, known in self._known.items() if key in living}


def command_only(procfs: Procfs) -> Callable[[Stat], Owner]:
    """Return a function that reads the command line but not the owner, which requires another file."""
    return lambda stat: Owner(NOT_ASKED, _command(procfs, stat.pid))


def _command(procfs: Procfs, pid: int) -> tuple[str, ...] | Unavailable:
    # Use the kernel's bytes, unlike tools that modify a single argument containing blanks or newlines.
    text = procfs.head(f"{pid}/cmdline", _COMMAND_AT_MOST + 1)
    if isinstance(text, Unavailable):
        return text
    return parse_cmdline(text if len(text) <= _COMMAND_AT_MOST else text[:_COMMAND_AT_MOST] + _GOES_ON)
