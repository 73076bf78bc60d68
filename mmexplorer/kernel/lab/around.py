"""What is around the lab process: the machine's memory, the settings that matter, its scores, its own cgroup."""

from collections.abc import Iterator

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.system.memory import Free, free
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.flat_keyed import parse_flat_keyed
from mmexplorer.parse.meminfo import parse_meminfo
from mmexplorer.parse.sysctl import parse_integer

_FIELDS = {"Dirty": "dirty", "Committed_AS": "committed_as", "CommitLimit": "commit_limit"}


def surroundings(procfs: Procfs, pid: int | None) -> Iterator[tuple[str, int]]:
    """Give the figures of `labs/figures.py` by name, as far as this kernel has them."""
    yield from _memory(procfs)
    vmstat = procfs.read("vmstat")
    if isinstance(vmstat, bytes) and (kills := parse_flat_keyed(vmstat).get("oom_kill")) is not None:
        yield "oom_kills", kills
    yield from _number(procfs, "overcommit_memory", "sys/vm/overcommit_memory")
    yield from _number(procfs, "panic_on_oom", "sys/vm/panic_on_oom")
    yield from _number(procfs, "app_oom_score", "self/oom_score")
    if pid is not None:
        yield from _number(procfs, "oom_score", f"{pid}/oom_score")
        yield from _number(procfs, "oom_score_adj", f"{pid}/oom_score_adj")


def _memory(procfs: Procfs) -> Iterator[tuple[str, int]]:
    data = procfs.read("meminfo")
    if isinstance(data, Unavailable):
        return
    meminfo = parse_meminfo(data)
    for field, name in _FIELDS.items():
        if field in meminfo:
            yield name, meminfo[field]
    told = free(meminfo)
    if isinstance(told, Free):
        yield "mem_total", told.total
        yield "mem_free", told.free
        yield "buff_cache", told.buff_cache
        yield "mem_and_swap", told.total + told.swap_total
        if isinstance(told.available, int):
            yield "mem_available", told.available


def _number(procfs: Procfs, name: str, path: str) -> Iterator[tuple[str, int]]:
    number = procfs.parsed(path, parse_integer)
    if not isinstance(number, Unavailable):
        yield name, number
