"""Opens files as seen by a process with another root directory: `openat2(2)`."""

import os
import struct

from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.files import PATH_FLAGS, Inode, OpenFile, inode, take
from mmexplorer.kernel.opened import opened
from mmexplorer.model.unavailable import Unavailable

_OPENAT2 = 437
"""The system call's number, the same on every architecture (`openat2(2)`, since Linux 5.6)."""
_OPEN_HOW = struct.Struct("=3Q")
"""`struct open_how`: flags, mode, resolve."""
_RESOLVE_IN_ROOT = 0x10
"""Absolute links and `..` stay below the directory: plain open(2) would follow them into our own root."""


def open_below(root: str, path: str) -> OpenFile | Unavailable:
    """Open the regular file that a process with the root directory `root` finds at `path`."""
    try:
        with opened(root, PATH_FLAGS | os.O_DIRECTORY) as directory:
            return take(_openat2(directory, path, PATH_FLAGS))
    except OSError as error:
        return unavailable(error)


def inode_below(root: str, path: str) -> Inode | None:
    """Return the device and inode of what a process with the root directory `root` finds at `path`, link or not."""
    try:
        with opened(root, PATH_FLAGS | os.O_DIRECTORY) as directory:
            descriptor = _openat2(directory, path, PATH_FLAGS | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        return inode(os.fstat(descriptor))
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _openat2(directory: int, path: str, flags: int) -> int:
    import ctypes  # noqa: PLC0415 - rarely needed

    how = _OPEN_HOW.pack(flags, 0, _RESOLVE_IN_ROOT)
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.syscall(_OPENAT2, directory, os.fsencode(path), how, len(how))
    if descriptor < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return int(descriptor)
