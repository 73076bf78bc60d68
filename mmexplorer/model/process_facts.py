"""What a process is besides its memory: since when it runs, what it has used, where it stands. Asked for on demand."""

from typing import NamedTuple

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen


class CpuTimes(NamedTuple):
    """Seconds of the processor (`proc_pid_stat(5)`, utime and stime)."""

    user: float
    system: float

    @property
    def total(self) -> float:
        """Both."""
        return self.user + self.system


class IoCounters(NamedTuple):
    """What was read and written so far (`proc_pid_io(5)`)."""

    read_calls: int
    write_calls: int
    read_bytes: int
    """Fetched from storage, and so not what the page cache had."""
    written_bytes: int
    """Sent to storage, or to be."""
    read_characters: int
    """Bytes that system calls asked for, from wherever they came."""
    written_characters: int


class Switches(NamedTuple):
    """How often it gave the processor away: waiting for something, or because its time was up."""

    voluntary: int
    involuntary: int


class Relative(NamedTuple):
    """Another process."""

    pid: int
    name: str


@frozen
class ProcessFacts:
    """Each fact is there, or a reason stands in its place."""

    clock: float
    """When they were read, on the monotonic clock."""
    taken_at: float
    """The same in seconds since the epoch."""
    started_at: float | Unavailable
    """Seconds since the epoch."""
    parent: Relative | Unavailable | None
    """None: it has none that can be seen from here."""
    cpu: CpuTimes | Unavailable
    nice: int | Unavailable
    processors: int | Unavailable
    """On how many it may run."""
    switches: Switches | Unavailable
    folder: str | Unavailable
    """Its working directory."""
    terminal: str | Unavailable | None
    """The terminal that controls it; None for none."""
    descriptors: int | Unavailable
    """How many it has open."""
    io: IoCounters | Unavailable


def cpu_share(before: ProcessFacts, after: ProcessFacts) -> float | None:
    """Give which part of one processor was used between two readings; None where that can't be told."""
    seconds = after.clock - before.clock
    if seconds <= 0 or isinstance(before.cpu, Unavailable) or isinstance(after.cpu, Unavailable):
        return None
    return max(0.0, after.cpu.total - before.cpu.total) / seconds
