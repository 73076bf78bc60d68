"""Searches a process's pages in memory. Nothing is faulted in, so data that is only in a file isn't found."""

import ctypes
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

from mmexplorer.kernel.errors import process_unavailable
from mmexplorer.kernel.opened import opened
from mmexplorer.kernel.pages.memory import MemoryBytes
from mmexplorer.kernel.pages.pagemap import read_present
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.memory.bytes import ByteSearch, WordSearch
from mmexplorer.model.memory.inspection import Found, Progress, Search
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable

_CHUNK = 1 << 20
_WORD = 8

_SHORT = 4
"""Bytes. Searching for a shorter needle takes longer than reading the memory, so two threads do it."""
_THREADS = 2
"""One reads; the other searches half of the data while the calling thread searches the rest."""

_memmem = ctypes.CDLL(None).memmem
_memmem.restype = ctypes.c_void_p
_memmem.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)


def search_memory(
    procfs: LiveProcfs, pid: int, regions: Sequence[Region], search: Search, progress: Progress = lambda _: True
) -> Iterator[Found] | Unavailable:
    """Find all matches in `regions`, ascending; Unavailable if the memory can't be read at all."""
    try:
        descriptor = os.open(procfs.path(f"{pid}/mem"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        return process_unavailable(error)
    os.close(descriptor)
    return _search(procfs, pid, regions, search, progress)


def search_dump(
    memory: MemoryBytes, pid: int, regions: Sequence[Region], search: Search, progress: Progress = lambda _: True
) -> Iterator[Found]:
    """Find all matches in the parts of `regions` in a core or another source that isn't live."""

    def read(view: memoryview, start: int) -> int:
        content = memory.read(pid, Range(start, start + len(view)))
        if isinstance(content, Unavailable):
            return 0
        view[: len(content)] = content
        return len(content)

    with ThreadPoolExecutor(_THREADS) as pool:
        for region in regions:
            reader = _Part(read, region.range, search)
            for address in reader.matches(pool, progress):
                yield Found(address, region)
            if reader.stopped:
                return


def _search(
    procfs: LiveProcfs, pid: int, regions: Sequence[Region], search: Search, progress: Progress
) -> Iterator[Found]:
    with opened(procfs.path(f"{pid}/mem")) as descriptor, ThreadPoolExecutor(_THREADS) as pool:
        for region in regions:
            for part in _present(procfs, pid, region):
                reader = _Part(partial(_read_mem, descriptor), part, search)
                for address in reader.matches(pool, progress):
                    yield Found(address, region)
                if reader.stopped:
                    return


def _read_mem(descriptor: int, view: memoryview, start: int) -> int:
    try:
        return os.preadv(descriptor, [view], start)
    except OSError:
        return 0  # an unreadable page


def _present(procfs: LiveProcfs, pid: int, region: Region) -> Iterator[Range]:
    """Return the parts of a region that are in memory, whatever the page states."""
    ranges = () if region.kernels_own else read_present(procfs, pid, region.range)
    start = end = -1
    for part in () if isinstance(ranges, Unavailable) else ranges:
        if part.start != end:
            if end > start:
                yield Range(start, end)
            start = part.start
        end = part.end
    if end > start:
        yield Range(start, end)


class _Buffer:
    """A buffer for a chunk, preceded by room for the last bytes of the previous one."""

    def __init__(self, room: int, chunk: int) -> None:
        self.data = bytearray(room + chunk)
        self.chunk = memoryview(self.data)[room:]
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.data))

    def find(self, needle: bytes, start: int, end: int) -> int:
        """Like `bytearray.find`, which is up to twice as slow as memmem(3) and holds the interpreter lock."""
        found = _memmem(self.address + start, max(0, end - start), needle, len(needle))
        return -1 if found is None else int(found) - self.address


class _Part:
    """A stretch of memory: one chunk is searched while a thread of the pool reads the next."""

    def __init__(self, read: Callable[[memoryview, int], int], part: Range, search: Search) -> None:
        """`read` fills a buffer starting at an address and returns how many bytes it could read; 0 ends the stretch."""
        self._read = read
        self._part = part
        self._search = search
        self._room = len(search.needle) - 1 if isinstance(search, ByteSearch) else 0
        self.stopped = False

    def matches(self, pool: Executor, progress: Progress) -> Iterator[int]:
        """Yield the addresses of the matches; an unreadable page ends the stretch."""
        size = min(_CHUNK, self._part.size)
        current, other = _Buffer(self._room, size), _Buffer(self._room, size)
        start, kept = self._part.start, 0
        count = self._fill(current, start)
        while count and not self.stopped:
            following = start + count
            ahead = pool.submit(self._fill, other, following) if following < self._part.end else None
            yield from self._in_buffer(pool, current, start, kept, count)
            kept = min(self._room, kept + count)
            end = self._room + count
            other.data[self._room - kept : self._room] = current.data[end - kept : end]
            self.stopped = not progress(count)
            start, count = following, 0 if ahead is None else ahead.result()
            current, other = other, current

    def _fill(self, buffer: _Buffer, start: int) -> int:
        return self._read(buffer.chunk[: self._part.end - start], start)

    def _in_buffer(self, pool: Executor, buffer: _Buffer, start: int, kept: int, count: int) -> Iterator[int]:
        """Search the chunk that starts at `start`, and the `kept` bytes before it."""
        first, end = self._room - kept, self._room + count
        if isinstance(self._search, ByteSearch):
            for at in _occurrences(pool, buffer, self._search.needle, first, end):
                yield start + at - self._room
            return
        words = {
            word
            for needle in self._search.needles()
            for at in _occurrences(pool, buffer, needle, first, end)
            if (word := self._word(self._search, buffer, at, start)) is not None
        }
        yield from sorted(words)

    @staticmethod
    def _word(search: WordSearch, buffer: _Buffer, at: int, start: int) -> int | None:
        first = search.word_at(at)
        aligned = first >= 0 and (start + first) % _WORD == 0
        return start + first if aligned and search.holds(bytes(buffer.data[first : first + _WORD])) else None


def _occurrences(pool: Executor, buffer: _Buffer, needle: bytes, start: int, end: int) -> Iterator[int]:
    if len(needle) >= _SHORT:
        yield from _from(buffer, needle, buffer.find(needle, start, end), end)
        return
    middle = (start + end) // 2
    second = pool.submit(buffer.find, needle, middle, end)
    # A match that starts in the first half may end in the second.
    first_end = min(end, middle + len(needle) - 1)
    yield from _from(buffer, needle, buffer.find(needle, start, first_end), first_end)
    yield from _from(buffer, needle, second.result(), end)


def _from(buffer: _Buffer, needle: bytes, at: int, end: int) -> Iterator[int]:
    """Continue from the first occurrence, if there is one."""
    while at >= 0:
        yield at
        at = buffer.find(needle, at + 1, end)
