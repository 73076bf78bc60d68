"""Everything one refresh saw, frozen: the only data passed from the reading thread to the screen."""

from collections.abc import Mapping

from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.process.process import Process
from mmexplorer.model.process.thread import Thread
from mmexplorer.model.region import FileId, Range, Region, Usage
from mmexplorer.model.role import Role
from mmexplorer.model.typed import TYPE_CHECKING
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.usages import Usages
from mmexplorer.model.value import field, frozen

if TYPE_CHECKING:
    from mmexplorer.model.carried import Known


@frozen
class Counters:
    """One reading of smaps. It may be older than the regions: smaps is expensive, maps is cheap."""

    taken_at: float
    """Seconds on the monotonic clock."""
    seconds: float
    """How long the reading took."""
    by_range: Usages
    """A region that changed since then has no entry: `AddressSpace.known` has what is known of it."""
    rss: int | Unavailable | None = None
    """The resident bytes that statm told just before; None if that isn't remembered, as in a capture."""


@frozen
class AddressSpace:
    """The memory of one process."""

    process: Process
    """As last seen."""
    regions: tuple[Region, ...]
    """Ascending, never overlapping. A region that didn't change is the *same object* as in the previous snapshot."""
    counters: Counters | Unavailable
    layout: Layout
    files: Mapping[FileId, ElfImage | Unavailable]
    """What is known of each mapped file; files that haven't been read yet are missing."""
    exe: str | Unavailable
    """The target of /proc/PID/exe."""
    unavailable: Unavailable | None = None
    """Why there are no regions, or only the last ones seen: ended, denied, kernel thread, zombie."""
    ended_at: float | None = None
    """When the process was found to have ended, in seconds since the epoch; the regions are then its last ones."""
    through_thread: int | None = None
    """The thread through which the regions were read if the main thread has exited; None if it lives."""
    known: "Mapping[Range, Known]" = field(default_factory=dict)
    """Counters of regions that changed since `counters` was read; they take precedence over those for the same range.
    """
    threads: tuple[Thread, ...] = ()
    """Ascending by number; empty if they aren't read yet, or the process has only one and its list isn't shown."""
    roles: Mapping[int, Role] = field(default_factory=dict)
    """What regions are used as, by their neighbours, shape and threads, keyed by their start."""
    read_at: float | None = None
    """When the regions were read, in seconds since the epoch, if that was before the moment shown."""
    unread_lines: int = 0
    """How many lines of maps were left out because they were not understood."""

    @property
    def usages(self) -> Usages | None:
        """The counters of the last reading of smaps; None if there was none."""
        return self.counters.by_range if isinstance(self.counters, Counters) else None

    def usage_of(self, region: Region) -> Usage | None:
        """Return the known counters of one of `regions`."""
        known = self.known_of(region) if self.known else None
        if known is not None:
            return known.usage
        # Not through `usages`: this is asked of each of 65,000 regions.
        return self.counters.by_range.of(region) if isinstance(self.counters, Counters) else None

    def known_of(self, region: Region) -> "Known | None":
        """Return what is known of one of `regions` if it changed since `counters` was read."""
        # Equal to its range, and made in a fifth of the time.
        known: Known | None = self.known.get(region[:2])  # type: ignore[call-overload] # see above
        return known


@frozen
class Cost:
    """The cost of looking: wall-clock seconds spent reading in this refresh."""

    target: float = 0.0
    """Reading maps and smaps of the watched process, and counting its pages."""
    longest: float = 0.0
    """The longest single hold of its mmap lock, in our processor time."""


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
    """Whether /proc hides other users' processes (hidepid)."""


@frozen
class Snapshot:
    """Everything one refresh saw."""

    taken_at: float
    """Seconds since the epoch, for display."""
    clock: float
    """Seconds on the monotonic clock, for differences."""
    machine: Machine
    processes: tuple[Process, ...]
    """Ascending by pid; an unchanged process may be the same object as before."""
    target: AddressSpace | None = None
    cost: Cost = field(default_factory=Cost)
