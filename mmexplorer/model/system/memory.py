"""The machine's memory as free(1) counts it, from `proc_meminfo(5)`. All sizes are bytes."""

from collections.abc import Mapping

from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import frozen

Meminfo = Mapping[str, int]
"""The fields of /proc/meminfo by the kernel's names: bytes, except for the counts `HugePages_*`."""

Size = int | Unavailable
"""Bytes, or why they are unknown: a missing or contradictory field affects its own figure and those computed from it.
"""

_SLACK = 256
"""The fraction of MemTotal by which fields may contradict each other: they aren't read at the same instant, and each
processor keeps up to 125 pages of every counter to itself (`calculate_normal_threshold`, mm/vmstat.c)."""


@frozen
class Free:
    """The figures of free(1), as procps 4 computes them (`free(1)`, procps `library/meminfo.c`)."""

    total: int
    used: Size
    """total - available, as in procps 4; without `available`, total - free - buffers - cache, as in procps 3.3."""
    free: Size
    shared: Size
    """`Shmem`: tmpfs, shared anonymous memory, SysV segments. Part of `cache`."""
    buffers: Size
    cache: Size
    """`Cached` + `SReclaimable`."""
    available: Size
    swap_total: Size
    swap_used: Size
    swap_free: Size

    @property
    def buff_cache(self) -> Size:
        """Buffers and cache in one figure, as free(1) shows them."""
        return added(self.buffers, self.cache)


def field(meminfo: Meminfo, name: str) -> Size:
    """Return a field of meminfo, or the reason why it is missing."""
    value = meminfo.get(name)
    return Unavailable(Cause.UNSUPPORTED, f"this kernel has no {name} in /proc/meminfo") if value is None else value


def added(*sizes: Size) -> Size:
    """Add up sizes; if one is unknown, return its reason."""
    total = 0
    for size in sizes:
        if isinstance(size, Unavailable):
            return size
        total += size
    return total


def contradictory(meminfo: Meminfo) -> frozenset[str]:
    """Return the fields that can't be true given MemTotal, subtracting one after the other from it.

    lxcfs reports the container's MemTotal, MemFree and Cached but the host's other fields.
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
    """Return the most that parts of MemTotal may add up to; infinite if it is unknown."""
    total = meminfo.get("MemTotal")
    return float("inf") if total is None else total + total // _SLACK


def doubted(names: str) -> Unavailable:
    """Explain why fields of meminfo aren't trusted."""
    return Unavailable(Cause.MALFORMED, f"{names} can't be true beside MemTotal: the host's beside a container's")


def free(meminfo: Meminfo) -> Free | Unavailable:
    """Compute the table that procps prints; Unavailable only without MemTotal.

    Without `MemAvailable` (before Linux 3.14) `available` is unavailable and `used` is that of procps 3.3; procps 4
    would use MemFree as available. As in procps, an `available` above the total, which lxcfs can report, counts as
    MemFree. Before 2.6.19 there is no `SReclaimable`; reclaimable slab is then not part of the cache, as in procps of
    that time.
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
    """Return SwapFree; in a container it can be the host's, or have wrapped below 0."""
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
    """MemTotal divided into parts that don't overlap and add up to exactly `total`."""

    processes: int
    """`AnonPages`: heaps, stacks and other private memory."""
    kernel: int
    """What no other part accounts for: unreclaimable slab, kernel stacks, page tables, drivers."""
    in_use: int
    """The same if processes or caches can't be separated, because their fields are missing or contradictory; else 0."""
    huge_pages: int
    """Reserved for hugetlb, in use or not."""
    buffers: int
    page_cache: int
    """`Cached` without `Shmem`: file pages."""
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
    """Divide MemTotal into the parts of the stacked bar.

    meminfo isn't read at one instant: if the parts exceed the total, the later ones are reduced.
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
    """Return the bytes in huge pages of all sizes; before `Hugetlb` (Linux 4.16), of the default size."""
    if "Hugetlb" in meminfo:
        return meminfo["Hugetlb"]
    return meminfo.get("HugePages_Total", 0) * meminfo.get("Hugepagesize", 0)


def commit_limit(meminfo: Meminfo, ratio: int, kilobytes: int, page_size: int) -> int | Unavailable:
    """Compute CommitLimit: the most that can be promised at `vm.overcommit_memory` 2 (`vm_commit_limit`, mm/util.c).

    `kilobytes` is vm.overcommit_kbytes, which replaces `ratio` (per cent of RAM) if it isn't 0. The kernel computes in
    pages of `page_size` bytes.
    """
    if "MemTotal" not in meminfo or "SwapTotal" not in meminfo:
        return Unavailable(Cause.MALFORMED, "/proc/meminfo has no MemTotal or no SwapTotal")
    pages = max(0, meminfo["MemTotal"] - hugetlb(meminfo)) // page_size * ratio // 100
    allowed = kilobytes * 1024 // page_size if kilobytes else pages
    return allowed * page_size + meminfo["SwapTotal"]
