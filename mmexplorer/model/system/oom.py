"""Whom the OOM killer would kill, why, and whom it has killed (mm/oom_kill.c). Sizes are bytes."""

from collections.abc import Iterable
from enum import Enum

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen

ADJ_MIN = -1000
"""The `oom_score_adj` that exempts a process (`proc_pid_oom_score_adj(5)`)."""


class Immunity(Enum):
    """Why a process can't be chosen."""

    NONE = "none"
    INIT = "init"
    """Process 1 of the machine; a container's process 1 isn't exempt."""
    KERNEL_THREAD = "kernel thread"
    ADJ = "adj"
    """Its oom_score_adj is -1000."""


@frozen
class Candidate:
    """A process as the OOM killer sees it."""

    key: ProcessKey
    name: str
    """comm; not cleaned."""
    score: int
    """`oom_score` as the kernel shows it."""
    adj: int
    """`oom_score_adj`, -1000 to 1000."""
    rss: int | None
    """None if the process has no memory of its own: kernel threads, zombies."""
    swap: int | None
    page_tables: int | None
    immunity: Immunity = Immunity.NONE


def immunity(pid: int, score: int, adj: int, *, kernel_thread: bool) -> Immunity:
    """Return why a process can't be chosen (`oom_unkillable_task`). One with a score above 0 can."""
    if kernel_thread:
        return Immunity.KERNEL_THREAD
    if adj == ADJ_MIN:
        return Immunity.ADJ
    return Immunity.INIT if pid == 1 and score == 0 else Immunity.NONE


def ranked(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Sort by score, then by memory: likeliest victims first, immune processes last."""
    return tuple(
        sorted(
            candidates, key=lambda one: (one.immunity is not Immunity.NONE, -one.score, -(one.rss or 0), one.key.pid)
        )
    )


def badness(candidate: Candidate, total_pages: int, page_size: int) -> int | None:
    """Compute what the OOM killer compares, in pages (`oom_badness`): rss + swap + page tables + adj * total / 1000.

    `total_pages` is MemTotal + SwapTotal. Hugetlb pages don't count: killing their owner doesn't free them. None for a
    process without memory of its own.
    """
    if candidate.rss is None:
        return None
    used = candidate.rss + (candidate.swap or 0) + (candidate.page_tables or 0)
    return used // page_size + candidate.adj * (total_pages // 1000)


def shown_score(points: int, total_pages: int) -> int:
    """Compute `oom_score` from the badness (`proc_oom_score`, fs/proc/base.c, since Linux 5.9).

    (1000 + badness * 1000 / total) * 2 / 3, so a process with almost no memory and an adj of 0 has 666, and the maximum
    is 2000. Division truncates toward zero, as in C. Before 5.9 it was badness * 1000 / total, never below 0.
    """
    return int((1000 + int(points * 1000 / total_pages)) * 2 / 3)


LAB_CGROUPS = ("mmexplorer-lab-{}-", "mmexplorerlab{}x")
"""Prefixes of the cgroups that the labs of process {} create; systemd makes a slice at each dash."""


@frozen
class Kill:
    """A kill logged by the kernel. Fields are None if this kernel's message lacks them."""

    sequence: int
    """The number of the log record, which identifies the kill."""
    at: float
    """Seconds after boot."""
    pid: int
    name: str
    """comm; not cleaned."""
    in_cgroup: bool
    """Whether a cgroup reached its limit; otherwise the machine ran out of memory."""
    cgroup: str | None
    """Which one."""
    invoked_by: str | None
    """The process whose allocation failed; not always the victim."""
    total_vm: int
    anon_rss: int | None
    file_rss: int | None
    shmem_rss: int | None
    page_tables: int | None
    uid: int | None
    adj: int | None


@frozen
class KillNotice:
    """Kills that happened between two snapshots."""

    count: int
    """How many, by vmstat's `oom_kill`, or by the log if vmstat doesn't count them."""
    kills: tuple[Kill, ...]
    """Those in the log, which may be unreadable or lag behind the counter."""

    def and_then(self, later: "KillNotice") -> "KillNotice":
        """Merge with a later notice."""
        return KillNotice(self.count + later.count, (*self.kills, *later.kills))

    def but_for_labs(self, pid: int) -> "KillNotice | None":
        """Leave out kills that the labs of process `pid` caused in their own cgroups; None if none remain."""
        others = tuple(kill for kill in self.kills if not _in_lab(kill, pid))
        count = self.count - (len(self.kills) - len(others))
        return KillNotice(count, others) if count > 0 else None


def _in_lab(kill: Kill, pid: int) -> bool:
    return any(name.format(pid) in (kill.cgroup or "") for name in LAB_CGROUPS)


def new_kills(
    before: int | Unavailable,
    after: int | Unavailable,
    log_before: tuple[Kill, ...] | Unavailable,
    log_after: tuple[Kill, ...] | Unavailable,
) -> KillNotice | None:
    """Compare two readings of vmstat's `oom_kill` and of the log; None if nothing was killed in between."""
    known = set() if isinstance(log_before, Unavailable) else {kill.sequence for kill in log_before}
    readable = not isinstance(log_before, Unavailable) and not isinstance(log_after, Unavailable)
    fresh = tuple(kill for kill in log_after if kill.sequence not in known) if readable else ()  # type: ignore[union-attr] # readable says it
    counted = 0 if isinstance(before, Unavailable) or isinstance(after, Unavailable) else after - before
    count = max(counted, len(fresh))
    return KillNotice(count, fresh) if count > 0 else None
