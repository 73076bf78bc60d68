"""A process of many regions: single pages of alternating protection, so that the kernel can't merge them.

For each line that it is sent one more comes or goes again, and it answers with their number.
"""

import mmap
import os
import sys

REGIONS = 1000
ALTERNATING = 2


def map_pages(count: int) -> list[mmap.mmap]:
    """Map `count` pages, each a region of its own and touched."""
    protections = (mmap.PROT_READ | mmap.PROT_WRITE, mmap.PROT_READ)
    pages = []
    for number in range(count):
        page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE, prot=protections[number % ALTERNATING])
        page[0]  # a page that was never read is not resident
        pages.append(page)
    return pages


def count_regions() -> int:
    """How many regions this process has."""
    with open("/proc/self/maps", "rb") as maps:  # noqa: PTH123 - a Path would not say more
        return sum(1 for _ in maps)


if __name__ == "__main__":
    kept = map_pages((int(sys.argv[1]) if len(sys.argv) > 1 else REGIONS) - count_regions())
    os.write(sys.stdout.fileno(), f"{count_regions()}\n".encode())
    more: list[mmap.mmap] = []
    for _ in sys.stdin:
        if more:
            more.pop().close()
        else:
            more.append(mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC))
        os.write(sys.stdout.fileno(), f"{count_regions()}\n".encode())
