"""One process's memory according to four files, and why they differ. All sizes are bytes.

smaps (summed over the regions), smaps_rollup, status and statm: `proc_pid_smaps(5)`, `proc_pid_status(5)`,
`proc_pid_statm(5)`. They are read one after another while the process keeps running.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import Range, Usage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, frozen

Sizes = Mapping[str, int]
_KIB = 1024


class Origin(Enum):
    """Where a figure comes from."""

    REGIONS = "smaps"
    ROLLUP = "smaps_rollup"
    STATUS = "status"
    STATM = "statm"


@frozen
class RegionSums:
    """All the records of smaps added up."""

    count: int
    size: int
    outside: int
    """Size of `[vsyscall]`, which maps lists although no process owns it."""
    counters: Sizes
    """By the kernel's names."""


@frozen
class ProcessMemory:
    """What the four files said about a process, read one right after the other."""

    key: ProcessKey
    regions: RegionSums | Unavailable
    rollup: Sizes | Unavailable
    status: Sizes | Unavailable
    """The sizes listed in status."""
    statm: Sizes | Unavailable
    """`size` and `resident`, read first."""
    statm_after: Sizes | Unavailable
    """The same, read last: if they differ, the process changed in between."""
    page_size: int
    cpus: int

    @property
    def changed_meanwhile(self) -> bool:
        """Whether the process is known to have grown or shrunk between the readings."""
        return self.statm != self.statm_after


class Reason(Enum):
    """Why two figures for the same quantity differ."""

    VSYSCALL = "vsyscall"
    TIMING = "timing"
    ROUNDING = "rounding"
    SHMEM_SWAP = "shmem swap"
    BATCHES = "batches"
    SHARING = "sharing"
    UNEXPLAINED = "unexplained"


@frozen
class Difference:
    """A figure that differs from the reference."""

    origin: Origin
    amount: int
    """That figure minus the reference."""
    reason: Reason


@frozen
class Account:
    """One quantity according to each file; a file without it has no entry."""

    quantity: str
    figures: Mapping[Origin, int]
    differences: tuple[Difference, ...] = ()
    """Relative to the first of `figures`."""

    @property
    def value(self) -> int | None:
        """The reference: the figure of the first file that has it."""
        return next(iter(self.figures.values()), None)


class _Names(NamedTuple):
    """Each file's name for a quantity; "" if it doesn't have it, `A+B` if it is a sum."""

    smaps: str = ""
    rollup: str = ""
    status: str = ""
    statm: str = ""


_PRIVATE = "Private_Clean+Private_Dirty"
_HUGE = "Shared_Hugetlb+Private_Hugetlb"
_QUANTITIES = {
    "VSZ": _Names(status="VmSize", statm="size"),
    "RSS": _Names("Rss", "Rss", "VmRSS", "resident"),
    "PSS": _Names("Pss", "Pss"),
    "USS": _Names(_PRIVATE, _PRIVATE),
    "anonymous": _Names("Anonymous", "Anonymous", "RssAnon"),
    "file": _Names(status="RssFile"),
    "shmem": _Names(status="RssShmem"),
    "swap": _Names("Swap", "Swap", "VmSwap"),
    "page tables": _Names(status="VmPTE"),
    "hugetlb": _Names(_HUGE, _HUGE, "HugetlbPages"),
}


def summed(records: Mapping[Range, Usage], outside: Iterable[Range] = ()) -> RegionSums:
    """Add up the records of smaps; `outside` are the ranges that no process owns."""
    counters: dict[str, int] = {}
    for usage in records.values():
        for name, value in usage:
            counters[name] = counters.get(name, 0) + value
    return RegionSums(
        len(records), sum(covered.size for covered in records), sum(covered.size for covered in outside), counters
    )


def reconcile(memory: ProcessMemory) -> tuple[Account, ...]:
    """Compare the figures for each quantity and say why they differ."""
    return tuple(_account(memory, quantity, names) for quantity, names in _QUANTITIES.items())


def _account(memory: ProcessMemory, quantity: str, names: _Names) -> Account:
    regions = memory.regions
    figures: dict[Origin, int | None] = {}
    if not isinstance(regions, Unavailable):
        figures[Origin.REGIONS] = regions.size if quantity == "VSZ" else _figure(regions.counters, names.smaps)
    figures[Origin.ROLLUP] = _figure(memory.rollup, names.rollup)
    figures[Origin.STATUS] = _figure(memory.status, names.status)
    figures[Origin.STATM] = _figure(memory.statm, names.statm)
    known = {origin: figure for origin, figure in figures.items() if figure is not None}
    reference = next(iter(known.values()), 0)
    return Account(
        quantity,
        known,
        tuple(
            Difference(origin, figure - reference, _reason(memory, quantity, origin, figure - reference))
            for origin, figure in known.items()
            if figure != reference
        ),
    )


def _figure(sizes: Sizes | Unavailable, names: str) -> int | None:
    if isinstance(sizes, Unavailable) or not names:
        return None
    terms = [sizes.get(name) for name in names.split("+")]
    known = [term for term in terms if term is not None]
    return sum(known) if len(known) == len(terms) else None


def _reason(memory: ProcessMemory, quantity: str, origin: Origin, amount: int) -> Reason:
    regions = memory.regions
    summed_up = not isinstance(regions, Unavailable)
    if quantity == "VSZ" and not isinstance(regions, Unavailable) and amount == -regions.outside:
        return Reason.VSYSCALL
    if quantity == "PSS" and not isinstance(regions, Unavailable) and 0 < amount < regions.count * _KIB:
        return Reason.ROUNDING
    if quantity == "swap" and origin is Origin.STATUS and amount < 0 and summed_up:
        return Reason.SHMEM_SWAP
    if memory.changed_meanwhile:
        return Reason.TIMING
    return _reason_at_rest(memory, quantity, amount)


def _reason_at_rest(memory: ProcessMemory, quantity: str, amount: int) -> Reason:
    if quantity in {"PSS", "USS"}:  # these depend on other processes
        return Reason.SHARING
    batched = quantity in {"RSS", "anonymous"} and abs(amount) <= _batches(memory)
    return Reason.BATCHES if batched else Reason.UNEXPLAINED


def _batches(memory: ProcessMemory) -> int:
    """Return the bytes by which the kernel's RSS counters may lag: each CPU keeps up to a batch of pages per kind.

    There are three kinds. `percpu_counter_batch` is the larger of 32 and twice the number of CPUs
    (lib/percpu_counter.c).
    """
    kinds = 3
    return kinds * memory.cpus * max(32, 2 * memory.cpus) * memory.page_size
