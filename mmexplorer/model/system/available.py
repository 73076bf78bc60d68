"""How the kernel estimates MemAvailable (`si_mem_available`, mm/show_mem.c), term by term. All sizes are bytes."""

from collections.abc import Sequence

from mmexplorer.model.system.memory import Meminfo, doubted, limit_of_sums
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import frozen


@frozen
class Zone:
    """A zone of `/proc/zoneinfo`: watermarks and reserves, in pages."""

    node: int
    name: str
    managed: int
    """Pages the page allocator manages; 0 for an empty zone."""
    low: int
    high: int
    boost: int
    """What recent fragmentation added to the watermarks; the printed ones include it. 0 on kernels before 5.0."""
    protection: tuple[int, ...]
    """lowmem_reserve, by zone: what allocations that could use that higher zone must leave free here."""

    @property
    def reserve(self) -> int:
        """Pages ordinary allocations can't use (`calculate_totalreserve_pages`, mm/page_alloc.c)."""
        return min(self.managed, max(self.protection, default=0) + self.high - self.boost)


@frozen
class AvailableTerms:
    """The terms of the sum: available = free - reserves + (cache - cache_kept) + (slab - slab_kept)."""

    free: int
    reserves: int
    cache: int
    """The file pages of the LRU lists: `Active(file)` + `Inactive(file)`."""
    cache_kept: int
    """The part considered in use: half of it, at most the sum of the low watermarks."""
    slab: int
    """`KReclaimable`: reclaimable slab and other memory the kernel gives up under pressure."""
    slab_kept: int

    @property
    def estimate(self) -> int:
        """The result of the kernel's formula; never below 0."""
        usable = self.cache - self.cache_kept + self.slab - self.slab_kept
        return max(0, self.free - self.reserves + usable)


def available_terms(meminfo: Meminfo, zones: Sequence[Zone], page_size: int) -> AvailableTerms | Unavailable:
    """Recompute MemAvailable. Exact when meminfo and zoneinfo were read at the same moment."""
    needed = ("MemFree", "Active(file)", "Inactive(file)")
    missing = [name for name in needed if name not in meminfo]
    if missing:
        return Unavailable(Cause.UNSUPPORTED, f"this kernel has no {', '.join(missing)} in /proc/meminfo")
    slab = meminfo.get("KReclaimable", meminfo.get("SReclaimable"))
    if slab is None:
        return Unavailable(Cause.UNSUPPORTED, "this kernel has no SReclaimable in /proc/meminfo")
    if meminfo["MemFree"] + meminfo["Active(file)"] + meminfo["Inactive(file)"] + slab > limit_of_sums(meminfo):
        return doubted("the file pages and the slab")
    low = sum(zone.low for zone in zones) * page_size
    cache = meminfo["Active(file)"] + meminfo["Inactive(file)"]
    return AvailableTerms(
        free=meminfo["MemFree"],
        reserves=sum(zone.reserve for zone in zones) * page_size,
        cache=cache,
        cache_kept=min(cache // 2, low),
        slab=slab,
        slab_kept=min(slab // 2, low),
    )
