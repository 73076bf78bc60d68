"""Traces a process's page faults by perf_event_open(2), without stopping it; it is slowed down slightly."""

import ctypes
import errno
import fcntl
import mmap
import os
import platform
import select
import struct
import time
from collections.abc import Callable
from types import TracebackType

from mmexplorer.kernel.errors import ENDED, process_unavailable, unavailable
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.memory.faults import FaultSample, FaultTrace, MappingEvent
from mmexplorer.model.typed import Self
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.perf import SAMPLE_TYPE, parse_records
from mmexplorer.parse.process.status import parse_status
from mmexplorer.parse.system.sysctl import parse_integer

DEFAULT_PERIOD = 61
"""One in this many faults is recorded: each call chain costs the process some microseconds.

A prime: a loop that faults in a pattern of two, four or eight would fall into step with 64.
"""

_NUMBERS = {"x86_64": 298, "aarch64": 241, "riscv64": 241, "ppc64le": 319, "s390x": 331}
"""The system call numbers of perf_event_open(2)."""
_ATTR_SIZE = 136
_SOFTWARE, _PAGE_FAULTS = 1, 2
_DISABLED, _EXCLUDE_KERNEL, _EXCLUDE_HV, _MMAP, _MMAP_DATA = 1 << 0, 1 << 5, 1 << 6, 1 << 8, 1 << 17
_SAMPLE_ID_ALL, _EXCLUDE_CALLCHAIN_KERNEL, _MMAP2 = 1 << 18, 1 << 21, 1 << 23
_CLOEXEC = 8
_OWNERS_MAY = 2
_BY_FILTER = 2
_FILTERED = Unavailable(Cause.DENIED, "perf_event_open is refused: this runs under a seccomp filter, as in a container")
"""The kernel.perf_event_paranoid up to which the owner may trace a process, without the kernel's part."""
_FORMAT_LOST = 1 << 4
"""PERF_FORMAT_LOST: records about lost ones are written only when there is room again."""
_ENABLE = 0x2400
_HEAD, _TAIL = 1024, 1032
_DATA_PAGES = 64
_FEWER_PAGES = 8
_MANY_THREADS = 16
_THREADS_AT_MOST = 1 << 9
_RECORDS_AT_MOST = 1 << 20
"""How many records are kept; more are counted as lost."""
_WAKEUP = 1 << 6
_POLL_MILLISECONDS = 100


class FaultTracer:
    """Records the faults of all threads of a process, from `__enter__` on. A context manager."""

    def __init__(self, procfs: Procfs, pid: int, period: int = DEFAULT_PERIOD) -> None:
        self._procfs = procfs
        self._pid = pid
        self._period = period
        self._rings: dict[int, _Ring] = {}
        self._refused: set[int] = set()
        self._finished: set[int] = set()
        self._samples: list[FaultSample] = []
        self._mappings: list[MappingEvent] = []
        self._names: dict[int, str] = {}
        """The names of the traced threads."""
        self._lost = 0
        """Records dropped because there were too many to keep."""
        self._reported = 0
        """Records reported as lost by the ring buffer."""
        self._ended = _Totals(0, 0)
        self._started = time.monotonic()

    def start(self) -> Unavailable | None:
        """Start with all current threads; return the reason if none may be traced."""
        refusal = self._add_threads()
        return None if self._rings else refusal or ENDED

    def wait(self, seconds: float, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Record for that time, while `go_on` returns True and the process lives; return False if it has ended."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and go_on():
            poller = select.poll()
            for ring in self._rings.values():
                poller.register(ring.descriptor, select.POLLIN)
            events = poller.poll(min(left * 1000, _POLL_MILLISECONDS))
            ended = {descriptor for descriptor, event in events if event & select.POLLHUP}
            self.read()
            self._drop(ended)
            self._add_threads()
            if not self._rings:
                return False
        return True

    def read(self) -> None:
        """Take the records from the kernel."""
        for ring in self._rings.values():
            for record in parse_records(ring.take()):
                if isinstance(record, int):
                    self._reported += record
                elif len(self._samples) + len(self._mappings) >= _RECORDS_AT_MOST:
                    self._lost += 1
                elif isinstance(record, FaultSample):
                    self._samples.append(record)
                else:
                    self._mappings.append(record)

    def result(self) -> FaultTrace:
        """Return what was recorded so far."""
        self.read()
        totals = [self._ended, *(ring.totals() for ring in self._rings.values())]
        lost = max(self._reported, sum(each.lost for each in totals))
        return FaultTrace(
            samples=tuple(sorted(self._samples, key=lambda sample: sample.time)),
            mappings=tuple(sorted(self._mappings, key=lambda mapping: mapping.time)),
            period=self._period,
            faults=sum(each.faults for each in totals),
            lost=self._lost + lost,
            seconds=time.monotonic() - self._started,
            threads=len(self._rings) + len(self._finished),
            untraced=len(self._refused),
            names=dict(self._names),
        )

    def _add_threads(self) -> Unavailable | None:
        """Trace the threads that aren't traced yet; return the reason if one can't be."""
        refusal = None
        for tid in self._procfs.numbers(f"{self._pid}/task"):
            if tid in self._rings or tid in self._refused or tid in self._finished:
                continue
            if len(self._rings) >= _THREADS_AT_MOST:
                self._refused.add(tid)
                continue
            try:
                self._rings[tid] = _Ring(_opened(tid, self._period), self._pages())
                self._names[tid] = self._name(tid)
            except OSError as error:
                refusal = _refusal(self._procfs, error)
                self._refused.add(tid)
        return refusal

    def _name(self, tid: int) -> str:
        name = self._procfs.read(f"{self._pid}/task/{tid}/comm")
        return "" if isinstance(name, Unavailable) else name.decode("utf-8", "surrogateescape").removesuffix("\n")

    def _pages(self) -> int:
        return _DATA_PAGES if len(self._rings) < _MANY_THREADS else _FEWER_PAGES

    def _drop(self, descriptors: set[int]) -> None:
        """Close the events of ended threads, keeping their counts."""
        for tid in [tid for tid, ring in self._rings.items() if ring.descriptor in descriptors]:
            ring = self._rings.pop(tid)
            faults, lost = ring.totals()
            self._ended = _Totals(self._ended.faults + faults, self._ended.lost + lost)
            self._finished.add(tid)
            ring.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._rings:
            self._rings.popitem()[1].close()


class _Totals(NamedTuple):
    """What the kernel counted for one event."""

    faults: int
    lost: int


class _Ring:
    """The buffer of one thread's event, shared with the kernel: a page of figures, then a ring of records."""

    def __init__(self, descriptor: int, pages: int) -> None:
        self.descriptor = descriptor
        try:
            self._size = pages * mmap.PAGESIZE
            self._map = mmap.mmap(descriptor, mmap.PAGESIZE + self._size)
        except OSError:
            os.close(descriptor)
            raise
        fcntl.ioctl(descriptor, _ENABLE, 0)

    def take(self) -> bytes:
        """Return the records since the last call, and let the kernel overwrite them."""
        [head] = struct.unpack_from("=Q", self._map, _HEAD)
        [tail] = struct.unpack_from("=Q", self._map, _TAIL)
        start, end = tail % self._size, head % self._size
        if head == tail:
            return b""
        base = mmap.PAGESIZE
        if start < end:
            data = self._map[base + start : base + end]
        else:
            data = self._map[base + start : base + self._size] + self._map[base : base + end]
        struct.pack_into("=Q", self._map, _TAIL, head)
        return data

    def totals(self) -> _Totals:
        """Return the number of faults, and of records lost for lack of room (0 before Linux 6.0)."""
        counts = os.read(self.descriptor, 16)
        words = struct.unpack(f"={len(counts) // 8}Q", counts)
        return _Totals(words[0], words[1] if len(words) > 1 else 0)

    def close(self) -> None:
        """Stop recording."""
        self._map.close()
        os.close(self.descriptor)


def _opened(tid: int, period: int) -> int:
    """Open the event; as root, include faults in kernel code on behalf of the thread."""
    try:
        return _open_counting(tid, period, 0)
    except PermissionError:
        return _open_counting(tid, period, _EXCLUDE_KERNEL | _EXCLUDE_HV)


def _open_counting(tid: int, period: int, exclude: int) -> int:
    try:
        return _open(tid, period, exclude, _FORMAT_LOST)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return _open(tid, period, exclude, 0)


def _open(tid: int, period: int, exclude: int, read_format: int) -> int:
    flags = _DISABLED | _MMAP | _MMAP_DATA | _MMAP2 | _SAMPLE_ID_ALL | _EXCLUDE_CALLCHAIN_KERNEL | exclude
    attr = struct.pack(
        "=IIQQQQQI", _SOFTWARE, _ATTR_SIZE, _PAGE_FAULTS, period, SAMPLE_TYPE, read_format, flags, _WAKEUP
    )
    number = _NUMBERS.get(platform.machine())
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.syscall(number, ctypes.create_string_buffer(attr, _ATTR_SIZE), tid, -1, -1, _CLOEXEC)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(descriptor)


def _filtered(procfs: Procfs) -> bool:
    """Return whether a seccomp filter applies to us; `Seccomp` of `proc_pid_status(5)`."""
    text = procfs.read("self/status")
    return not isinstance(text, Unavailable) and parse_status(text).number("Seccomp") == _BY_FILTER


def _refusal(procfs: Procfs, error: OSError) -> Unavailable:
    if error.errno in {errno.EACCES, errno.EPERM}:
        level = procfs.parsed("sys/kernel/perf_event_paranoid", parse_integer)
        if not isinstance(level, int) or level <= _OWNERS_MAY:
            return _FILTERED if _filtered(procfs) else process_unavailable(error)
        reason = f"kernel.perf_event_paranoid is {level}: only root may trace"
        return Unavailable(Cause.DENIED, reason, "run with sudo, or grant CAP_PERFMON")
    if error.errno in {errno.ENOSYS, errno.ENOENT}:
        return Unavailable(Cause.UNSUPPORTED, "this kernel has no perf events")
    if error.errno in {errno.EMFILE, errno.ENFILE}:
        return Unavailable(Cause.UNSUPPORTED, "too many threads: a trace needs a file descriptor for each")
    return ENDED if error.errno == errno.ESRCH else unavailable(error)
