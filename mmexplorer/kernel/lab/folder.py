"""A directory on a disk where a file without a name can be made: tried out, not guessed from the file system."""

import os
import time

from mmexplorer.kernel.machine import page_size
from mmexplorer.model.amount import format_size

_FOLDERS = ("/var/tmp", "/tmp", "/home")  # noqa: S108 - no name is made in them
_TRIES, _PAUSE = 25, 0.004
"""A page on its way to the LRU lists is held by a batch of its processor for a moment (mm/swap.c), and stays."""
_SPARE = 4
"""How many times as much as is needed must be free on the disk, so that nobody else feels it."""


def disk_folder() -> str:
    """Find one; "" if there is none: a tmpfs is no disk, its pages can't be dropped from the page cache."""
    own = os.environ.get("TMPDIR", "")
    return next((folder for folder in (own, *_FOLDERS) if folder and _serves(folder)), "")


def _serves(folder: str) -> bool:
    """Whether a page of a file leaves the page cache when the kernel is asked to forget it."""
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    try:
        os.write(descriptor, b"\1" * page_size())
        return any(_forgotten(descriptor) for _ in range(_TRIES))
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _forgotten(descriptor: int) -> bool:
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        os.preadv(descriptor, [bytearray(1)], 0, os.RWF_NOWAIT)
    except BlockingIOError:
        return True  # EAGAIN: it would have to wait for the disk (preadv2(2), RWF_NOWAIT)
    time.sleep(_PAUSE)
    return False


def lacking_disk(wanted: int) -> str:
    """Why a file of `wanted` bytes can't be written to a disk here; "" if it can."""
    folder = disk_folder()
    if not folder:
        return "no directory for temporary files is on a disk and knows O_TMPFILE; TMPDIR may name one"
    status = os.statvfs(folder)
    left = status.f_bavail * status.f_frsize
    if left < _SPARE * wanted:
        needed = format_size(_SPARE * wanted)
        return f"{folder} has {format_size(left)} left; for a file of {format_size(wanted)} there have to be {needed}"
    return ""
