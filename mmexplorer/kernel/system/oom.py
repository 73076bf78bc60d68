"""Reads what the OOM killer decides by, and its kills in the kernel log. Nothing is written or consumed."""

import os

from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.system.oom import Candidate, Kill, immunity, ranked
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.kmsg import parse_faults, parse_kills
from mmexplorer.parse.process.stat import parse_stat
from mmexplorer.parse.process.status import parse_status
from mmexplorer.parse.system.sysctl import parse_integer


def read_ranking(procfs: Procfs) -> tuple[Candidate, ...]:
    """Rank all processes, likeliest victims first. Processes that end meanwhile are left out."""
    found = (read_candidate(procfs, pid) for pid in procfs.numbers())
    return ranked(candidate for candidate in found if candidate is not None)


def read_candidate(procfs: Procfs, pid: int) -> Candidate | None:
    """Read one process; None if it is gone."""
    score = procfs.parsed(f"{pid}/oom_score", parse_integer)
    adj = procfs.parsed(f"{pid}/oom_score_adj", parse_integer)
    process, sizes = procfs.parsed(f"{pid}/stat", parse_stat), procfs.parsed(f"{pid}/status", parse_status)
    if isinstance(score, Unavailable) or isinstance(adj, Unavailable):
        return None
    if isinstance(process, Unavailable) or isinstance(sizes, Unavailable):
        return None
    return Candidate(
        key=ProcessKey(pid, process.start_time),
        name=process.comm,
        score=score,
        adj=adj,
        rss=sizes.size("VmRSS"),
        swap=sizes.size("VmSwap"),
        page_tables=sizes.size("VmPTE"),
        immunity=immunity(pid, score, adj, kernel_thread=process.kernel_thread),
    )


class KernelLog:
    """The kernel's log. Each reader of /dev/kmsg has its own position, so reading takes nothing from others."""

    _RECORD_LIMIT = 8192
    """Bytes: the longest record the kernel returns (`CONSOLE_EXT_LOG_MAX`)."""
    _AT_ONCE = 50_000
    """Records per call, so that a flooded log can't keep us busy."""
    _KEPT = 100
    """Kills."""

    def __init__(self, path: str = "/dev/kmsg") -> None:
        self._path = path
        self._descriptor: int | None = None
        self._kills: tuple[Kill, ...] = ()

    def kills(self) -> tuple[Kill, ...] | Unavailable:
        """Return the newest kills in the log, oldest first. Never blocks."""
        records = self._read()
        if isinstance(records, Unavailable):
            return records
        self._kills = (*self._kills, *parse_kills(records))[-self._KEPT :]
        return self._kills

    def faults(self, pid: int) -> tuple[str, ...] | Unavailable:
        """Return messages logged since the last call about faults that ended this process. Not cleaned."""
        records = self._read()
        return records if isinstance(records, Unavailable) else parse_faults(records, pid)

    def _read(self) -> list[bytes] | Unavailable:
        try:
            if self._descriptor is None:
                self._descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            return self._new_records(self._descriptor)
        except OSError as error:
            self.close()
            why = unavailable(error)
            return Unavailable(why.cause, f"the kernel log can't be read: {why.reason}", why.remedy)

    def close(self) -> None:
        """Close the log."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _new_records(self, descriptor: int) -> list[bytes]:
        records: list[bytes] = []
        while len(records) < self._AT_ONCE:
            try:
                record = os.read(descriptor, self._RECORD_LIMIT)
            except BlockingIOError:
                break
            except BrokenPipeError:
                # The next record was overwritten; the following read continues with the oldest one left.
                continue
            if not record:
                break
            records.append(record)
        return records
