"""The threads of a process and the positions of their stacks."""

from collections.abc import Iterator, Mapping, Sequence

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process.thread import Thread
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.stat import parse_stat
from mmexplorer.parse.process.syscall import Pointers, parse_pointers

_AT_MOST = 1 << 12
"""The most threads that are read: two small reads each."""
_AGAIN = 32
"""How many known threads are read again per look if their list isn't shown: their stacks rarely move."""


def stack_pointers(procfs: Procfs, pid: int) -> Mapping[int, int]:
    """Return the stack pointer of each waiting thread, by its number; requires ATTACH access (`ptrace(2)`).

    Threads that are running or inaccessible are left out.
    """
    pointers = ((tid, _pointers(procfs, pid, tid)) for tid in procfs.numbers(f"{pid}/task")[:_AT_MOST])
    return {tid: pointer.stack for tid, pointer in pointers if pointer is not None}


class ThreadsReader:
    """Reads the threads of a process repeatedly; what a running thread doesn't report stays as it was."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._next = 0
        self._texts: dict[str, bytes | Unavailable] = {}
        """stat and syscall of each thread, as last read."""
        self.threads: tuple[Thread, ...] = ()
        """Ascending by number; the same object while nothing changes."""

    def read(self, pid: int, *, all_again: bool) -> tuple[Thread, ...]:
        """Read the new threads, and all or some of the others."""
        known = {thread.tid: thread for thread in self.threads}
        tids = self._procfs.numbers(f"{pid}/task")[:_AT_MOST]
        again = tids if all_again else {*self._some(tids), *(tid for tid in tids if tid not in known)}
        changed = self._changed({name: tid for tid in sorted(again) for name in _names(pid, tid)})
        if changed or known.keys() != set(tids):
            threads = (self._thread(pid, tid, known.get(tid)) if tid in changed else known.get(tid) for tid in tids)
            found = tuple(thread for thread in threads if thread is not None)
            self.threads = self.threads if found == self.threads else found
            self._forget_others(pid, tids)
        return self.threads

    def _some(self, tids: Sequence[int]) -> Iterator[int]:
        for _ in range(min(_AGAIN, len(tids))):
            self._next = (self._next + 1) % len(tids)
            yield tids[self._next]

    def _changed(self, names: Mapping[str, int]) -> set[int]:
        """Read these files again, and return the threads whose files aren't as they were."""
        before = self._texts
        read = self._procfs.read_again({name: before.get(name, b"") for name in names})
        self._texts = before | read
        return {names[name] for name, text in read.items() if text is not before.get(name)}

    def _forget_others(self, pid: int, tids: Sequence[int]) -> None:
        for name in self._texts.keys() - {name for tid in tids for name in _names(pid, tid)}:
            del self._texts[name]

    def _thread(self, pid: int, tid: int, known: Thread | None) -> Thread | None:
        stat_name, syscall_name = _names(pid, tid)
        stat = self._procfs.understood(stat_name, self._texts[stat_name], parse_stat)
        if isinstance(stat, Unavailable):
            return None
        pointers = _waiting(self._procfs.understood(syscall_name, self._texts[syscall_name], _or_none))
        if pointers is None:
            return Thread(tid, stat.comm, stat.state, known.stack_pointer if known is not None else None)
        return Thread(tid, stat.comm, stat.state, *pointers)


def _names(pid: int, tid: int) -> tuple[str, str]:
    return f"{pid}/task/{tid}/stat", f"{pid}/task/{tid}/syscall"


def _pointers(procfs: Procfs, pid: int, tid: int) -> Pointers | None:
    return _waiting(procfs.parsed(f"{pid}/task/{tid}/syscall", _or_none))


def _waiting(found: Pointers | Unavailable) -> Pointers | None:
    return found if isinstance(found, Pointers) and found.stack else None


def _or_none(data: bytes) -> Pointers | ParseError:
    return parse_pointers(data) or _RUNNING


_RUNNING = Pointers(0, 0)
