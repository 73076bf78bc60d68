"""All processes of the machine, once per tick: two small reads each, and nothing more for an unchanged one.

Owner and command line are read again in turn, a few processes at each tick, and only of those that have run since.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

from mmexplorer.kernel.process.runs import runs
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple, frozen
from mmexplorer.parse.process.stat import Stat, parse_stat
from mmexplorer.parse.process.statm import Statm, parse_statm
from mmexplorer.parse.process.status import parse_cmdline

_EXITED = frozenset("ZX")
_COMMAND_AT_MOST = 1 << 12
"""The most bytes of a command line that are read: any user can make one of 60 MiB (PR_SET_MM_MAP of `prctl(2)`)."""
_GOES_ON = "…".encode()
_NO_MEMORY = b"0 0 0 0 0 0 0\n"
_NOT_READ = b""
_TURN, _TURNS = 4, 64
"""At each tick at least so many processes have their turn, and each has it at least once in so many ticks."""
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

    @property
    def through_thread(self) -> int | None:
        """The living thread through which the memory is read; None if its own pid works."""
        return None if self.memory_pid == self.process.pid else self.memory_pid


def read_process(procfs: Procfs, pid: int, owner_of: Callable[[Stat], Owner]) -> ProcessSample | Unavailable:
    """Read one process; `owner_of` returns its owner and command line."""
    return _sample(procfs, pid, procfs.read, owner_of)


def read_name(procfs: Procfs, pid: int, owner_of: Callable[[Stat], Owner]) -> Process | Unavailable:
    """Read one process without its memory use, which requires another file."""
    stat = procfs.parsed(f"{pid}/stat", parse_stat)
    return stat if isinstance(stat, Unavailable) else _process(stat, NOT_ASKED, owner_of(stat))


def _sample(
    procfs: Procfs, pid: int, read: Callable[[str], bytes | Unavailable], owner_of: Callable[[Stat], Owner]
) -> ProcessSample | Unavailable:
    """Parse stat and statm, which `read` returns."""
    name = f"{pid}/stat"
    stat = procfs.understood(name, read(name), parse_stat)
    if isinstance(stat, Unavailable):
        return stat
    memory_pid = _memory_pid(procfs, stat)
    name = f"{memory_pid}/statm"
    text = _NO_MEMORY if stat.kernel_thread else read(name)
    statm = procfs.understood(name, text, partial(parse_statm, page_size=procfs.page_size))
    return ProcessSample(_process(stat, statm, owner_of(stat)), stat, memory_pid)


class ProcessTable:
    """Reads the processes below a /proc and remembers them between ticks. Ended processes are dropped."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._owners = Owners(procfs)
        self._pids: tuple[int, ...] = ()
        self._seen: dict[int, ProcessSample] = {}
        self._by_key: dict[ProcessKey, ProcessSample] = {}
        self._texts: dict[str, bytes | Unavailable] = {}
        """stat and statm of each process, as last read."""
        self._pid_of: dict[str, int] = {}
        """The process each of them belongs to."""
        self._next = 0
        """How many had their turn."""

    def read(self) -> dict[ProcessKey, ProcessSample]:
        """Read all processes; ascending by pid. A process that ends meanwhile is left out.

        Nothing is parsed if no byte has changed, as in most of them; the same dictionary if this is true of all.
        """
        pids = self._procfs.numbers()
        if pids != self._pids:
            self._drop(set(self._pids).difference(pids))
        before = self._texts
        self._texts = self._procfs.read_again(before)
        again = {self._pid_of[name] for name, text in self._texts.items() if text is not before[name]}
        again |= self._owners.changed(self._turn(pids)) | set(pids).difference(self._seen)
        if again or pids != self._pids:
            self._by_key = self._with(pids, {pid: self._read_one(pid) for pid in sorted(again)})
            self._owners.keep(self._by_key.keys())
        if pids != self._pids:
            self._pids = pids
            self._procfs.keep_open(self._texts.keys())
        return self._by_key

    def _turn(self, pids: Sequence[int]) -> Iterator[ProcessKey]:
        """Iterate over the known processes whose owner and command line are looked at in this tick.

        Kernel threads are left out: they have no command line, and stay root's.
        """
        if self._procfs.live is None:
            chosen = self._procfs.named_again(pids)
        else:
            count = min(len(pids), max(_TURN, len(pids) // _TURNS))
            chosen = (pids[(self._next + step) % len(pids)] for step in range(count))
            self._next += count
        known = (self._seen[pid].process for pid in chosen if pid in self._seen)
        return (process.key for process in known if not process.kernel_thread)

    def _with(
        self, pids: Sequence[int], read: Mapping[int, ProcessSample | Unavailable]
    ) -> dict[ProcessKey, ProcessSample]:
        found = {pid: sample for pid, sample in read.items() if isinstance(sample, ProcessSample)}
        for pid in read.keys() - found.keys():
            self._seen.pop(pid, None)
        self._seen |= found
        changed = {sample.process.key: sample for sample in found.values()}
        if pids == self._pids and len(found) == len(read) and changed.keys() <= self._by_key.keys():
            return self._by_key | changed
        samples = (sample for pid in pids if (sample := self._seen.get(pid)) is not None)
        return {sample.process.key: sample for sample in samples}

    def _read_one(self, pid: int) -> ProcessSample | Unavailable:
        """Understand a process whose files have just been read, or are read now because it is new."""
        before = self._seen.get(pid)
        sample = _sample(self._procfs, pid, partial(self._text, pid), self._owners.owner)
        if before is not None and isinstance(sample, ProcessSample) and sample.memory_pid != before.memory_pid:
            self._forget(f"{before.memory_pid}/statm")
        return sample

    def _text(self, pid: int, name: str) -> bytes | Unavailable:
        if name not in self._texts:
            self._texts |= self._procfs.read_again({name: _NOT_READ})
            self._pid_of[name] = pid
        return self._texts[name]

    def _drop(self, pids: Collection[int]) -> None:
        for pid in pids:
            self._seen.pop(pid, None)
        for name in [name for name, pid in self._pid_of.items() if pid in pids]:
            self._forget(name)

    def _forget(self, name: str) -> None:
        del self._texts[name], self._pid_of[name]


def _memory_pid(procfs: Procfs, stat: Stat) -> int:
    """Return the first thread of a process that still has memory; the process itself if it has, or if none has.

    Its own stat isn't read again: if another thread ended meanwhile, a recording would have that in place of `stat`.
    """
    if stat.state in _EXITED and stat.num_threads > 1:
        for tid in procfs.numbers(f"{stat.pid}/task"):
            if tid == stat.pid:
                continue
            thread = procfs.parsed(f"{tid}/stat", parse_stat)
            if not isinstance(thread, Unavailable) and thread.state not in _EXITED:
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


class _Known(NamedTuple):
    """What was read of a process, and of which program it was."""

    program: _Program
    owner: Owner
    runs: tuple[bytes, ...]
    """How long its threads had run just before; empty if unknown."""


class Owners:
    """Caches the answers until the process runs another program, or is found to have changed them."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._known: dict[ProcessKey, _Known] = {}

    def owner(self, stat: Stat) -> Owner:
        """Return the owner and command line of the program described by `stat`."""
        key, program = ProcessKey(stat.pid, stat.start_time), _Program(stat.comm, stat.start_stack)
        known = self._known.get(key)
        if known is None or known.program != program:
            # When it last ran isn't asked of a new process: the first picture is waiting.
            known = self._known[key] = _Known(program, self._ask(stat.pid), ())
        return known.owner

    def changed(self, keys: Iterable[ProcessKey]) -> set[int]:
        """Ask again for those of `keys` that have run since; return the pids of those whose answers are others now.

        Only a process itself can change them, by setuid(2) or by writing over its arguments. So one that sleeps isn't
        asked: reading its command line would bring back its memory from swap, and may wait for its mmap lock.
        """
        found: set[int] = set()
        for key in keys:
            known = self._known.get(key)
            now = self._runs(key.pid)
            if known is None or (now and now == known.runs):
                continue
            owner = self._ask(key.pid)
            if _tells_more(owner, known.owner):
                found.add(key.pid)
            else:
                owner = known.owner
            self._known[key] = _Known(known.program, owner, now)
        return found

    def _runs(self, pid: int) -> tuple[bytes, ...]:
        """Read how long its threads have run, but not through what records the readings."""
        live = self._procfs.live
        return () if live is None else runs(live, pid)

    def _ask(self, pid: int) -> Owner:
        return Owner(self._procfs.user(pid), _command(self._procfs, pid))

    def keep(self, living: Collection[ProcessKey]) -> None:
        """Drop all processes except the living ones."""
        if len(self._known) > len(living):
            self._known = {key: known for key, known in self._known.items() if key in living}


def _tells_more(now: Owner, before: Owner) -> bool:
    """Return whether an answer replaces the one before: a process that has just exited has no arguments left."""
    exited = isinstance(now.user, Unavailable) or (now.command == () and before.command != ())
    return now != before and not exited


def command_only(procfs: Procfs) -> Callable[[Stat], Owner]:
    """Return a function that reads the command line but not the owner, which requires another file."""
    return lambda stat: Owner(NOT_ASKED, _command(procfs, stat.pid))


def _command(procfs: Procfs, pid: int) -> tuple[str, ...] | Unavailable:
    # Use the kernel's bytes, unlike tools that modify a single argument containing blanks or newlines.
    text = procfs.head(f"{pid}/cmdline", _COMMAND_AT_MOST + 1)
    if isinstance(text, Unavailable):
        return text
    return parse_cmdline(text if len(text) <= _COMMAND_AT_MOST else text[:_COMMAND_AT_MOST] + _GOES_ON)
