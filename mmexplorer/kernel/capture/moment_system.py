"""The machine's memory as it was at the moment of a capture that Explore shows: serves `SystemSource`."""

import os

from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace

_NO_LOG = Unavailable(Cause.UNSUPPORTED, "a file has no kernel log: which processes were killed it doesn't tell")


class MomentSystem:
    """Follows the moment that `source` shows, by a reader of its own: it is called from another thread."""

    def __init__(self, source: MomentSource) -> None:
        self._source = source
        procfs = source.source.procfs
        self._procfs = ReplayProcfs(procfs.moments, procfs.index) if isinstance(procfs, ReplayProcfs) else procfs
        self._system = LiveSystem(self._procfs, kmsg=os.devnull)

    def sample(self, request: SystemRequest) -> SystemSnapshot:
        """Look at the moment."""
        if isinstance(self._procfs, ReplayProcfs):
            self._procfs.index = self._source.index
        clocks = self._source.clocks()
        snapshot = self._system.sample(replace(request, kernel_log=False))
        return replace(snapshot, clock=clocks.boottime, taken_at=clocks.realtime, kills=_NO_LOG)
