"""The limits of a memory cgroup, version 1 or 2 (`cgroups(7)`), and which limit binds. Sizes are bytes."""

from collections.abc import Sequence

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen


@frozen
class CgroupLevel:
    """One cgroup of the chain from a process's own up to the top that can be seen."""

    path: str
    limit: int | Unavailable | None
    """`memory.max`, `memory.limit_in_bytes`; None for no limit."""
    usage: int | Unavailable | None
    """`memory.current`, `memory.usage_in_bytes`; page cache and kernel memory charged to it count."""
    swap_limit: int | Unavailable | None
    """v2: `memory.swap.max`, swap alone. v1: `memory.memsw.limit_in_bytes`, memory and swap together."""
    oom_kills: int | Unavailable
    """Processes killed here: `memory.events` of v2 counts those below too, `memory.oom_control` of v1 doesn't."""


@frozen
class CgroupMemory:
    """A process's memory cgroup."""

    version: int
    levels: tuple[CgroupLevel, ...]
    """Its own first."""

    @property
    def oom_kills(self) -> int | None:
        """Kills in its own cgroup; None where they aren't counted."""
        kills = self.levels[0].oom_kills if self.levels else None
        return None if isinstance(kills, Unavailable) else kills


@frozen
class Binding:
    """The limit that is met first."""

    limit: int
    level: CgroupLevel | None
    """None: the machine's own memory is."""


def binding(levels: Sequence[CgroupLevel], mem_total: int) -> Binding:
    """Find the smallest of the machine's memory and the limits of a cgroup and of all those above it."""
    smallest = Binding(mem_total, None)
    for level in levels:
        if isinstance(level.limit, int) and level.limit < smallest.limit:
            smallest = Binding(level.limit, level)
    return smallest
