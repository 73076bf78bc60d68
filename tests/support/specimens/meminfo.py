"""Recorded /proc/meminfo texts, copied from real machines that the names describe.

`linux-3.x-hugetlb` and `linux-2.6-mips-router` are older than MemAvailable (Linux 3.14). The latter and the arm64 one,
which has 64 KiB pages, have no swap.
"""

from pathlib import Path

from mmexplorer.parse.system.meminfo import parse_meminfo

FOLDER = Path(__file__).parents[2] / "data" / "meminfo"
HUGETLB = "linux-3.x-hugetlb"
ROUTER = "linux-2.6-mips-router"
NO_SWAP = "linux-4.x-no-swap"
SWAPPING = "linux-6.x-small-swapping"
ARM64 = "linux-5.x-arm64-64k-pages"
ALL = (HUGETLB, ROUTER, NO_SWAP, SWAPPING, ARM64)
WITH_AVAILABLE = (NO_SWAP, SWAPPING, ARM64)


def recorded(name: str) -> dict[str, int]:
    """Return the fields of one of them, in bytes."""
    return parse_meminfo((FOLDER / name).read_bytes())
