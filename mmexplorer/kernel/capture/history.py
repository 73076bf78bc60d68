"""Follows a process's regions through the moments of a capture."""

from collections.abc import Iterator

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.model.capture.moments import Clocks
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple


class Seen(NamedTuple):
    """A process at one moment."""

    moment: int
    clocks: Clocks
    space: AddressSpace
    fresh: bool
    """Whether its counters were read at this moment, not before."""


def history(capture: Capture, pid: int, *, elf: bool) -> Iterator[Seen]:
    """Yield the moments at which the process was visible, oldest first; `elf` matches regions with files."""
    for index in range(len(capture.moments)):
        source = capture.at(index)
        procfs = ReplayProcfs(capture.moments, index)
        clocks = procfs.clocks()
        if isinstance(clocks, Unavailable) or pid not in procfs.numbers():
            continue
        space = source.address_space(pid, Request(elf=elf, counters_now=True))
        if isinstance(space, AddressSpace) and space.regions:
            found = procfs.find(f"proc/{space.through_thread or pid}/smaps")
            yield Seen(index, clocks, space, not isinstance(found, Unavailable) and found.place.read == index)
