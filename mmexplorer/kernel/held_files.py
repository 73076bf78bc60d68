"""Files of /proc that are read again and again through descriptors that are kept, where the limit leaves room."""

import os
import resource
from collections.abc import Collection

_READ_AT_MOST = 1 << 12
"""Bytes. stat and statm of a process are shorter, and come whole in one read."""
_SHARE = 4
"""One in so many of the allowed descriptors is used: another screen may do the same, and there are other files."""


class HeldFiles:
    """Reads from the start each time, and the kernel writes it again; what a process that ended left can't be read."""

    def __init__(self, root: str) -> None:
        """`root`: where the /proc is; of an ordinary folder nothing is kept, whose files may be replaced by others."""
        self._descriptors: dict[str, int] = {}
        self._at_most = _limit() // _SHARE if _is_proc(root) else 0

    def read(self, path: str) -> bytes | None:
        """Return the whole of a short file; None where it isn't short. Raises OSError."""
        descriptor = self._descriptors.get(path)
        if descriptor is not None:
            try:
                return _whole(os.pread(descriptor, _READ_AT_MOST, 0))
            except OSError:
                self._close(path)
                # Its number may have been given to another process.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = os.pread(descriptor, _READ_AT_MOST, 0)
        except OSError:
            os.close(descriptor)
            raise
        if len(self._descriptors) < self._at_most:
            self._descriptors[path] = descriptor
        else:
            os.close(descriptor)
        return _whole(text)

    def keep(self, paths: Collection[str]) -> None:
        """Close all others."""
        if len(self._descriptors) > len(paths) or not self._descriptors.keys() <= set(paths):
            for path in self._descriptors.keys() - set(paths):
                self._close(path)

    def _close(self, path: str) -> None:
        os.close(self._descriptors.pop(path))

    def __del__(self) -> None:
        for path in list(self._descriptors):
            self._close(path)


def _whole(text: bytes) -> bytes | None:
    return text if len(text) < _READ_AT_MOST else None


def _is_proc(root: str) -> bool:
    """Whether it is the root of a file system of type proc: its inode is 1 (PROC_ROOT_INO of `linux/proc_ns.h`)."""
    try:
        status = os.stat(root)  # noqa: PTH116 - as the others here
    except OSError:
        return False
    return status.st_ino == 1 and os.major(status.st_dev) == 0


def _limit() -> int:
    """Return how many descriptors may be open (`getrlimit(2)`)."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 16 if soft == resource.RLIM_INFINITY else soft
