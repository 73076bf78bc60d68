"""The processes that the OOM killer would kill and why, and those it killed."""

from collections.abc import Iterator, Sequence

from mmexplorer.model.system.cgroup import CgroupMemory
from mmexplorer.model.system.oom import Candidate, Immunity, Kill, KillNotice, badness, shown_score
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.cells import size_cell
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import date_and_time, number_of, size
from mmexplorer.present.text.line import EMPTY, Line, Tone, cell_count, line, span

_IMMUNE = {
    Immunity.INIT: "never chosen: process 1",
    Immunity.KERNEL_THREAD: "never chosen: a kernel thread has no memory of its own",
    Immunity.ADJ: "never chosen: its oom_score_adj is -1000",
}

SCORE_WORDS: tuple[str, ...] = (
    "The process with the highest badness is chosen: its pages in memory, in swap and of page tables,",
    "plus oom_score_adj thousandths of all memory and swap. Huge pages of hugetlb don't count.",
    "oom_score shows it as (1000 + badness * 1000 / total) * 2 / 3 since Linux 5.9: 666 is a process with",
    "next to no memory and an adj of 0. An adj of -1000 exempts; process 1 and kernel threads are exempt.",
)
"""How the score is computed (mm/oom_kill.c, `oom_badness`; `proc_pid_oom_score(5)`)."""


class OomRow(NamedTuple):
    """A row of the ranking."""

    candidate: Candidate
    total: int
    """MemTotal + SwapTotal in bytes, which the score relates to."""


def why(row: OomRow) -> Line:
    """Explain the score by the share of memory and the adjustment, or why the process is exempt."""
    return _why(row, " of memory and swap; its adj counts as")


def _short_why(row: OomRow) -> Line:
    """Return the same in fewer words, for a narrow column."""
    return _why(row, "; adj:")


def _why(row: OomRow, adj_counts_as: str) -> Line:
    candidate = row.candidate
    if candidate.immunity is not Immunity.NONE:
        return (span(_IMMUNE[candidate.immunity], Tone.DIM),)
    if candidate.rss is None:
        return (span("has ended: no memory left to give back", Tone.DIM),)
    held = candidate.rss + (candidate.swap or 0) + (candidate.page_tables or 0)
    share = 100 * held / row.total if row.total else 0.0
    if not candidate.adj:
        return (span(f"holds {share:.1f} % of memory and swap"),)
    direction = "more" if candidate.adj > 0 else "less"
    return (span(f"holds {share:.1f} %{adj_counts_as} {abs(candidate.adj) / 10:.1f} % {direction}"),)


def why_lines(row: OomRow) -> tuple[Line, ...]:
    """Return the full explanation for one process, however narrow the column is; followed by an empty line."""
    name = f"{row.candidate.name} ({row.candidate.key.pid})"
    return (line(span(f"{name} ", Tone.ACCENT), *why(row)), EMPTY)


COLUMNS: tuple[Column[OomRow], ...] = (
    Column("score", "score", 5, lambda row: (span(str(row.candidate.score)),), lambda row: row.candidate.score,
           align="right", descending=True, help="oom_score: the highest is chosen first."),
    Column("adj", "adj", 5, lambda row: _adj(row.candidate.adj), lambda row: row.candidate.adj,
           align="right", descending=True, priority=1, help="oom_score_adj, -1000 to 1000."),
    Column("rss", "RSS", 5, lambda row: size_cell(row.candidate.rss), lambda row: row.candidate.rss,
           align="right", descending=True, help="Resident memory: VmRSS of status."),
    Column("swap", "SWAP", 5, lambda row: size_cell(row.candidate.swap), lambda row: row.candidate.swap,
           align="right", descending=True, priority=2, help="Swapped-out memory: VmSwap of status."),
    Column("pid", "PID", 7, lambda row: (span(str(row.candidate.key.pid)),), lambda row: row.candidate.key.pid,
           align="right"),
    Column("name", "NAME", 15, lambda row: (span(row.candidate.name),), lambda row: row.candidate.name),
    Column("why", "why", 20, why, flexible=True, priority=3, short=_short_why,
           help="What makes the score, or what exempts it."),
)  # fmt: skip
"""The columns of the ranking."""


def _adj(adj: int) -> Line:
    return (span(str(adj), Tone.DIM if adj == 0 else Tone.NORMAL),)


def ranking_title(snapshot: SystemSnapshot) -> tuple[Line, Line]:
    """Return title and summary of the ranking."""
    kills = snapshot.oom_kills
    summary = f"— killed ({kills})" if isinstance(kills, Unavailable) else f"{kills:,} killed since boot"
    tone = Tone.ERROR if isinstance(kills, int) and kills else Tone.DIM
    return line("Who the OOM killer would choose"), line(span(summary, tone))


def no_ranking(ranking: Sequence[OomRow] | Unavailable) -> Line:
    """Explain why there is no ranking."""
    return line(span("— ", Tone.DIM), str(ranking) if isinstance(ranking, Unavailable) else "no process can be seen")


def ranking_mark(row: OomRow) -> str:
    """Mark exempt processes."""
    return "" if row.candidate.immunity is Immunity.NONE else "⊘"


def ranking_tone(row: OomRow) -> Tone | None:
    """Dim exempt processes."""
    return None if row.candidate.immunity is Immunity.NONE else Tone.DIM


def score_text(row: OomRow | None, page_size: int) -> tuple[Line, ...]:
    """Explain the score, with the figures of the process under the cursor."""
    words = tuple(line(each) for each in SCORE_WORDS)
    if row is None or row.candidate.immunity is not Immunity.NONE:
        return words
    candidate = row.candidate
    pages = row.total // page_size
    points = badness(candidate, pages, page_size)
    if points is None or not pages:
        return words
    held = (candidate.rss or 0, candidate.swap or 0, candidate.page_tables or 0)
    rss, swap, tables = (f"{count // page_size:,}" for count in held)
    return (
        line(span(f"{candidate.name} ({candidate.key.pid}) ", Tone.ACCENT), *why(row), "; in pages:"),
        line(
            f"RSS {rss} + swap {swap} + page tables {tables} + adj {candidate.adj} x {pages // 1000:,} = ",
            span(f"{points:,}", Tone.BRIGHT),
        ),
        line(
            f"(1000 + {points:,} x 1000 / {pages:,}) x 2 / 3 = ",
            span(str(shown_score(points, pages)), Tone.BRIGHT),
            f"; the kernel shows {candidate.score}.",
        ),
        EMPTY,
        *words,
    )


def kills_text(snapshot: SystemSnapshot) -> tuple[Line, ...]:
    """Describe the kills so far: how many, and which processes."""
    cgroup = snapshot.cgroup.oom_kills if isinstance(snapshot.cgroup, CgroupMemory) else None
    return kills_lines(snapshot.oom_kills, cgroup, snapshot.kills, snapshot.booted_at)


def kills_lines(
    counted: int | Unavailable,
    in_cgroup: int | None,
    kills: tuple[Kill, ...] | Unavailable,
    booted_at: float | None = None,
) -> tuple[Line, ...]:
    """Return how many processes were killed since boot, and those named in the log, newest first.

    `booted_at` (seconds since the epoch) turns the log's times into times of the clock; None if that can't be done.
    """
    if isinstance(counted, Unavailable):
        lines = [line(f"killed since boot: — ({counted})")]
    else:
        lines = [line("killed since boot: ", span(str(counted), Tone.ERROR if counted else Tone.DIM))]
    if in_cgroup is not None:
        lines.append(line("in our own cgroup: ", span(str(in_cgroup), Tone.ERROR if in_cgroup else Tone.DIM)))
    if isinstance(kills, Unavailable):
        return (*lines, line(span(str(kills), Tone.DIM)))
    return (*lines, *(kill_line(kill, booted_at) for kill in reversed(kills)))


def kill_line(kill: Kill, booted_at: float | None) -> Line:
    """Describe a kill: when, which process, how large, and why."""
    sizes = [count for count in (kill.anon_rss, kill.file_rss, kill.shmem_rss) if count is not None]
    held = f", RSS {size(sum(sizes))}" if sizes else ""
    adj = f", adj {kill.adj}" if kill.adj is not None else ""
    return line(
        span(
            f"{kill.at:.0f}s after boot " if booted_at is None else f"{date_and_time(booted_at + kill.at)} ", Tone.DIM
        ),
        span(f"{kill.name} ({kill.pid})", Tone.ERROR),
        f"{held}{adj}: {_cause(kill)}",
    )


def _cause(kill: Kill) -> str:
    asked = kill.invoked_by is not None and kill.invoked_by != kill.name
    return f"{_limit(kill)} when {kill.invoked_by} asked for more" if asked else _limit(kill)


def _limit(kill: Kill) -> str:
    """Return what ran out."""
    where = f"the cgroup {_short(kill.cgroup)}" if kill.cgroup else "a cgroup"
    return f"{where} reached its limit" if kill.in_cgroup else "the machine ran out of memory"


def _short(cgroup: str) -> str:
    """Leave out the parents of a cgroup, where container runtimes put long identifiers."""
    above, _, name = cgroup.rpartition("/")
    return f"…/{name}" if above else cgroup


def notice(killed: KillNotice, width: int) -> Line:
    """Announce recent kills in `width` cells: with their causes if there is room, else with names, else by number."""
    said = [line(span(text, Tone.ERROR)) for text in _said(killed)]
    return next((each for each in said if cell_count(each) <= width), said[-1])


def _said(killed: KillNotice) -> Iterator[str]:
    """Yield the announcement, in fewer words each time."""
    count = "a process" if killed.count == 1 else f"{killed.count} processes"
    others = killed.count - len(killed.kills)
    more = f", {number_of(others, 'other')}" if others > 0 else ""
    if killed.kills:
        named = [(f"{kill.name} ({kill.pid})", kill) for kill in killed.kills]
        told = ", ".join(f"{name}: {_cause(kill)}" for name, kill in named)
        yield f"The OOM killer has killed {count}. {told}"
        yield f"OOM killer: {told}{more}"
        yield f"OOM killer: {', '.join(f'{name}: {_limit(kill)}' for name, kill in named)}{more}"
        yield f"The OOM killer has killed {', '.join(name for name, _ in named)}{more}."
    yield f"The OOM killer has killed {count}."
