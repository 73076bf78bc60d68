"""Facts about a process other than its memory: when it started, what it has used, where it runs. Read on demand."""

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, frozen


class CpuTimes(NamedTuple):
    """Seconds of processor time (`proc_pid_stat(5)`, utime and stime)."""

    user: float
    system: float

    @property
    def total(self) -> float:
        """User and system time together."""
        return self.user + self.system


class IoCounters(NamedTuple):
    """What it has read and written so far (`proc_pid_io(5)`)."""

    read_calls: int
    write_calls: int
    read_bytes: int
    """Fetched from storage: reads from the page cache don't count."""
    written_bytes: int
    """Written to storage, now or later."""
    read_characters: int
    """Bytes requested by system calls, from any source."""
    written_characters: int


class Switches(NamedTuple):
    """How often it gave up the processor: voluntarily to wait, or because its time slice was over."""

    voluntary: int
    involuntary: int


class Relative(NamedTuple):
    """Another process."""

    pid: int
    name: str


@frozen
class ProcessFacts:
    """Facts, each of which may be unavailable for a reason."""

    clock: float
    """When they were read, on the monotonic clock."""
    taken_at: float
    """The same in seconds since the epoch."""
    started_at: float | Unavailable
    """Seconds since the epoch."""
    parent: Relative | Unavailable | None
    """None if it has no parent visible from here."""
    cpu: CpuTimes | Unavailable
    nice: int | Unavailable
    processors: int | Unavailable
    """How many processors it may run on."""
    switches: Switches | Unavailable
    folder: str | Unavailable
    """Its working directory."""
    terminal: str | Unavailable | None
    """Its controlling terminal; None if it has none."""
    descriptors: int | Unavailable
    """How many file descriptors it has open."""
    io: IoCounters | Unavailable


def cpu_share(before: ProcessFacts, after: ProcessFacts) -> float | None:
    """Return the share of one processor used between two readings; None if it can't be computed."""
    seconds = after.clock - before.clock
    if seconds <= 0 or isinstance(before.cpu, Unavailable) or isinstance(after.cpu, Unavailable):
        return None
    return max(0.0, after.cpu.total - before.cpu.total) / seconds
