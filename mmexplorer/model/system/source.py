"""What System needs from the machine. Live and fake sources serve it."""

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.typed import Protocol
from mmexplorer.model.value import frozen


@frozen
class SystemRequest:
    """What to read in addition to meminfo and vmstat."""

    details: bool = True
    """PSI, swap areas, zones, settings and the cgroup's limits: a dozen small files."""
    ranking: bool = False
    """Four files per process: reading it every few seconds is enough."""
    kernel_log: bool = False
    process: ProcessKey | None = None
    """The process whose memory to break down; reads its smaps, which is expensive."""


class SystemSource(Protocol):
    """Reads the machine's memory. Called from one thread at a time; never raises OSError."""

    def sample(self, request: SystemRequest) -> SystemSnapshot:
        """Take one sample."""
        ...
