"""The limits of our cgroup beside the machine's, and which of the two binds."""

from mmexplorer.model.system.cgroup import CgroupLevel, CgroupMemory, binding
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.format import size
from mmexplorer.present.text.line import Line, Tone, line, span


def cgroup_lines(cgroup: CgroupMemory | Unavailable, mem_total: int) -> tuple[Line, ...]:
    """Say which limit binds, then each level's limit and use, our own first."""
    if isinstance(cgroup, Unavailable):
        return (line(span(f"cgroup — {cgroup}", Tone.DIM)), _machine_binds(mem_total))
    bound = binding(cgroup.levels, mem_total)
    head = _machine_binds(mem_total) if bound.level is None else _cgroup_binds(bound.level, bound.limit, mem_total)
    return (head, *(_level(level) for level in cgroup.levels))


def _machine_binds(mem_total: int) -> Line:
    return line("the machine's own ", span(size(mem_total), Tone.BRIGHT), " binds: no cgroup limit is smaller")


def _cgroup_binds(level: CgroupLevel, limit: int, mem_total: int) -> Line:
    return line(
        f"the cgroup {level.path} binds: ",
        span(size(limit), Tone.WARN),
        f", not the machine's {size(mem_total)}; beyond it a process in the cgroup is killed",
    )


def _level(level: CgroupLevel) -> Line:
    return line(
        span(f"{level.path} ", Tone.ACCENT), f"limit {_limit(level.limit)}, used {_limit(level.usage)}, "
        f"swap limit {_limit(level.swap_limit)}, killed {_count(level.oom_kills)}",
    )  # fmt: skip


def _limit(value: int | Unavailable | None) -> str:
    if isinstance(value, Unavailable):
        return f"— ({value})"
    return "none" if value is None else size(value)


def _count(value: int | Unavailable) -> str:
    return f"— ({value})" if isinstance(value, Unavailable) else str(value)
