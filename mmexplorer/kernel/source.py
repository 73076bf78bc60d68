"""The source of a process (this machine, a capture, a core file or a text), and the live one."""

import time
from collections.abc import Callable

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.pages.memory import LiveMemory, MemoryBytes
from mmexplorer.kernel.process.address_space import read_address_space
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.typed import TYPE_CHECKING
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen

if TYPE_CHECKING:
    from mmexplorer.model.capture.core import Core
    from mmexplorer.parse.pasted import Pasted

_Reads = Callable[[Procfs, MappedFiles, int, Request], AddressSpace | Unavailable]


@frozen
class Source:
    """A source of /proc's bytes."""

    kind: str
    """"live", "capture", "core" or "text"."""
    procfs: Procfs
    files: MappedFiles
    taken_at: float | Unavailable
    """The time of the moment shown, in seconds since the epoch."""
    core: "Core | None" = None
    pasted: "Pasted | None" = None
    memory: MemoryBytes | None = None
    """None if there are no bytes of memory: in captures and texts."""
    reads: _Reads = read_address_space
    """Reads a process; for a capture, with the moment's newest counters."""

    def address_space(self, pid: int, request: Request) -> AddressSpace | Unavailable:
        """Read a process as `read_address_space` does."""
        return self.reads(self.procfs, self.files, pid, request)


def live() -> Source:
    """Return the machine as it is now."""
    procfs = LiveProcfs()
    return Source("live", procfs, ElfCache(procfs), time.time(), memory=LiveMemory(procfs))
