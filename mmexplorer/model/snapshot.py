"""All that one refresh saw, frozen: the only thing that crosses from the reading thread to the screen."""

from collections.abc import Mapping

from mmexplorer.model.carried import Known
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.process import Process
from mmexplorer.model.region import FileId, Range, Region, Usage
from mmexplorer.model.role import Role
from mmexplorer.model.thread import Thread
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import field, frozen


@frozen
class Counters:
    """One reading of smaps. It may be older than the regions: it is dear, maps is cheap."""

    taken_at: float
    """Seconds of the monotonic clock."""
    seconds: float
    """What the reading cost."""
    by_range: Mapping[Range, Usage]
    """A region that changed since has no entry: what is known of it is in `AddressSpace.known`."""


@frozen
class AddressSpace:
    """The memory of one process."""

    process: Process
    """As it was when last seen."""
    regions: tuple[Region, ...]
    """Ascending, never overlapping. A region that didn't change is the *same object* as in the snapshot before."""
    counters: Counters | Unavailable
    layout: Layout
    files: Mapping[FileId, ElfImage | Unavailable]
    """What is known of each mapped file; a file that isn't here hasn't been looked at yet."""
    exe: str | Unavailable
    """Where /proc/PID/exe leads."""
    unavailable: Unavailable | None = None
    """Why there are no regions, or why they are the last ones seen: ended, denied, kernel thread, zombie."""
    ended_at: float | None = None
    """Seconds since the epoch at which the process was found to be gone; the regions are then its last ones."""
    through_thread: int | None = None
    """The thread through which the regions were seen, where the first one has exited; None where it lives."""
    known: Mapping[Range, Known] = field(default_factory=dict)
    """The counters of regions that changed since `counters` was read; they go before those of the same range there."""
    threads: tuple[Thread, ...] = ()
    """Of a process with more than one; ascending by number."""
    roles: Mapping[int, Role] = field(default_factory=dict)
    """What regions are by their neighbours, shape and threads, by their start."""
    unread_lines: int = 0
    """How many lines of maps were not understood, and are left out."""

    def usage_of(self, region: Region) -> Usage | None:
        """Give what is known of the counters of one of `regions`."""
        known = self.known.get(region.range)
        if known is not None:
            return known.usage
        return self.counters.by_range.get(region.range) if isinstance(self.counters, Counters) else None


@frozen
class Cost:
    """What looking cost: wall-clock seconds spent inside the reads of this refresh."""

    target: float = 0.0
    """Reading maps and smaps of the process that is looked at, and counting its pages."""
    longest: float = 0.0
    """The longest single hold of the lock of its memory, in processor time of ours."""


@frozen
class Machine:
    """The line at the top of the screen."""

    host: str
    kernel: str
    page_size: int
    mem_total: int | Unavailable
    """Bytes (`proc_meminfo(5)`)."""
    mem_available: int | Unavailable
    hides_processes: bool = False
    """Whether /proc leaves out other users' processes (hidepid)."""


@frozen
class Snapshot:
    """What one refresh saw."""

    taken_at: float
    """Seconds since the epoch, for showing."""
    clock: float
    """Seconds of the monotonic clock, for differences."""
    machine: Machine
    processes: tuple[Process, ...]
    """Ascending by pid; an unchanged process may be the same object as before."""
    target: AddressSpace | None = None
    cost: Cost = field(default_factory=Cost)
