"""What one look at the machine's memory shows on the System screen, and the texts beside the tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from mmexplorer.model.system.cgroup import CgroupMemory
from mmexplorer.model.system.history import SarHistory
from mmexplorer.model.system.memory import free
from mmexplorer.model.system.oom import Immunity, badness, shown_score
from mmexplorer.model.system.sar import SwapRow
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.system.free import NO_SWAP
from mmexplorer.present.system.memory_terms import meaning, not_the_total
from mmexplorer.present.system.oom import SCORE_WORDS, OomRow, kills_lines, why
from mmexplorer.present.system.sar import Entry, Row, entries, formula_words, gap_line, kbmemused_formula, why_not_free
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, plain, span

TOPICS = ("total", "used", "free", "shared", "buff/cache", "available", "swap")
"""The figures of the free table that can be explained, in its order."""

KBMEMUSED = "kbmemused"
"""The topic beside those: why sar's figure isn't free's."""

_PARTS_OF = {"buff/cache": ("buffers", "cache")}


@dataclass(frozen=True, slots=True)
class SystemView:
    """What the screen shows."""

    snapshot: SystemSnapshot
    history: SarHistory
    ranking: tuple[OomRow, ...] | Unavailable
    """The same object as before as long as the ranking wasn't read anew."""


def explanation(topic: str, view: SystemView) -> tuple[Line, ...]:
    """Explain a figure with its terms of this moment; then why used + free + buff/cache isn't the total."""
    snapshot = view.snapshot
    figures = snapshot.meminfo if isinstance(snapshot.meminfo, Unavailable) else free(snapshot.meminfo)
    if isinstance(figures, Unavailable):
        return (line(span(f"{topic}: {figures}", Tone.WARN)),)
    if topic == KBMEMUSED:
        if not view.history.points:
            return (line("No reading yet."),)
        formula = snapshot.sar_formula
        row = view.history.points[-1].sample.memory
        return (*why_not_free(figures, row, formula), EMPTY, line(span(formula_words(formula), Tone.DIM)))
    lines = [each for part in _PARTS_OF.get(topic, (topic,)) for each in meaning(part, snapshot)]
    return tuple(lines) if topic == "used" else (*lines, EMPTY, not_the_total(figures))


def kills_text(snapshot: SystemSnapshot) -> tuple[Line, ...]:
    """How many the OOM killer took so far, and whom."""
    cgroup = snapshot.cgroup.oom_kills if isinstance(snapshot.cgroup, CgroupMemory) else None
    return kills_lines(snapshot.oom_kills, cgroup, snapshot.kills)


def score_text(row: OomRow | None, page_size: int) -> tuple[Line, ...]:
    """What decides the score, with the figures of the process under the cursor."""
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


def ranking_title(view: SystemView) -> tuple[Line, Line]:
    """Title and summary of the ranking."""
    kills = view.snapshot.oom_kills
    summary = f"— killed ({kills})" if isinstance(kills, Unavailable) else f"{kills:,} killed since boot"
    tone = Tone.ERROR if isinstance(kills, int) and kills else Tone.DIM
    return line("Who the OOM killer would take"), line(span(summary, tone))


def no_ranking(ranking: Sequence[OomRow] | Unavailable) -> Line:
    """Say why there is no ranking."""
    return line(span("— ", Tone.DIM), str(ranking) if isinstance(ranking, Unavailable) else "no process can be seen")


def ranking_mark(row: OomRow) -> str:
    """Mark those who can't be taken."""
    return "" if row.candidate.immunity is Immunity.NONE else "⊘"


def ranking_tone(row: OomRow) -> Tone | None:
    """Dim those who can't be taken."""
    return None if row.candidate.immunity is Immunity.NONE else Tone.DIM


class SarRows(NamedTuple):
    """The table of one report. Entries are kept from second to second: an hour of them isn't made anew."""

    kind: type[Row]
    entries: tuple[Entry, ...]
    upto: float
    """The clock of the newest reading in it."""


def sar_rows(before: SarRows | None, history: SarHistory, kind: type[Row]) -> SarRows:
    """Add what the history has gained to the rows of `before`, or make them all if it is of another report."""
    points = history.points
    fresh = 0
    while before is not None and fresh < len(points) and points[-1 - fresh].at > before.upto:
        fresh += 1
    upto = points[-1].at if points else 0.0
    if before is None or before.kind is not kind or fresh == len(points) or points[-1 - fresh].at != before.upto:
        return SarRows(kind, entries(history, kind), upto)
    tail = points[-1 - fresh :]
    known = len(entries(replace(history, points=tail[:1]), kind))
    more = entries(replace(history, points=tail), kind)[known:]
    return SarRows(kind, (*before.entries, *more)[-history.limit :], upto) if more else before._replace(upto=upto)


def sar_title(kind: type[Row], letter: str, view: SystemView) -> tuple[Line, Line]:
    """Title and summary of a report: the formula in force where one is, the reason for zeros where there is no swap."""
    title = line(f"sar -{letter}")
    meminfo = view.snapshot.meminfo
    if kind is SwapRow:
        swap = None if isinstance(meminfo, Unavailable) else meminfo.get("SwapTotal")
        return title, NO_SWAP if swap == 0 else EMPTY
    formula = line(span(f"kbmemused = {kbmemused_formula(view.snapshot.sar_formula)}", Tone.DIM))
    return title, formula if letter == "r" else EMPTY


def gap_before(rows: SarRows, entry: Entry | None) -> Line:
    """Tell of the gap before a row; EMPTY where there is none, and for a row that isn't among `rows`."""
    if entry is None or not entry.after_gap:
        return EMPTY
    before = next((each for each, following in pairwise(rows.entries) if following is entry), None)
    return EMPTY if before is None else gap_line(before.at, entry.at)


def gap_mark(entry: Entry) -> str:
    """Mark a row before which readings are missing."""
    return "┄" if entry.after_gap else ""


def without_tails(lines: Sequence[Line], width: int) -> tuple[Line, ...]:
    """Leave out the dim words at the end of those rows that have no room for them, so that figures aren't wrapped."""
    return tuple(
        each[:-1] if len(plain(each)) > width and len(each) > 1 and each[-1].tone is Tone.DIM else each
        for each in lines
    )
