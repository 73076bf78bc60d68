"""Memory in huge pages, which the kernel gives only while it finds some."""

HUGE_MEMORY = r"""
import mmap, re
def huge_memory(length):
    for _ in range(100):
        memory = mmap.mmap(-1, length, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        memory.madvise(mmap.MADV_HUGEPAGE)
        memory[:] = b"x" * length
        with open("/proc/self/smaps_rollup") as sums:
            if int(re.search(r"AnonHugePages: +(\d+)", sums.read())[1]) << 10 > length - (4 << 20):
                break
    return memory
"""
"""Defines huge_memory(length): all whole huge pages in it are; it tries again if free memory is in pieces."""
