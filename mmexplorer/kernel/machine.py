"""The machine itself, for the line at the top of the screen."""

import os
from functools import cache

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.snapshot import Machine
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.meminfo import parse_meminfo


def page_size() -> int:
    """Give the size of a page in bytes."""
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


def read_machine(procfs: Procfs) -> Machine:
    """Read the figures once."""
    text = procfs.read("meminfo")

    def figure(name: str) -> int | Unavailable:
        if isinstance(text, Unavailable):
            return text
        missing = Unavailable(Cause.UNSUPPORTED, f"this kernel's meminfo has no {name}")
        return parse_meminfo(text).get(name, missing)

    return Machine(
        host=procfs.host,
        kernel=procfs.kernel,
        page_size=procfs.page_size,
        mem_total=figure("MemTotal"),
        mem_available=figure("MemAvailable"),
    )
