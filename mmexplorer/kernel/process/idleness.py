"""Since when a process has been idle: nothing it does can be held up then."""

import time

from mmexplorer.kernel.process.runs import runs
from mmexplorer.kernel.procfs import LiveProcfs


class Idleness:
    """Follows one process."""

    def __init__(self, procfs: LiveProcfs | None) -> None:
        """Keep `procfs`; without a live one nothing is known to be idle."""
        self._procfs = procfs
        self._runs: tuple[bytes, ...] = ()
        self._since = 0.0

    def since(self, pid: int) -> float | None:
        """Return since when (monotonic) no thread has run, as far as it was looked at; None if that isn't known."""
        now = runs(self._procfs, pid) if self._procfs is not None else ()
        if not now or now != self._runs:
            self._runs, self._since = now, time.monotonic()
        return self._since if now else None
