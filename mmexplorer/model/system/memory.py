"""The machine's memory as free(1) counts it, from `proc_meminfo(5)`. All sizes are bytes."""

from collections.abc import Mapping
from dataclasses import dataclass

from mmexplorer.model.unavailable import Cause, Unavailable

Meminfo = Mapping[str, int]
"""The fields of /proc/meminfo by the kernel's names: bytes, but for the counts `HugePages_*`."""

REQUIRED = ("MemTotal", "MemFree", "Buffers", "Cached", "SwapTotal", "SwapFree")
"""What every kernel since 2.4 gives; without one of them the text isn't a meminfo."""


@dataclass(frozen=True, slots=True)
class Free:
    """The figures of free(1), as procps 4 computes them (`free(1)`, procps `library/meminfo.c`)."""

    total: int
    used: int
    """total - available, as procps 4 has it; without `available` total - free - buffers - cache, as procps 3.3 had."""
    free: int
    shared: int | Unavailable
    """`Shmem`: tmpfs, shared anonymous memory, SysV segments. It is inside `cache`, not beside it."""
    buffers: int
    cache: int
    """`Cached` + `SReclaimable`."""
    available: int | Unavailable
    swap_total: int
    swap_used: int
    swap_free: int

    @property
    def buff_cache(self) -> int:
        """Both kinds of cache in one figure, as free(1) shows them."""
        return self.buffers + self.cache


def field(meminfo: Meminfo, name: str) -> int | Unavailable:
    """Give a field of meminfo, or the reason why there is none."""
    value = meminfo.get(name)
    return Unavailable(Cause.UNSUPPORTED, f"this kernel has no {name} in /proc/meminfo") if value is None else value


def free(meminfo: Meminfo) -> Free | Unavailable:
    """Compute the table that procps prints.

    Without `MemAvailable` (before Linux 3.14) `available` is unavailable and `used` is that of procps 3.3; procps 4
    would take MemFree for available. An `available` above the total, as lxcfs can give, counts as MemFree, as there.
    Before 2.6.19 there is no `SReclaimable`; reclaimable slab is then not part of the cache, as in procps of the time.
    """
    missing = [name for name in REQUIRED if name not in meminfo]
    if missing:
        return Unavailable(Cause.MALFORMED, f"/proc/meminfo has no {', '.join(missing)}")
    total, unused = meminfo["MemTotal"], meminfo["MemFree"]
    cache = meminfo["Cached"] + meminfo.get("SReclaimable", 0)
    available = field(meminfo, "MemAvailable")
    if isinstance(available, Unavailable):
        used = max(0, total - unused - meminfo["Buffers"] - cache)
    else:
        available = unused if available > total else available
        used = total - available
    return Free(
        total=total,
        used=used,
        free=unused,
        shared=field(meminfo, "Shmem"),
        buffers=meminfo["Buffers"],
        cache=cache,
        available=available,
        swap_total=meminfo["SwapTotal"],
        swap_used=meminfo["SwapTotal"] - meminfo["SwapFree"],
        swap_free=meminfo["SwapFree"],
    )


@dataclass(frozen=True, slots=True)
class Composition:
    """MemTotal taken apart into pieces that don't overlap; they add up to `total` exactly."""

    processes: int
    """`AnonPages`: heaps, stacks and other private memory."""
    kernel: int
    """What no other piece accounts for: unreclaimable slab, kernel stacks, page tables, drivers."""
    huge_pages: int
    """Set aside for hugetlb, in use or not."""
    buffers: int
    page_cache: int
    """`Cached` without `Shmem`: pages of files."""
    shmem: int
    slab: int
    """`SReclaimable`: directory entries, inodes."""
    free: int

    @property
    def total(self) -> int:
        """MemTotal."""
        return (
            self.processes
            + self.kernel
            + self.huge_pages
            + self.buffers
            + self.page_cache
            + self.shmem
            + self.slab
            + self.free
        )


def composition(meminfo: Meminfo) -> Composition | Unavailable:
    """Take MemTotal apart for the stacked bar.

    meminfo isn't read at one instant: where the pieces would exceed the total by that, `processes` gives the excess up.
    """
    missing = [name for name in (*REQUIRED, "AnonPages") if name not in meminfo]
    if missing:
        return Unavailable(Cause.MALFORMED, f"/proc/meminfo has no {', '.join(missing)}")
    shmem = meminfo.get("Shmem", 0)
    huge_pages = hugetlb(meminfo)
    slab = meminfo.get("SReclaimable", 0)
    page_cache = max(0, meminfo["Cached"] - shmem)
    rest = meminfo["MemTotal"] - meminfo["MemFree"] - meminfo["Buffers"] - page_cache - shmem - slab - huge_pages
    processes = min(meminfo["AnonPages"], rest)
    return Composition(
        processes=processes,
        kernel=rest - processes,
        huge_pages=huge_pages,
        buffers=meminfo["Buffers"],
        page_cache=page_cache,
        shmem=shmem,
        slab=slab,
        free=meminfo["MemFree"],
    )


def hugetlb(meminfo: Meminfo) -> int:
    """Bytes taken by huge pages of all sizes; before `Hugetlb` (Linux 4.16) those of the default size."""
    if "Hugetlb" in meminfo:
        return meminfo["Hugetlb"]
    return meminfo.get("HugePages_Total", 0) * meminfo.get("Hugepagesize", 0)


def commit_limit(meminfo: Meminfo, ratio: int, kilobytes: int, page_size: int) -> int | Unavailable:
    """Compute CommitLimit: what may be promised at all under `vm.overcommit_memory` 2 (`vm_commit_limit`, mm/util.c).

    `kilobytes` is vm.overcommit_kbytes, which takes the place of `ratio` (per cent of RAM) when it isn't 0. The kernel
    computes in pages of `page_size` bytes.
    """
    if "MemTotal" not in meminfo or "SwapTotal" not in meminfo:
        return Unavailable(Cause.MALFORMED, "/proc/meminfo has no MemTotal or no SwapTotal")
    pages = (meminfo["MemTotal"] - hugetlb(meminfo)) // page_size * ratio // 100
    allowed = kilobytes * 1024 // page_size if kilobytes else pages
    return allowed * page_size + meminfo["SwapTotal"]
