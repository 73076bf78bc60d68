"""The reports of sar(1): columns for the table, and text as sar prints it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import pairwise

from mmexplorer.model.system.history import SarHistory, SarSample
from mmexplorer.model.system.memory import Free
from mmexplorer.model.system.sar import Figure, Host, MemoryRow, PagingRow, SwapRow, UsedFormula
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, names, replace
from mmexplorer.present.system.free import NO_SWAP, free_formula
from mmexplorer.present.text.cells import DASH
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import size, time_of_day
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

Row = MemoryRow | SwapRow | PagingRow

REPORTS: Mapping[str, type[Row]] = {"r": MemoryRow, "S": SwapRow, "B": PagingRow}
"""sar's options and their reports."""

_CELL = 9
_TIME = 11
_AVERAGE = "Average:"


class Entry(NamedTuple):
    """A row of the history."""

    at: float
    """Seconds since the epoch."""
    row: Row
    after_gap: bool = False
    """Whether readings are missing before it."""


def entries(history: SarHistory, kind: type[Row]) -> tuple[Entry, ...]:
    """Return the rows of one report, oldest first; a reading without such a row is left out."""
    rows = ((index, point.sample.taken_at, row_of(point.sample, kind)) for index, point in enumerate(history.points))
    return tuple(Entry(at, row, history.is_gap(index)) for index, at, row in rows if row is not None)


def row_of(sample: SarSample, kind: type[Row]) -> Row | None:
    """Return the row of one report; None for rates without a previous reading."""
    if kind is PagingRow:
        return sample.paging
    return sample.swap if kind is SwapRow else sample.memory


def curve(history: SarHistory, name: str, count: int) -> tuple[float | None, ...]:
    """Return the newest `count` values of a figure of any report, or of `stalled`, for a chart; None is a gap."""
    return tuple(None if sample is None else _value(sample, name) for sample in history.columns(count))


def _value(sample: SarSample, name: str) -> float | None:
    for row in (sample, sample.memory, sample.swap, sample.paging):
        figure = getattr(row, name, None)
        if isinstance(figure, (int, float)):
            return figure
    return None


class _Field(NamedTuple):
    title: str
    priority: int
    help: str


_FIELDS: dict[type[Row], dict[str, _Field]] = {
    MemoryRow: {
        "kbmemfree": _Field("kbmemfree", 0, "Memory that nothing uses, kB: MemFree."),
        "kbavail": _Field("kbavail", 0, "The kernel's estimate of what can be had without swapping, kB: MemAvailable."),
        "kbmemused": _Field("kbmemused", 0, "Used memory, kB; its formula depends on the version of sar."),
        "memused_percent": _Field("%memused", 0, "kbmemused, per cent of MemTotal."),
        "kbbuffers": _Field("kbbuffers", 3, "The cache of block devices, kB: Buffers."),
        "kbcached": _Field("kbcached", 1, "The page cache with shmem, without reclaimable slab, kB: Cached."),
        "kbcommit": _Field("kbcommit", 2, "What was promised to all processes, kB: Committed_AS."),
        "commit_percent": _Field("%commit", 2, "kbcommit, per cent of MemTotal + SwapTotal; it may pass 100."),
        "kbactive": _Field("kbactive", 5, "Recently used, reclaimed last, kB: Active."),
        "kbinact": _Field("kbinact", 5, "Not used for a while, reclaimed first, kB: Inactive."),
        "kbdirty": _Field("kbdirty", 4, "Changed and not yet written to disk, kB: Dirty."),
    },
    SwapRow: {
        "kbswpfree": _Field("kbswpfree", 0, "Free swap, kB: SwapFree."),
        "kbswpused": _Field("kbswpused", 0, "Used swap, kB: SwapTotal - SwapFree."),
        "swpused_percent": _Field("%swpused", 0, "kbswpused, per cent of SwapTotal."),
        "kbswpcad": _Field("kbswpcad", 1, "Swapped in again and still in the swap area too, kB: SwapCached."),
        "swpcad_percent": _Field("%swpcad", 1, "kbswpcad, per cent of kbswpused."),
    },
    PagingRow: {
        "pgpgin": _Field("pgpgin/s", 3, "Read from disk, kB a second: pgpgin."),
        "pgpgout": _Field("pgpgout/s", 3, "Written to disk, kB a second: pgpgout."),
        "fault": _Field("fault/s", 0, "Page faults a second, minor and major: pgfault."),
        "majflt": _Field("majflt/s", 0, "Page faults a second that waited for a disk: pgmajfault."),
        "pgfree": _Field("pgfree/s", 4, "Pages put on the free lists, a second: pgfree."),
        "pgscank": _Field("pgscank/s", 1, "Pages that kswapd scanned, per second."),
        "pgscand": _Field("pgscand/s", 1, "Pages that allocating processes had to scan themselves, per second."),
        "pgsteal": _Field(
            "pgsteal/s", 1, "Pages reclaimed a second. sar 12.6 counts each twice on Linux 5.8 and later."
        ),
        "vmeff_percent": _Field("%vmeff", 2, "Reclaimed of those scanned, per cent; 0 if none was."),
    },
}


def columns(kind: type[Row]) -> tuple[Column[Entry], ...]:
    """Return the columns of one report: the time, then sar's columns with sar's titles."""
    time: Column[Entry] = Column(
        "time",
        "time",
        len("00:00:00"),
        _time_cell,
        lambda entry: entry.at,
        help="When it was read; ┄ marks a gap before.",
    )
    return (time, *(_column(name, known) for name, known in _FIELDS[kind].items()))


def _time_cell(entry: Entry) -> Line:
    return (span(time_of_day(entry.at), Tone.WARN if entry.after_gap else Tone.DIM),)


def _column(name: str, known: _Field) -> Column[Entry]:
    return Column(
        key=name,
        title=known.title,
        width=_CELL,
        text=_cell(name),
        sort=lambda entry: _sortable(getattr(entry.row, name)),
        align="right",
        descending=True,
        priority=known.priority,
        help=known.help,
    )


def _cell(name: str) -> Callable[[Entry], Line]:
    def cell(entry: Entry) -> Line:
        figure = getattr(entry.row, name)
        return DASH if isinstance(figure, Unavailable) else (span(figure_text(name, figure)),)

    return cell


def _sortable(figure: Figure) -> float | None:
    return None if isinstance(figure, Unavailable) else figure


def figure_text(name: str, figure: Figure) -> str:
    """Format a figure with sar's decimals: none for kB, two for percentages and rates, a dash if missing."""
    if isinstance(figure, Unavailable):
        return "-"
    return f"{figure:.0f}" if name.startswith("kb") else f"{figure:.2f}"


def header_text(kind: type[Row], label: str) -> str:
    """Return the line of titles; `label` is the time of the reading before the first row, as in sar."""
    return label.ljust(_TIME) + "".join(f" {known.title:>{_CELL}}" for known in _FIELDS[kind].values())


def row_text(row: Row, label: str = _AVERAGE) -> str:
    """Return a row below those titles; without a label, it is the line of averages."""
    cells = ((name, getattr(row, name)) for name in names(type(row)))
    return label.ljust(_TIME) + "".join(f" {figure_text(name, figure):>{_CELL}}" for name, figure in cells)


def banner(host: Host, at: float) -> str:
    """Return sar's first line: kernel, host, date, machine."""
    day = datetime.fromtimestamp(at).astimezone().strftime("%x")
    return f"Linux {clean(host.kernel)} ({clean(host.name)}) \t{day} \t_{clean(host.architecture)}_\t({host.cpus} CPU)"


def kbmemused_formula(formula: UsedFormula) -> str:
    """Return the formula for kbmemused."""
    return "total - available" if formula is UsedFormula.AVAILABLE else "total - free - buffers - cached - slab"


def formula_words(formula: UsedFormula) -> str:
    """Describe the formula in use."""
    since = "sysstat 12.7.8 and later" if formula is UsedFormula.AVAILABLE else "sysstat before 12.7.8"
    return f"kbmemused = {kbmemused_formula(formula)} ({since})"


def why_not_free(figures: Free, row: MemoryRow, formula: UsedFormula) -> tuple[Line, ...]:
    """Explain with current figures why sar's kbmemused differs from free's used."""
    if isinstance(row.kbmemused, Unavailable):
        return (line(f"kbmemused: {row.kbmemused}"),)
    if isinstance(figures.used, Unavailable):
        return (line(f"used: {figures.used}"),)
    used = round(row.kbmemused) * 1024
    head = line(
        "sar: kbmemused ", span(size(used), Tone.BRIGHT), f" = {kbmemused_formula(formula)}.",
        "   free: used ", span(size(figures.used), Tone.BRIGHT), f" = {free_formula(figures)}.",
    )  # fmt: skip
    if formula is UsedFormula.AVAILABLE and not isinstance(figures.available, Unavailable):
        return (head, line("The two agree since sysstat 12.7.8, but for the moment at which each was read."))
    return (
        head,
        line(
            f"They differ by {size(abs(figures.used - used))}: sar takes all cache and slab for unused, needed or not; "
            "free counts as used what the kernel would not give back, and its own reserves."
        ),
    )


class SarRows(NamedTuple):
    """The table of one report. Entries are reused, so that an hour of them isn't rebuilt every second."""

    kind: type[Row]
    entries: tuple[Entry, ...]
    upto: float
    """The clock of its newest reading."""


def sar_rows(before: SarRows | None, history: SarHistory, kind: type[Row]) -> SarRows:
    """Add new readings to the rows of `before`, or build all rows if the report changed."""
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


def sar_title(kind: type[Row], letter: str, snapshot: SystemSnapshot) -> tuple[Line, Line]:
    """Return title and summary of a report: the formula in use, or why swap is zero."""
    title = line(f"sar -{letter}")
    meminfo = snapshot.meminfo
    if kind is SwapRow:
        swap = None if isinstance(meminfo, Unavailable) else meminfo.get("SwapTotal")
        return title, NO_SWAP if swap == 0 else EMPTY
    formula = line(span(f"kbmemused = {kbmemused_formula(snapshot.sar_formula)}", Tone.DIM))
    return title, formula if letter == "r" else EMPTY


def gap_before(rows: SarRows, entry: Entry | None) -> Line:
    """Describe the gap before a row; EMPTY if there is none, or if the row isn't in `rows`."""
    if entry is None or not entry.after_gap:
        return EMPTY
    before = next((each for each, following in pairwise(rows.entries) if following is entry), None)
    return EMPTY if before is None else gap_line(before.at, entry.at)


def gap_mark(entry: Entry) -> str:
    """Mark a row after a gap."""
    return "┄" if entry.after_gap else ""


def gap_line(start: float, end: float) -> Line:
    """Describe a gap between two times, in seconds since the epoch."""
    return line(
        span("┄ ", Tone.WARN),
        f"no readings from {time_of_day(start)} to {time_of_day(end)}: the machine was suspended or the display paused",
    )
