"""Searches the pages of a process that are in memory. Nothing is faulted in, so what is only in a file is not found."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from mmexplorer.kernel.errors import process_unavailable
from mmexplorer.kernel.files import opened
from mmexplorer.kernel.pagemap import MemoryBytes, read_pages
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.memory import ByteSearch, WordSearch
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable

_CHUNK = 1 << 22
_WORD = 8
_ENTRIES_AT_MOST = 1 << 24

Search = ByteSearch | WordSearch
Progress = Callable[[int], bool]
"""Told how many bytes were searched since the last call; False ends the search."""


class Found(NamedTuple):
    """A match."""

    address: int
    region: Region


def search_memory(
    procfs: LiveProcfs, pid: int, regions: Sequence[Region], search: Search, progress: Progress = lambda _: True
) -> Iterator[Found] | Unavailable:
    """Find every match in `regions`, ascending; Unavailable if the memory can't be read at all."""
    try:
        descriptor = os.open(procfs.path(f"{pid}/mem"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        return process_unavailable(error)
    os.close(descriptor)
    return _search(procfs, pid, regions, search, progress)


def search_dump(
    memory: MemoryBytes, pid: int, regions: Sequence[Region], search: Search, progress: Progress = lambda _: True
) -> Iterator[Found]:
    """Find every match in what a core or another source that isn't live has of `regions`."""

    def read(view: memoryview, start: int) -> int:
        content = memory.read(pid, Range(start, start + len(view)))
        if isinstance(content, Unavailable):
            return 0
        view[: len(content)] = content
        return len(content)

    for region in regions:
        reader = _Part(read, region.range, search)
        for address in reader.matches(progress):
            yield Found(address, region)
        if reader.stopped:
            return


def _search(
    procfs: LiveProcfs, pid: int, regions: Sequence[Region], search: Search, progress: Progress
) -> Iterator[Found]:
    with opened(procfs.path(f"{pid}/mem")) as descriptor:
        for region in regions:
            for part in _present(procfs, pid, region):
                reader = _Part(partial(_read_mem, descriptor), part, search)
                for address in reader.matches(progress):
                    yield Found(address, region)
                if reader.stopped:
                    return


def _read_mem(descriptor: int, view: memoryview, start: int) -> int:
    try:
        return os.preadv(descriptor, [view], start)
    except OSError:
        return 0  # a page that refuses to be read


def _present(procfs: LiveProcfs, pid: int, region: Region) -> Iterator[Range]:
    """Give the stretches of a region that are in memory, whatever the states of their pages."""
    states = None if region.kernels_own else read_pages(procfs, pid, region.range, at_most=_ENTRIES_AT_MOST)
    start = end = -1
    for run in () if states is None or isinstance(states, Unavailable) else states.runs:
        if not run.state.in_memory:
            continue
        if run.start != end:
            if end > start:
                yield Range(start, end)
            start = run.start
        end = run.end
    if end > start:
        yield Range(start, end)


class _Part:
    """A stretch of memory, read chunk by chunk into one buffer; each begins with the last bytes of the one before."""

    def __init__(self, read: Callable[[memoryview, int], int], part: Range, search: Search) -> None:
        """`read` fills a buffer from an address on and gives how many bytes it could; 0 ends the stretch."""
        self._read = read
        self._part = part
        self._search = search
        self._overlap = len(search.needle) - 1 if isinstance(search, ByteSearch) else 0
        self._buffer = bytearray(min(_CHUNK, part.size) + self._overlap)
        self.stopped = False

    def matches(self, progress: Progress) -> Iterator[int]:
        """Give the addresses of the matches; pages that refuse to be read end the stretch."""
        start, kept = self._part.start, 0
        view = memoryview(self._buffer)
        while start < self._part.end and not self.stopped:
            size = min(_CHUNK, self._part.end - start)
            count = self._read(view[kept : kept + size], start)
            if not count:
                return
            yield from self._in_buffer(start - kept, kept + count)
            start += count
            keep = min(self._overlap, kept + count)
            self._buffer[:keep] = self._buffer[kept + count - keep : kept + count]
            kept = keep
            self.stopped = not progress(count)

    def _in_buffer(self, address: int, length: int) -> Iterator[int]:
        """Search the first `length` bytes of the buffer, which stand at `address`."""
        if isinstance(self._search, ByteSearch):
            for at in self._occurrences(self._search.needle, length):
                yield address + at
            return
        words = {
            word
            for needle in self._search.needles()
            for at in self._occurrences(needle, length)
            if (word := self._word(self._search, at, address)) is not None
        }
        yield from sorted(words)

    def _word(self, search: WordSearch, at: int, address: int) -> int | None:
        start = search.word_at(at)
        if start < 0 or (address + start) % _WORD or not search.holds(bytes(self._buffer[start : start + _WORD])):
            return None
        return address + start

    def _occurrences(self, needle: bytes, length: int) -> Iterator[int]:
        at = self._buffer.find(needle, 0, length)
        while at >= 0:
            yield at
            at = self._buffer.find(needle, at + 1, length)
