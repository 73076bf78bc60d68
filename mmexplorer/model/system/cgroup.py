"""The limits of a memory cgroup, version 1 or 2 (`cgroups(7)`), and which of them applies. Sizes are bytes."""

from collections.abc import Sequence

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen


@frozen
class CgroupLevel:
    """One cgroup on the path from the process's own up to the topmost visible one."""

    path: str
    limit: int | Unavailable | None
    """`memory.max`, `memory.limit_in_bytes`; None for no limit."""
    usage: int | Unavailable | None
    """`memory.current`, `memory.usage_in_bytes`; includes page cache and kernel memory charged to it."""
    swap_limit: int | Unavailable | None
    """v2: `memory.swap.max`, swap only. v1: `memory.memsw.limit_in_bytes`, memory plus swap."""
    oom_kills: int | Unavailable
    """Processes killed here: `memory.events` of v2 includes descendants, `memory.oom_control` of v1 doesn't."""


@frozen
class CgroupMemory:
    """A process's memory cgroup."""

    version: int
    levels: tuple[CgroupLevel, ...]
    """Its own cgroup first."""

    @property
    def oom_kills(self) -> int | None:
        """Kills in its own cgroup; None if they aren't counted."""
        kills = self.levels[0].oom_kills if self.levels else None
        return None if isinstance(kills, Unavailable) else kills


@frozen
class Binding:
    """The limit that is reached first."""

    limit: int
    level: CgroupLevel | None
    """None if that is the machine's own memory."""


def binding(levels: Sequence[CgroupLevel], mem_total: int) -> Binding:
    """Find the lowest limit: the machine's memory, the cgroup's limit or one of its ancestors'."""
    smallest = Binding(mem_total, None)
    for level in levels:
        if isinstance(level.limit, int) and level.limit < smallest.limit:
            smallest = Binding(level.limit, level)
    return smallest
