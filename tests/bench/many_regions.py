"""A process of many regions: single pages of alternating protection, which the kernel can't merge.

For each input line, it adds or removes one more region, and replies with their number.
"""

import mmap
import os
import sys

REGIONS = 1000
ALTERNATING = 2


def map_pages(count: int) -> list[mmap.mmap]:
    """Map `count` pages, each a region of its own, and touch them."""
    protections = (mmap.PROT_READ | mmap.PROT_WRITE, mmap.PROT_READ)
    pages = []
    for number in range(count):
        page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE, prot=protections[number % ALTERNATING])
        page[0]  # a page that was never read isn't resident
        pages.append(page)
    return pages


def count_regions() -> int:
    """Return the number of regions of this process."""
    with open("/proc/self/maps", "rb") as maps:  # noqa: PTH123 - a Path would not be clearer
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
