"""Where a process is looked at: on this machine, in a capture, a core file or a text; and this machine."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.pages.pagemap import LiveMemory, MemoryBytes
from mmexplorer.kernel.process.address_space import read_address_space
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen

if TYPE_CHECKING:
    from mmexplorer.model.capture.core import Core
    from mmexplorer.parse.pasted import Pasted

_Reads = Callable[[Procfs, MappedFiles, int, Request], AddressSpace | Unavailable]


@frozen
class Source:
    """Where /proc's bytes come from."""

    kind: str
    """"live", "capture", "core" or "text"."""
    procfs: Procfs
    files: MappedFiles
    taken_at: float | Unavailable
    """Seconds since the epoch of the moment that it shows."""
    core: "Core | None" = None
    pasted: "Pasted | None" = None
    memory: MemoryBytes | None = None
    """None where there are no bytes of memory: in captures and texts."""
    reads: _Reads = read_address_space
    """Reads a process: of a capture, with the newest counters of the moment."""

    def address_space(self, pid: int, request: Request) -> AddressSpace | Unavailable:
        """Read a process as `read_address_space` does."""
        return self.reads(self.procfs, self.files, pid, request)


def live() -> Source:
    """Return the machine as it is now."""
    procfs = LiveProcfs()
    return Source("live", procfs, ElfCache(procfs), time.time(), memory=LiveMemory(procfs))
