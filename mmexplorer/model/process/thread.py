"""The threads of a process, and which regions are their stacks."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import attrgetter

from mmexplorer.model.region import Region
from mmexplorer.model.value import NamedTuple

_BY_START = attrgetter("start")


class ThreadName(NamedTuple):
    """Which thread is meant."""

    tid: int
    name: str
    """"" if unknown."""


class Thread(NamedTuple):
    """One thread."""

    tid: int
    name: str
    """comm: at most 15 bytes, undecodable ones as surrogates. The thread may set it to anything."""
    state: str
    """One letter of `proc_pid_stat(5)`."""
    stack_pointer: int | None
    """As of the thread's last wait; None if the kernel didn't report it."""
    instruction: int | None = None
    """Where it waits (its program counter); None while it runs or if the kernel didn't report it."""


def may_be_stack(region: Region) -> bool:
    """Return whether a thread's stack may be here: unnamed, private (as far as known), writable anonymous memory."""
    return not region.inode and region.perms in ("rw-p", "rwxp", "rw-?", "rwx?") and region.path in ("", "[stack]")


def stacks(regions: Sequence[Region], threads: Sequence[Thread]) -> Mapping[int, tuple[Thread, ...]]:
    """Map the start of each region to the threads whose stack pointer is in it: several, if no guard separates them.

    A thread currently running on another kind of memory, such as a signal stack in .bss, is left out.
    """
    if not threads:
        return {}
    found: dict[int, tuple[Thread, ...]] = {}
    for thread in threads:
        if thread.stack_pointer is None:
            continue
        at = bisect_right(regions, thread.stack_pointer, key=_BY_START) - 1
        if at >= 0 and thread.stack_pointer < regions[at].end and may_be_stack(regions[at]):
            start = regions[at].start
            found[start] = (*found.get(start, ()), thread)
    return found
