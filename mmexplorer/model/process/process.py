"""A process as /proc shows it. Sizes are bytes, times are clock ticks since boot."""

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, frozen


class ProcessKey(NamedTuple):
    """Identifies a process: a reused pid has another start time (`proc_pid_stat(5)`, field 22)."""

    pid: int
    start_time: int


UNKNOWN_STATE = "?"
"""The state of a process in a core file or a text, which have none."""


@frozen
class Process:
    """One row of the process table."""

    pid: int
    ppid: int
    start_time: int
    """Clock ticks after boot, field 22 of `proc_pid_stat(5)`."""
    user: str | Unavailable
    """The owner's name, or the uid in digits if it has no name."""
    name: str
    """comm: at most 15 bytes, undecodable ones as surrogates. The process may set it to anything."""
    command: tuple[str, ...] | Unavailable
    """argv as the process shows it now; empty for kernel threads and zombies."""
    state: str
    """One letter of `proc_pid_stat(5)`: R S D Z T t X I; UNKNOWN_STATE if the source has none."""
    rss: int | Unavailable
    """Resident bytes from statm: stat's figure lags (kernel/README.md, "smaps")."""
    vsz: int
    threads: int
    """How many; 0 if the source doesn't tell."""
    min_flt: int
    """Minor faults since the process started."""
    maj_flt: int
    kernel_thread: bool

    @property
    def key(self) -> ProcessKey:
        """The identity of the process."""
        return ProcessKey(self.pid, self.start_time)


def fault_rate(before: Process, after: Process, seconds: float) -> float | None:
    """Return minor and major faults per second between two samples; None if they can't be compared."""
    if before.pid != after.pid or before.start_time != after.start_time or seconds <= 0:
        return None
    faults = after.min_flt + after.maj_flt - before.min_flt - before.maj_flt
    return faults / seconds if faults >= 0 else None
