"""How much of a file is in the page cache: `cachestat`, which asks only the kernel and not the file system."""

import ctypes
import errno
import os

from mmexplorer.kernel.errors import unavailable
from mmexplorer.model.process.users import CachedPages
from mmexplorer.model.unavailable import Cause, Unavailable

_CACHESTAT = 451
"""The system call's number, the same on every architecture (since Linux 6.5)."""
_REASONS = {
    errno.ENOSYS: Unavailable(Cause.UNSUPPORTED, "this kernel has no cachestat (Linux 6.5)"),
    errno.EPERM: Unavailable(Cause.DENIED, "only users who may write to the file can see how much of it is cached"),
    errno.EOPNOTSUPP: Unavailable(Cause.UNSUPPORTED, "huge pages are not in the page cache"),
}


class _Range(ctypes.Structure):
    """`struct cachestat_range`; a length of 0 reaches to the end of the file."""

    _fields_ = (("off", ctypes.c_uint64), ("len", ctypes.c_uint64))


_COUNTS = ("nr_cache", "nr_dirty", "nr_writeback", "nr_evicted", "nr_recently_evicted")


class _Cachestat(ctypes.Structure):
    """`struct cachestat`."""

    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in ("nr_cache", "nr_dirty", "nr_writeback", "nr_evicted", "nr_recently_evicted")
    )


def cached_pages(descriptor: int) -> CachedPages | Unavailable:
    """Count the cached pages of an open file; the descriptor must not be an O_PATH one."""
    libc = ctypes.CDLL(None, use_errno=True)
    wanted, answer = _Range(0, 0), _Cachestat()
    if libc.syscall(_CACHESTAT, descriptor, ctypes.byref(wanted), ctypes.byref(answer), 0) < 0:
        number = ctypes.get_errno()
        return _REASONS.get(number) or unavailable(OSError(number, os.strerror(number)))
    return CachedPages(*(getattr(answer, name) for name in _COUNTS))
