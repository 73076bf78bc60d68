"""Keeps descriptors of /proc files that are read repeatedly, as far as the limit allows."""

import os
from collections.abc import Collection

_READ_AT_MOST = 1 << 12
"""Bytes. A process's stat and statm are shorter, and are read completely at once."""
_SHARE = 4
"""One in this many allowed descriptors is used at least: other screens and files need some too."""
_OTHERS = 1 << 12
"""How many are enough for those: if more are allowed, the rest is used as well."""
_MOST = 1 << 14
"""The most descriptors that are kept, those above the soft limit included: two for each of 8,000 processes."""


class HeldFiles:
    """Reads from the start each time, which makes the kernel write the file again; fails if the process has ended."""

    def __init__(self, root: str) -> None:
        """`root` is where /proc is mounted; in an ordinary folder nothing is kept open: its files may be replaced."""
        self._root = root
        self._descriptors: dict[str, int] = {}
        """By the name of the file below the root."""
        self._read_once: set[str] = set()
        """What was not kept at the first reading: more than the share is kept only of what is read again."""
        self._share = _share(_limit()) if _is_proc(root) else 0

    def read(self, name: str) -> bytes | None:
        """Return the contents of a short file; None if it is longer. Raises OSError."""
        descriptor = self._descriptors.get(name)
        if descriptor is None:
            return self._open(name)
        try:
            text = os.pread(descriptor, _READ_AT_MOST, 0)
        except OSError:
            # The number may have been given to another process.
            self._close(name)
            return self._open(name)
        return text if len(text) < _READ_AT_MOST else None

    def keep(self, names: Collection[str]) -> None:
        """Close all except these."""
        self._read_once.intersection_update(names)
        for name in self._descriptors.keys() - names:
            self._close(name)

    def _open(self, name: str) -> bytes | None:
        descriptor = os.open(f"{self._root}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = os.pread(descriptor, _READ_AT_MOST, 0)
        except OSError:
            os.close(descriptor)
            raise
        kept = self._kept(name, descriptor)
        if kept is None:
            os.close(descriptor)
        else:
            self._descriptors[name] = kept
        return text if len(text) < _READ_AT_MOST else None

    def _kept(self, name: str, descriptor: int) -> int | None:
        """Return the descriptor to keep instead of this one; None if there are enough."""
        count = len(self._descriptors)
        if count < self._share:
            return descriptor
        if not self._share or count >= _MOST:
            return None
        if name not in self._read_once:
            # The first picture is waiting, and many processes end before the second.
            self._read_once.add(name)
            return None
        above = _above_limit(descriptor)
        if above is not None:
            os.close(descriptor)
        return above

    def _close(self, name: str) -> None:
        os.close(self._descriptors.pop(name))

    def __del__(self) -> None:
        for name in list(self._descriptors):
            self._close(name)


def _is_proc(root: str) -> bool:
    """Return whether it is the root of a proc file system: its inode is 1 (PROC_ROOT_INO in `linux/proc_ns.h`)."""
    try:
        status = os.stat(root)  # noqa: PTH116 - as in the rest of this file
    except OSError:
        return False
    return status.st_ino == 1 and os.major(status.st_dev) == 0


def _share(limit: int) -> int:
    """Return how many of the allowed descriptors are used."""
    return min(_MOST, max(limit // _SHARE, limit - _OTHERS))


def _above_limit(descriptor: int) -> int | None:
    """Duplicate a descriptor above the soft limit, which only new ones have to obey; None if the hard limit is there.

    A login session starts with 1,024 of half a million (`systemd-system.conf(5)`), since select(2) can't watch higher
    ones. So the limit is raised for this call only: programs started here get the usual one.
    """
    import fcntl  # noqa: PLC0415 - rarely needed
    import resource  # noqa: PLC0415

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return None
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, soft)
    except OSError:
        return None
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _limit() -> int:
    """Return how many descriptors may be open: the soft RLIMIT_NOFILE (`sysconf(3)`), -1 if there is none."""
    limit = os.sysconf("SC_OPEN_MAX")
    return 1 << 16 if limit < 0 else limit
