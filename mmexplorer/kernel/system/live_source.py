"""Reads the machine's memory: implements `SystemSource`."""

import time
from collections.abc import Mapping
from functools import cached_property

from mmexplorer.kernel.lab.kills import lab_kills
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.kernel.system.cgroup import read_cgroup
from mmexplorer.kernel.system.oom import KernelLog, read_ranking
from mmexplorer.kernel.system.process_memory import read_process_memory
from mmexplorer.kernel.system.sysstat import sar_version
from mmexplorer.model.system.available import Zone
from mmexplorer.model.system.cgroup import CgroupMemory
from mmexplorer.model.system.memory import Meminfo
from mmexplorer.model.system.oom import Candidate, Kill
from mmexplorer.model.system.pressure import Pressure
from mmexplorer.model.system.sar import UsedFormula, used_formula
from mmexplorer.model.system.snapshot import NOT_READ, SETTINGS, SystemSnapshot
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.system.swap import SwapArea
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.system.meminfo import parse_meminfo
from mmexplorer.parse.system.pressure import parse_pressure
from mmexplorer.parse.system.swaps import parse_swaps
from mmexplorer.parse.system.sysctl import parse_integer
from mmexplorer.parse.system.vmstat import parse_vmstat
from mmexplorer.parse.system.zoneinfo import parse_zoneinfo

_PSI_OFF = Unavailable(
    Cause.UNSUPPORTED,
    "pressure-stall information is off in this kernel",
    "boot with psi=1, on a kernel with CONFIG_PSI (Linux 4.20)",
)


class LiveSystem:
    """The machine with this /proc. Keeps the newest ranking and the log's kills between calls."""

    _ranking: tuple[Candidate, ...] | Unavailable = NOT_READ
    _kills: tuple[Kill, ...] | Unavailable = NOT_READ

    def __init__(self, procfs: Procfs | None = None, kmsg: str = "/dev/kmsg") -> None:
        self._procfs = LiveProcfs() if procfs is None else procfs
        self._log = KernelLog(kmsg)

    def sample(self, request: SystemRequest) -> SystemSnapshot:
        """Take one sample of what was requested."""
        started = time.perf_counter()
        clock, taken_at = time.clock_gettime(time.CLOCK_BOOTTIME), time.time()
        meminfo = self.meminfo()
        vmstat, in_labs = self._vmstat_with_labs()
        if request.ranking:
            self._ranking = read_ranking(self._procfs)
        if request.kernel_log:
            self._kills = self._log.kills()
        key = request.process
        wants = request.details
        return SystemSnapshot(
            taken_at=taken_at,
            clock=clock,
            page_size=self._procfs.page_size,
            meminfo=meminfo,
            vmstat=vmstat,
            suspended=time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic(),
            lab_kills=in_labs,
            pressure=self._pressure() if wants else NOT_READ,
            swaps=self._swaps() if wants else NOT_READ,
            zones=self._zones() if wants else NOT_READ,
            settings=self._settings() if wants else NOT_READ,
            cgroup=self._cgroup() if wants else NOT_READ,
            ranking=self._ranking,
            kills=self._kills,
            process=NOT_READ if key is None else read_process_memory(self._procfs, key, self._procfs.page_size),
            sar_formula=self.sar_formula,
            cost=time.perf_counter() - started,
            host=self._procfs.host,
            kernel=self._procfs.kernel,
        )

    def figures(self) -> SystemSnapshot:
        """Read only what sar's reports and the pressure need."""
        return SystemSnapshot(
            taken_at=time.time(),
            clock=time.clock_gettime(time.CLOCK_BOOTTIME),
            page_size=self._procfs.page_size,
            meminfo=self.meminfo(),
            vmstat=self.vmstat(),
            pressure=self._pressure(),
            sar_formula=self.sar_formula,
        )

    @cached_property
    def sar_formula(self) -> UsedFormula:
        """The formula for kbmemused in the installed sar; determined once."""
        return used_formula(sar_version())

    def meminfo(self) -> Meminfo | Unavailable:
        """Read only /proc/meminfo."""
        return self._procfs.parsed("meminfo", parse_meminfo)

    def vmstat(self) -> Mapping[str, int] | Unavailable:
        """Read only /proc/vmstat."""
        return self._procfs.parsed("vmstat", parse_vmstat)

    def _vmstat_with_labs(self) -> tuple[Mapping[str, int] | Unavailable, int]:
        """Read vmstat and the kills in our labs' cgroups so that each kill is in both figures or in neither."""
        before, vmstat, after = lab_kills(), self.vmstat(), lab_kills()
        return (vmstat, after) if before == after else (self.vmstat(), lab_kills())

    def close(self) -> None:
        """Close the kernel log."""
        self._log.close()

    def _pressure(self) -> Pressure | Unavailable:
        # Booted with psi=0, the file is missing, or fails with EOPNOTSUPP when opened or read (kernel/sched/psi.c).
        pressure = self._procfs.parsed("pressure/memory", parse_pressure)
        off = isinstance(pressure, Unavailable) and pressure.cause in {Cause.GONE, Cause.UNSUPPORTED}
        return _PSI_OFF if off else pressure

    def _swaps(self) -> tuple[SwapArea, ...] | Unavailable:
        swaps = self._procfs.parsed("swaps", parse_swaps)
        gone = isinstance(swaps, Unavailable) and swaps.cause is Cause.GONE
        return Unavailable(Cause.UNSUPPORTED, "this kernel was built without swap") if gone else swaps

    def _zones(self) -> tuple[Zone, ...] | Unavailable:
        return self._procfs.parsed("zoneinfo", parse_zoneinfo)

    def _settings(self) -> dict[str, int | Unavailable]:
        return {name: self._procfs.parsed(f"sys/vm/{name}", parse_integer) for name in SETTINGS}

    def _cgroup(self) -> CgroupMemory | Unavailable:
        return read_cgroup(self._procfs)
