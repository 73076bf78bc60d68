"""The machine's memory as free(1) counts it, from `proc_meminfo(5)`. All sizes are bytes."""

import math
from collections.abc import Mapping

from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import frozen

Meminfo = Mapping[str, int]
"""The fields of /proc/meminfo by the kernel's names: bytes, but for the counts `HugePages_*`."""

Size = int | Unavailable
"""Bytes, or why they aren't known: a missing or contradictory field costs its own figure, and those made from it."""

_SLACK = 256
"""The part of MemTotal by which fields may contradict each other: they aren't read at one instant, and each processor
keeps up to 125 pages of every counter to itself (`calculate_normal_threshold`, mm/vmstat.c)."""


@frozen
class Free:
    """The figures of free(1), as procps 4 computes them (`free(1)`, procps `library/meminfo.c`)."""

    total: int
    used: Size
    """total - available, as procps 4 has it; without `available` total - free - buffers - cache, as procps 3.3 had."""
    free: Size
    shared: Size
    """`Shmem`: tmpfs, shared anonymous memory, SysV segments. It is inside `cache`, not beside it."""
    buffers: Size
    cache: Size
    """`Cached` + `SReclaimable`."""
    available: Size
    swap_total: Size
    swap_used: Size
    swap_free: Size

    @property
    def buff_cache(self) -> Size:
        """Both kinds of cache in one figure, as free(1) shows them."""
        return added(self.buffers, self.cache)


def field(meminfo: Meminfo, name: str) -> Size:
    """Give a field of meminfo, or the reason why there is none."""
    value = meminfo.get(name)
    return Unavailable(Cause.UNSUPPORTED, f"this kernel has no {name} in /proc/meminfo") if value is None else value


def added(*sizes: Size) -> Size:
    """Add sizes up; the first that isn't known says why their sum isn't."""
    total = 0
    for size in sizes:
        if isinstance(size, Unavailable):
            return size
        total += size
    return total


def contradictory(meminfo: Meminfo) -> frozenset[str]:
    """Name the fields that can't be true beside MemTotal, taking one after the other out of what it leaves.

    lxcfs makes MemTotal, MemFree and Cached those of the container and leaves others the host's.
    """
    total = left = meminfo.get("MemTotal", 0)
    slack = total // _SLACK
    found = set()
    for name in ("MemFree", "Buffers", "Cached", "SReclaimable", "AnonPages"):
        size = meminfo.get(name, 0)
        if size > left + slack:
            found.add(name)
        else:
            left = max(0, left - size)
    if meminfo.get("Shmem", 0) > meminfo.get("Cached", total) + slack:
        found.add("Shmem")
    return frozenset(found)


def limit_of_sums(meminfo: Meminfo) -> float:
    """Give what parts of MemTotal may add up to; infinite where it isn't known."""
    total = meminfo.get("MemTotal")
    return math.inf if total is None else total + total // _SLACK


def doubted(names: str) -> Unavailable:
    """Say why fields of meminfo aren't believed."""
    return Unavailable(Cause.MALFORMED, f"{names} can't be true beside MemTotal: the host's beside a container's")


def free(meminfo: Meminfo) -> Free | Unavailable:
    """Compute the table that procps prints. Only without MemTotal there is none.

    Without `MemAvailable` (before Linux 3.14) `available` is unavailable and `used` is that of procps 3.3; procps 4
    would take MemFree for available. An `available` above the total, as lxcfs can give, counts as MemFree, as there.
    Before 2.6.19 there is no `SReclaimable`; reclaimable slab is then not part of the cache, as in procps of the time.
    """
    total = meminfo.get("MemTotal")
    if not total:
        return Unavailable(Cause.MALFORMED, "/proc/meminfo has no MemTotal")
    doubtful = contradictory(meminfo)

    def figure(name: str) -> Size:
        return doubted(name) if name in doubtful else field(meminfo, name)

    unused, buffers = figure("MemFree"), figure("Buffers")
    cache = added(figure("Cached"), figure("SReclaimable") if "SReclaimable" in meminfo else 0)
    available = field(meminfo, "MemAvailable")
    if isinstance(available, Unavailable):
        not_used = added(unused, buffers, cache)
    else:
        not_used = available = unused if available > total else available
    return Free(
        total=total,
        used=not_used if isinstance(not_used, Unavailable) else max(0, total - not_used),
        free=unused,
        shared=figure("Shmem"),
        buffers=buffers,
        cache=cache,
        available=available,
        swap_total=field(meminfo, "SwapTotal"),
        swap_used=_swap_used(meminfo),
        swap_free=_swap_free(meminfo),
    )


def _swap_free(meminfo: Meminfo) -> Size:
    """SwapFree; a container's can be the host's, or have wrapped round below 0."""
    total, unused = field(meminfo, "SwapTotal"), field(meminfo, "SwapFree")
    if isinstance(total, int) and isinstance(unused, int) and unused > total:
        return Unavailable(Cause.MALFORMED, "SwapFree is above SwapTotal") if total else 0
    return unused


def _swap_used(meminfo: Meminfo) -> Size:
    total, unused = field(meminfo, "SwapTotal"), _swap_free(meminfo)
    if isinstance(total, Unavailable) or isinstance(unused, Unavailable):
        return added(total, unused)
    return total - unused


@frozen
class Composition:
    """MemTotal taken apart into pieces that don't overlap; they add up to `total` exactly."""

    processes: int
    """`AnonPages`: heaps, stacks and other private memory."""
    kernel: int
    """What no other piece accounts for: unreclaimable slab, kernel stacks, page tables, drivers."""
    in_use: int
    """The same where it can't be told from processes or caches, whose fields are missing or contradictory; else 0."""
    huge_pages: int
    """Set aside for hugetlb, in use or not."""
    buffers: int
    page_cache: int
    """`Cached` without `Shmem`: pages of files."""
    shmem: int
    slab: int
    """`SReclaimable`: directory entries, inodes."""
    free: int
    doubtful: tuple[str, ...]
    """Fields that were left out because they contradict MemTotal."""

    @property
    def total(self) -> int:
        """MemTotal."""
        used = self.processes + self.kernel + self.in_use + self.huge_pages
        return used + self.buffers + self.page_cache + self.shmem + self.slab + self.free


def composition(meminfo: Meminfo) -> Composition | Unavailable:
    """Take MemTotal apart for the stacked bar.

    meminfo isn't read at one instant: where the pieces would exceed the total by that, the later ones give it up.
    """
    doubtful = contradictory(meminfo)
    believed = {name: size for name, size in meminfo.items() if name not in doubtful}
    missing = [name for name in ("MemTotal", "MemFree") if name not in believed]
    if missing:
        return Unavailable(Cause.MALFORMED, f"/proc/meminfo has no plausible {', '.join(missing)}")
    left = meminfo["MemTotal"]

    def take(size: int) -> int:
        nonlocal left
        taken = min(size, left)
        left -= taken
        return taken

    free_, buffers = take(meminfo["MemFree"]), take(believed.get("Buffers", 0))
    cached = take(believed.get("Cached", 0))
    shmem = min(believed.get("Shmem", 0), cached)
    slab, huge_pages = take(believed.get("SReclaimable", 0)), take(hugetlb(meminfo))
    processes = take(believed.get("AnonPages", 0))
    told_apart = {"Buffers", "Cached", "AnonPages"} <= believed.keys()
    return Composition(
        processes=processes,
        kernel=left if told_apart else 0,
        in_use=0 if told_apart else left,
        huge_pages=huge_pages,
        buffers=buffers,
        page_cache=cached - shmem,
        shmem=shmem,
        slab=slab,
        free=free_,
        doubtful=tuple(name for name in meminfo if name in doubtful),
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
    pages = max(0, meminfo["MemTotal"] - hugetlb(meminfo)) // page_size * ratio // 100
    allowed = kilobytes * 1024 // page_size if kilobytes else pages
    return allowed * page_size + meminfo["SwapTotal"]
