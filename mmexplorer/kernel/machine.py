"""Properties shared by all processes of this machine: the page size, the kernel's own tmpfs."""

import os
from functools import cache


def page_size() -> int:
    """Return the size of a page in bytes."""
    return os.sysconf("SC_PAGE_SIZE")


@cache
def shmem_device() -> str | None:
    """Return the device of the kernel's own tmpfs, as in maps: a memfd is created on it; None before Linux 3.17."""
    try:
        descriptor = os.memfd_create("mmexplorer", os.MFD_CLOEXEC)
    except OSError:
        return None
    try:
        device = os.fstat(descriptor).st_dev
    finally:
        os.close(descriptor)
    return f"{os.major(device):02x}:{os.minor(device):02x}"
