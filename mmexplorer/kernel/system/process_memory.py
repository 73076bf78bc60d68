"""Reads one process's memory from four files, one right after the other, for comparison."""

import os
from functools import partial

from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.system.process_memory import ProcessMemory, RegionSums, Sizes, summed
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.smaps import header_lines, parse_rollup, parse_smaps
from mmexplorer.parse.process.stat import parse_stat
from mmexplorer.parse.process.statm import parse_statm
from mmexplorer.parse.process.status import Status, parse_status

_STATUS_SIZES = ("VmSize", "VmRSS", "RssAnon", "RssFile", "RssShmem", "VmSwap", "VmPTE", "HugetlbPages")


_NO_MEMORY = Unavailable(Cause.UNSUPPORTED, "it has no memory of its own: a kernel thread, or a zombie")


def read_process_memory(procfs: Procfs, key: ProcessKey, page_size: int) -> ProcessMemory | Unavailable:
    """Read statm, smaps, smaps_rollup, status and statm again; Unavailable as a whole only if the process is gone."""
    before = _statm(procfs, key.pid, page_size)
    regions = _regions(procfs.read(f"{key.pid}/smaps"))
    rollup = procfs.read(f"{key.pid}/smaps_rollup")
    status = procfs.read(f"{key.pid}/status")
    after = _statm(procfs, key.pid, page_size)
    process = procfs.parsed(f"{key.pid}/stat", parse_stat)
    if isinstance(process, Unavailable) or process.start_time != key.start_time:
        return ENDED
    if rollup == ENDED:
        rollup = _NO_MEMORY  # a live process also returns ESRCH if it has no memory
    return ProcessMemory(
        key=key,
        regions=regions,
        rollup=rollup if isinstance(rollup, Unavailable) else dict(parse_rollup(rollup)),
        status=status if isinstance(status, Unavailable) else _sizes(parse_status(status)),
        statm=before,
        statm_after=after,
        page_size=page_size,
        cpus=os.cpu_count() or 1,
    )


def _regions(data: bytes | Unavailable) -> RegionSums | Unavailable:
    if isinstance(data, Unavailable):
        return data
    kernel_own = [region.range for region in parse_maps(header_lines(data)).regions if region.kernels_own]
    return summed(parse_smaps(data), kernel_own)


def _statm(procfs: Procfs, pid: int, page_size: int) -> Sizes | Unavailable:
    statm = procfs.parsed(f"{pid}/statm", partial(parse_statm, page_size=page_size))
    return statm if isinstance(statm, Unavailable) else {"size": statm.size, "resident": statm.resident}


def _sizes(status: Status) -> Sizes:
    sizes = {name: status.size(name) for name in _STATUS_SIZES}
    return {name: size for name, size in sizes.items() if size is not None}
