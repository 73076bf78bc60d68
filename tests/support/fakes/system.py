"""A `SystemSource` without a kernel: a small machine whose memory the test sets; each poll advances it by a second."""

from collections.abc import Mapping
from dataclasses import replace

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.system.cgroup import CgroupLevel, CgroupMemory
from mmexplorer.model.system.memory import Meminfo
from mmexplorer.model.system.oom import Candidate, Immunity, Kill, ranked
from mmexplorer.model.system.pressure import Pressure, Stall
from mmexplorer.model.system.process_memory import ProcessMemory, RegionSums
from mmexplorer.model.system.snapshot import NOT_READ, SETTINGS, SystemSnapshot
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.system.zoneinfo import parse_zoneinfo

EPOCH = 1_700_000_000.0
PAGE = 4096
_KIB = 1024
_MIB = 1 << 20
_GIB = 1 << 30

MEMINFO: Mapping[str, int] = {
    "MemTotal": 8 * _GIB,
    "MemFree": 5 * _GIB,
    "MemAvailable": 6 * _GIB,
    "Buffers": 64 * _MIB,
    "Cached": 1 * _GIB,
    "SwapCached": 0,
    "Active": 900 * _MIB,
    "Inactive": 700 * _MIB,
    "Active(file)": 500 * _MIB,
    "Inactive(file)": 500 * _MIB,
    "SwapTotal": 0,
    "SwapFree": 0,
    "Dirty": 2 * _MIB,
    "AnonPages": 1200 * _MIB,
    "Shmem": 32 * _MIB,
    "KReclaimable": 256 * _MIB,
    "Slab": 384 * _MIB,
    "SReclaimable": 256 * _MIB,
    "CommitLimit": 4 * _GIB,
    "Committed_AS": 2 * _GIB,
}
VMSTAT: Mapping[str, int] = {
    "pgpgin": 1000,
    "pgpgout": 2000,
    "pgfault": 50_000,
    "pgmajfault": 10,
    "pgfree": 9000,
    "pgscan_kswapd": 0,
    "pgscan_direct": 0,
    "pgsteal_kswapd": 0,
    "pgsteal_direct": 0,
    "oom_kill": 2,
}
ZONEINFO = b"""\
Node 0, zone   Normal
  pages free     1310720
        boost    0
        min      4000
        low      5000
        high     6000
        spanned  2097152
        present  2097152
        managed  2097152
        protection: (0, 0)
"""


def candidate(pid: int, name: str, score: int, *, rss: int | None = 0, immunity: Immunity = Immunity.NONE) -> Candidate:
    """Return a process of the ranking."""
    adj = -1000 if immunity is Immunity.ADJ else 0
    known = None if rss is None else 0
    return Candidate(ProcessKey(pid, 120), name, score, adj, rss, known, known, immunity)


def kill(sequence: int, name: str, pid: int) -> Kill:
    """Return a kill as the kernel logs it."""
    return Kill(
        sequence,
        100.0,
        pid,
        name,
        in_cgroup=True,
        cgroup="/box",
        invoked_by=name,
        total_vm=_GIB,
        anon_rss=40 * _MIB,
        file_rss=0,
        shmem_rss=0,
        page_tables=0,
        uid=0,
        adj=0,
    )


RANKING = ranked(
    (
        candidate(8402, "cat", 700, rss=800 * _MIB),
        candidate(8360, "cat", 670, rss=40 * _MIB),
        candidate(731, "sshd", 0, rss=9 * _MIB, immunity=Immunity.ADJ),
        candidate(2, "kthreadd", 0, rss=None, immunity=Immunity.KERNEL_THREAD),
    )
)


def stall(seconds: float) -> Stall:
    """Return a line of /proc/pressure/memory with that many seconds lost since boot."""
    return Stall(0.0, 0.0, 0.0, round(seconds * 1_000_000))


class FakeSystem:
    """Returns the values of its attributes, which the test changes between polls."""

    def __init__(self) -> None:
        self.requests: list[SystemRequest] = []
        """Every request, in order."""
        self.clock = 1000.0
        self.step = 1.0
        """Seconds that pass before the next poll."""
        self.meminfo: Meminfo | Unavailable = dict(MEMINFO)
        self.vmstat: Mapping[str, int] = dict(VMSTAT)
        self.pressure: Pressure | Unavailable = Pressure(stall(1), stall(0))
        self.kills: tuple[Kill, ...] | Unavailable = (kill(1, "early", 11), kill(2, "bird", 12))
        self.ranking: tuple[Candidate, ...] | Unavailable = RANKING
        self.cgroup: CgroupMemory | Unavailable = CgroupMemory(2, (CgroupLevel("/", None, None, None, 0),))
        self.settings: Mapping[str, int | Unavailable] = dict.fromkeys(SETTINGS, 0)
        self._ranked: tuple[Candidate, ...] | Unavailable = NOT_READ
        self._logged: tuple[Kill, ...] | Unavailable = NOT_READ

    def sample(self, request: SystemRequest) -> SystemSnapshot:
        """Return the current values."""
        self.requests.append(request)
        self.clock += self.step
        self._ranked = self.ranking if request.ranking else self._ranked
        self._logged = self.kills if request.kernel_log else self._logged
        bare = SystemSnapshot(
            taken_at=EPOCH + self.clock,
            clock=self.clock,
            page_size=PAGE,
            meminfo=self.meminfo,
            vmstat=self.vmstat,
            ranking=self._ranked,
            kills=self._logged,
            process=NOT_READ if request.process is None else _memory(request.process),
            cost=0.0007,
            host="box",
            kernel="6.18.44-generic",
        )
        if not request.details:
            return bare
        zones = parse_zoneinfo(ZONEINFO)
        assert isinstance(zones, tuple)
        return replace(bare, pressure=self.pressure, swaps=(), zones=zones, settings=self.settings, cgroup=self.cgroup)

    def change(self, **bytes_: int) -> None:
        """Set fields of meminfo."""
        assert not isinstance(self.meminfo, Unavailable)
        self.meminfo = {**self.meminfo, **bytes_}

    def count(self, **increase: int) -> None:
        """Increase counters of vmstat."""
        self.vmstat = {**self.vmstat, **{name: self.vmstat[name] + by for name, by in increase.items()}}


def _memory(key: ProcessKey) -> ProcessMemory:
    sizes = {"Rss": 40 * _MIB, "Pss": 30 * _MIB, "Private_Clean": 0, "Private_Dirty": 20 * _MIB, "Swap": 0}
    return ProcessMemory(
        key,
        regions=RegionSums(3, 100 * _MIB, 0, sizes),
        rollup={**sizes, "Pss": 30 * _MIB + _KIB},
        status={"VmSize": 100 * _MIB, "VmRSS": 40 * _MIB, "VmPTE": 128 * _KIB},
        statm={"size": 100 * _MIB, "resident": 40 * _MIB},
        statm_after={"size": 100 * _MIB, "resident": 40 * _MIB},
        page_size=PAGE,
        cpus=2,
    )
