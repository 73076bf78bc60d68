"""What is the same for all processes of this machine: the size of a page, the kernel's own tmpfs."""

import os
from functools import cache


def page_size() -> int:
    """Return the size of a page in bytes."""
    return os.sysconf("SC_PAGE_SIZE")


@cache
def shmem_device() -> str | None:
    """Give the device of the kernel's own tmpfs as maps writes it: that on which a memfd is made; None before 3.17."""
    try:
        descriptor = os.memfd_create("mmexplorer", os.MFD_CLOEXEC)
    except OSError:
        return None
    try:
        device = os.fstat(descriptor).st_dev
    finally:
        os.close(descriptor)
    return f"{os.major(device):02x}:{os.minor(device):02x}"
