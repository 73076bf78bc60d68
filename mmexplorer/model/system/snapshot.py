"""Everything one look at the machine's memory saw, frozen."""

from collections.abc import Mapping

from mmexplorer.model.snapshot import Machine
from mmexplorer.model.system.available import AvailableTerms, Zone, available_terms
from mmexplorer.model.system.cgroup import CgroupMemory
from mmexplorer.model.system.memory import Meminfo, free
from mmexplorer.model.system.oom import Candidate, Kill, KillNotice, new_kills
from mmexplorer.model.system.pressure import Pressure
from mmexplorer.model.system.process_memory import ProcessMemory
from mmexplorer.model.system.sar import UsedFormula
from mmexplorer.model.system.swap import SwapArea
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import frozen

NOT_READ = Unavailable(Cause.NOT_READ, "not read yet")

SETTINGS = (
    "panic_on_oom",
    "oom_kill_allocating_task",
    "oom_dump_tasks",
    "overcommit_memory",
    "overcommit_ratio",
    "overcommit_kbytes",
    "swappiness",
    "min_free_kbytes",
)
"""The settings read from /proc/sys/vm (`proc_sys_vm(5)`); never written."""


_STEADY = 1.0
"""Seconds by which two clocks may differ to be taken for one."""


@frozen
class SystemSnapshot:
    """Everything one look saw."""

    taken_at: float
    """Seconds since the epoch, for display."""
    clock: float
    """Seconds since boot, including suspend (CLOCK_BOOTTIME), for differences."""
    page_size: int
    meminfo: Meminfo | Unavailable
    vmstat: Mapping[str, int] | Unavailable
    """Counters of paging, reclaim and OOM kills in /proc/vmstat, by the kernel's names, in the kernel's units."""
    suspended: float | None = None
    """Seconds of suspend since boot, during which the clock of the kernel log stood still; None if not known."""
    lab_kills: int = 0
    """How many of the OOM kills counted in vmstat were in the cgroups of our own labs."""
    pressure: Pressure | Unavailable = NOT_READ
    swaps: tuple[SwapArea, ...] | Unavailable = NOT_READ
    zones: tuple[Zone, ...] | Unavailable = NOT_READ
    settings: Mapping[str, int | Unavailable] | Unavailable = NOT_READ
    """Named as in `SETTINGS`."""
    cgroup: CgroupMemory | Unavailable = NOT_READ
    """Our own: in a container, the container's."""
    ranking: tuple[Candidate, ...] | Unavailable = NOT_READ
    """The newest ranking, which may be older than this snapshot."""
    kills: tuple[Kill, ...] | Unavailable = NOT_READ
    """Kills in the kernel log, oldest first."""
    process: ProcessMemory | Unavailable = NOT_READ
    sar_formula: UsedFormula = UsedFormula.AVAILABLE
    """The formula of the installed sar."""
    cost: float = 0.0
    """How many seconds it took."""
    host: str = ""
    kernel: str = ""
    """`nodename` and `release` of uname(2)."""

    @property
    def machine(self) -> Machine:
        """The machine according to this snapshot, with the figures free(1) would print."""
        figures = self.meminfo if isinstance(self.meminfo, Unavailable) else free(self.meminfo)
        return Machine(
            host=self.host,
            kernel=self.kernel,
            page_size=self.page_size,
            mem_total=figures if isinstance(figures, Unavailable) else figures.total,
            mem_available=figures if isinstance(figures, Unavailable) else figures.available,
        )

    @property
    def booted_at(self) -> float | None:
        """When the clock of the kernel log was 0, in seconds since the epoch; None if a suspend makes that unclear."""
        steady = self.suspended is not None and abs(self.suspended) < _STEADY
        return self.taken_at - self.clock if steady else None

    @property
    def oom_kills(self) -> int | Unavailable:
        """Processes killed since boot, including in cgroups (`oom_kill` of vmstat, Linux 4.13)."""
        if isinstance(self.vmstat, Unavailable):
            return self.vmstat
        missing = Unavailable(Cause.UNSUPPORTED, "this kernel has no oom_kill in /proc/vmstat")
        return self.vmstat.get("oom_kill", missing)


def terms_of(snapshot: SystemSnapshot) -> AvailableTerms | Unavailable:
    """Return the terms of MemAvailable at that moment."""
    if isinstance(snapshot.meminfo, Unavailable):
        return snapshot.meminfo
    if isinstance(snapshot.zones, Unavailable):
        return snapshot.zones
    return available_terms(snapshot.meminfo, snapshot.zones, snapshot.page_size)


def killed_between(before: SystemSnapshot, after: SystemSnapshot) -> KillNotice | None:
    """Return what the OOM killer did between two snapshots, naming victims if the log does.

    If the log can't be read, the number of kills in our own labs' cgroups is subtracted.
    """
    counts = before.oom_kills, after.oom_kills
    if isinstance(before.kills, Unavailable) or isinstance(after.kills, Unavailable):
        counts = _but_for_labs(before), _but_for_labs(after)
    return new_kills(*counts, before.kills, after.kills)


def is_kill_counted(before: SystemSnapshot, after: SystemSnapshot) -> bool:
    """Return whether there were kills by the counts alone, without those in our own labs, which the log also has."""
    return new_kills(_but_for_labs(before), _but_for_labs(after), NOT_READ, NOT_READ) is not None


def _but_for_labs(snapshot: SystemSnapshot) -> int | Unavailable:
    kills = snapshot.oom_kills
    return kills if isinstance(kills, Unavailable) else kills - snapshot.lab_kills
