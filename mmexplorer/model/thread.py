"""The threads of a process, and the regions that are their stacks."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from mmexplorer.model.region import Region

_BY_START = attrgetter("start")


class Thread(NamedTuple):
    """One thread."""

    tid: int
    name: str
    """comm: at most 15 bytes, undecodable ones as surrogates. The thread may set it to anything."""
    state: str
    """One letter of `proc_pid_stat(5)`."""
    stack_pointer: int | None
    """As it was when the thread last waited; None where the kernel didn't tell it."""
    instruction: int | None = None
    """Where it waits (its program counter); None while it runs, and where the kernel didn't tell it."""


def may_be_stack(region: Region) -> bool:
    """Whether a thread's stack may be here: private anonymous memory that can be written, without a name."""
    return not region.inode and region.perms in ("rw-p", "rwxp") and region.path in ("", "[stack]")


def stacks(regions: Sequence[Region], threads: Sequence[Thread]) -> Mapping[int, tuple[Thread, ...]]:
    """Give the threads whose stack pointer is in a region, by its start. Several share one where no guard is between.

    A thread that runs on memory of another kind at the moment, as on a signal stack in .bss, is left out.
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
