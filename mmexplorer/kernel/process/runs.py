"""How long the threads of a process have run: schedstat, of which `Documentation/scheduler/sched-stats.rst` tells."""

from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.unavailable import Unavailable

_THREADS_AT_MOST = 64
"""Of a process of more nothing is known: each takes a read."""
_SCHEDSTAT_AT_MOST = 1 << 7
"""Bytes: three numbers."""
_NOT_COUNTED = b"0 0 0\n"
"""What a kernel writes that doesn't count; every other has counted how long a thread waited for its first run."""


def runs(procfs: LiveProcfs, pid: int) -> tuple[bytes, ...]:
    """Return how often and how long each thread has run, which changes however briefly it runs; empty if unknown."""
    tids = procfs.numbers(f"{pid}/task")
    if len(tids) > _THREADS_AT_MOST:
        return ()
    texts = [procfs.head(f"{pid}/task/{tid}/schedstat", _SCHEDSTAT_AT_MOST) for tid in tids]
    known = tuple(text for text in texts if not isinstance(text, Unavailable) and text != _NOT_COUNTED)
    return known if len(known) == len(tids) else ()
