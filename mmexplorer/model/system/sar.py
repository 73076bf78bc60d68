"""The rows of sar(1): `-r` memory, `-S` swap, `-B` paging. Memory is in kB, as sar counts it; rates are per second."""

from collections.abc import Mapping
from enum import Enum

from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple, field, frozen

Figure = float | Unavailable
Fields = Mapping[str, int] | Mapping[str, float]
"""Fields of meminfo in bytes: one reading, or the average of several."""

_KIB = 1024


class UsedFormula(Enum):
    """How sar computes kbmemused, which changed in sysstat 12.7.8 (`sar(1)`)."""

    AVAILABLE = "available"
    """Since 12.7.8: total - available, as `used` in free(1) of procps 4."""
    CACHES = "caches"
    """Until 12.7.7: total - free - buffers - cached - slab. Includes all slab, unlike free's cache (the reclaimable
    part)."""


_CHANGED_IN = (12, 7, 8)


def used_formula(version: tuple[int, ...] | None) -> UsedFormula:
    """Return the formula of that version of sysstat; the current one if none is installed."""
    return UsedFormula.CACHES if version is not None and version < _CHANGED_IN else UsedFormula.AVAILABLE


@frozen
class MemoryRow:
    """`sar -r`: kB, and per cent of MemTotal or of MemTotal + SwapTotal."""

    kbmemfree: Figure
    kbavail: Figure
    kbmemused: Figure
    memused_percent: Figure
    kbbuffers: Figure
    kbcached: Figure
    kbcommit: Figure
    commit_percent: Figure
    kbactive: Figure
    kbinact: Figure
    kbdirty: Figure


@frozen
class SwapRow:
    """`sar -S`: kB, and per cent. All 0 without swap, as sar prints it."""

    kbswpfree: Figure
    kbswpused: Figure
    swpused_percent: Figure
    kbswpcad: Figure
    swpcad_percent: Figure


@frozen
class PagingRow:
    """`sar -B`: pages per second, except for pgpgin and pgpgout, which are kB per second.

    pgsteal counts the pages that kswapd, direct reclaim, khugepaged and proactive reclaim took back. sar 12.6 also adds
    `pgsteal_anon` and `pgsteal_file`, which are the same pages split by type (Linux 5.8), and `pgscan_direct_throttle`,
    which counts waits: its pgsteal/s is then twice as large and its %vmeff can exceed 100.
    """

    pgpgin: Figure
    pgpgout: Figure
    fault: Figure
    """Minor and major: vmstat's pgfault includes pgmajfault."""
    majflt: Figure
    pgfree: Figure
    pgscank: Figure
    pgscand: Figure
    pgsteal: Figure
    vmeff_percent: Figure
    """pgsteal / (pgscank + pgscand); 0 when nothing was scanned."""


class Host(NamedTuple):
    """The contents of sar's first line."""

    kernel: str
    name: str
    architecture: str
    cpus: int


@frozen
class Tally:
    """A running sum of readings, for sar's line of averages. Its size is constant."""

    count: int = 0
    sums: Mapping[str, float] = field(default_factory=dict)

    def add(self, fields: Fields) -> "Tally":
        """Add a reading; a field missing in any of them has no average."""
        if not self.count:
            return Tally(1, dict(fields))
        sums = {name: total + fields[name] for name, total in self.sums.items() if name in fields}
        return Tally(self.count + 1, sums)

    def mean(self) -> dict[str, float]:
        """Return the average of each field; empty before the first reading."""
        return {name: total / self.count for name, total in self.sums.items()}


def memory_row(fields: Fields, formula: UsedFormula) -> MemoryRow:
    """Compute a row of `sar -r` from a reading of meminfo, or from the average of several."""
    total, swap, commit = (_kb(fields, name) for name in ("MemTotal", "SwapTotal", "Committed_AS"))
    used = _used(fields, formula)
    return MemoryRow(
        kbmemfree=_kb(fields, "MemFree"),
        kbavail=_kb(fields, "MemAvailable"),
        kbmemused=used,
        memused_percent=_percent(used, total),
        kbbuffers=_kb(fields, "Buffers"),
        kbcached=_kb(fields, "Cached"),
        kbcommit=commit,
        commit_percent=_percent(commit, _sum(total, swap)),
        kbactive=_kb(fields, "Active"),
        kbinact=_kb(fields, "Inactive"),
        kbdirty=_kb(fields, "Dirty"),
    )


def swap_row(fields: Fields) -> SwapRow:
    """Compute a row of `sar -S` from a reading of meminfo, or from the average of several."""
    total, unused, cached = (_kb(fields, name) for name in ("SwapTotal", "SwapFree", "SwapCached"))
    used = _less(total, unused, "SwapFree is above SwapTotal") if total else total
    if isinstance(used, Unavailable) and used.cause is Cause.MALFORMED:
        unused = used
    elif total == 0:
        unused = total
    return SwapRow(
        kbswpfree=unused,
        kbswpused=used,
        swpused_percent=_percent(used, total),
        kbswpcad=cached,
        swpcad_percent=_percent(cached, used),
    )


def paging_row(before: Mapping[str, int], after: Mapping[str, int], seconds: float) -> PagingRow:
    """Compute a row of `sar -B` from two readings of vmstat taken `seconds` apart."""

    def rate(*names: str) -> Figure:
        return _rate(_increase(before, after, names), seconds)

    reclaim = tuple(name for name in after if name.startswith(_RECLAIM) and name not in _SAME_PAGES_AGAIN)
    scan_kswapd, scan_direct, steal = (_of_kind(reclaim, kind) for kind in ("scan_kswapd", "scan_direct", "steal"))
    scanned = _increase(before, after, scan_kswapd + scan_direct)
    return PagingRow(
        pgpgin=rate("pgpgin"),
        pgpgout=rate("pgpgout"),
        fault=rate("pgfault"),
        majflt=rate("pgmajfault"),
        pgfree=rate("pgfree"),
        pgscank=rate(*scan_kswapd),
        pgscand=rate(*scan_direct),
        pgsteal=rate(*steal),
        vmeff_percent=_percent(_increase(before, after, steal), scanned),
    )


_RECLAIM = ("pgscan", "pgsteal")
_SAME_PAGES_AGAIN = frozenset({"pgsteal_anon", "pgsteal_file", "pgscan_direct_throttle"})


def _of_kind(counters: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """Choose those of one kind: `pgscan_kswapd`, or one per zone on kernels before 4.8 (`pgscan_kswapd_dma32`)."""
    prefix = f"pg{kind}"
    return tuple(name for name in counters if name.startswith(prefix)) or (prefix,)


def _increase(before: Mapping[str, int], after: Mapping[str, int], names: tuple[str, ...]) -> Figure:
    for name in names:
        if name not in before or name not in after:
            return Unavailable(Cause.UNSUPPORTED, f"this kernel has no {name} in /proc/vmstat")
        if after[name] < before[name]:
            return Unavailable(Cause.MALFORMED, f"the counter {name} went backwards")
    return float(sum(after[name] - before[name] for name in names))


def _rate(increase: Figure, seconds: float) -> Figure:
    if isinstance(increase, Unavailable):
        return increase
    return increase / seconds if seconds > 0 else Unavailable(Cause.NOT_READ, "no time passed between the readings")


def _used(fields: Fields, formula: UsedFormula) -> Figure:
    total = _kb(fields, "MemTotal")
    if formula is UsedFormula.AVAILABLE:
        return _less(total, _kb(fields, "MemAvailable"), "MemAvailable is above MemTotal")
    not_used = _sum(*(_kb(fields, name) for name in ("MemFree", "Buffers", "Cached", "Slab")))
    if isinstance(total, Unavailable) or isinstance(not_used, Unavailable):
        return _sum(total, not_used)
    return total - min(total, not_used)


def _kb(fields: Fields, name: str) -> Figure:
    value = fields.get(name)
    if value is None:
        return Unavailable(Cause.UNSUPPORTED, f"this kernel has no {name} in /proc/meminfo")
    return value / _KIB


def _sum(*terms: Figure) -> Figure:
    total = 0.0
    for term in terms:
        if isinstance(term, Unavailable):
            return term
        total += term
    return total


def _less(whole: Figure, part: Figure, impossible: str) -> Figure:
    """Subtract `part` from `whole`; a larger part is a contradiction."""
    if isinstance(whole, Unavailable) or isinstance(part, Unavailable):
        return _sum(whole, part)
    return whole - part if part <= whole else Unavailable(Cause.MALFORMED, impossible)


def _percent(part: Figure, whole: Figure) -> Figure:
    if isinstance(part, Unavailable):
        return part
    if isinstance(whole, Unavailable):
        return whole
    return 100 * part / whole if whole else 0.0
