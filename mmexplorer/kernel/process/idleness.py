"""Since when a process has been idle: nothing it does can be held up then."""

import time

from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.unavailable import Unavailable

_THREADS_AT_MOST = 64
"""A process of more counts as busy: each takes a read at each look."""
_SCHEDSTAT_AT_MOST = 1 << 7
"""Bytes: three numbers."""


class Idleness:
    """Follows one process. A thread that runs, however briefly, changes its schedstat."""

    def __init__(self, procfs: LiveProcfs | None) -> None:
        """Keep `procfs`; without a live one nothing is known to be idle."""
        self._procfs = procfs
        self._runs: tuple[bytes, ...] = ()
        self._since = 0.0

    def since(self, pid: int) -> float | None:
        """Return since when (monotonic) no thread has run, as far as it was looked at; None if that isn't known."""
        runs = self._read(pid)
        if not runs or runs != self._runs:
            self._runs, self._since = runs, time.monotonic()
        return self._since if runs else None

    def _read(self, pid: int) -> tuple[bytes, ...]:
        """Return how often and how long each thread has run; empty if unknown."""
        procfs = self._procfs
        tids = procfs.numbers(f"{pid}/task") if procfs is not None else ()
        if procfs is None or len(tids) > _THREADS_AT_MOST:
            return ()
        texts = [procfs.head(f"{pid}/task/{tid}/schedstat", _SCHEDSTAT_AT_MOST) for tid in tids]
        known = tuple(text for text in texts if not isinstance(text, Unavailable))
        return known if len(known) == len(tids) else ()
