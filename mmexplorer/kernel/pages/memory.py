"""The bytes of a process's memory, as far as its pages are present (kernel/README.md, "pagemap" and "mem")."""

import os

from mmexplorer.kernel.errors import process_unavailable
from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.opened import opened
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.region import Range
from mmexplorer.model.typed import Protocol
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.page_presence import ENTRY_SIZE, count_present

_PAGES_AT_ONCE = 1 << 12
_PAGES_AT_MOST = 1 << 18
"""How many pages are looked at: a gigabyte's, in about 12 ms."""
NO_MEMORY = Unavailable(Cause.GONE, "the process has no memory any more")


class MemoryBytes(Protocol):
    """Access to processes' memory: the live source reads it, a core file contains some of it."""

    def read(self, pid: int, wanted: Range) -> bytes | Unavailable:
        """Return the available bytes from the start of the page-aligned `wanted`: maybe fewer, but never none."""
        ...


class LiveMemory:
    """Implements `MemoryBytes` with /proc/PID/mem, up to the first page that isn't in memory: nothing is faulted in."""

    def __init__(self, procfs: LiveProcfs) -> None:
        self._procfs = procfs

    def read(self, pid: int, wanted: Range) -> bytes | Unavailable:
        """Read the available bytes from the start of `wanted`."""
        try:
            end = self._end_of_present(pid, wanted)
            if end == wanted.start:
                return Unavailable(Cause.NOT_READ, f"the page at {wanted.start:#x} is not in memory")
            with opened(self._procfs.path(f"{pid}/mem")) as descriptor:
                return os.pread(descriptor, end - wanted.start, wanted.start)
        except OSError as error:
            return process_unavailable(error)
        except EOFError:
            return NO_MEMORY

    def _end_of_present(self, pid: int, wanted: Range) -> int:
        """Return where the pages in memory end. Raises OSError, and EOFError if there is no address space."""
        page = page_size()
        first, end = wanted.start // page, min(-(-wanted.end // page), wanted.start // page + _PAGES_AT_MOST)
        with opened(self._procfs.path(f"{pid}/pagemap")) as descriptor:
            at = first
            while at < end:
                length = min(end - at, _PAGES_AT_ONCE)
                entries = os.pread(descriptor, length * ENTRY_SIZE, at * ENTRY_SIZE)
                if at == first and len(entries) < ENTRY_SIZE:
                    raise EOFError
                present = count_present(entries)
                at += present
                if present < length:
                    break
        return max(wanted.start, min(at * page, wanted.end))
