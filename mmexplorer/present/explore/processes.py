"""The Processes pane: its rows, filter fields and columns."""

from collections.abc import Iterable, Mapping, Sequence

from mmexplorer.model.process.process import UNKNOWN_STATE, Process, ProcessKey, fault_rate
from mmexplorer.model.query import Query, Vocabulary, ordered
from mmexplorer.model.typed import TYPE_CHECKING
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, replace
from mmexplorer.present.explore.hits import Hits
from mmexplorer.present.region.fields import MAPS_FIELDS
from mmexplorer.present.region.kernel_words import STATES
from mmexplorer.present.text.cells import DASH, known, number_cell, size_cell, size_line
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

if TYPE_CHECKING:
    from mmexplorer.model.snapshot import Snapshot

PROCESS_FIELDS = Vocabulary(
    contains=frozenset({"name", "command"}),
    begins=frozenset({"user", "state"}),
    numbers=frozenset({"pid", "ppid", "rss", "vsz", "threads", "minflt", "majflt", "faults"}),
    values={"state": tuple(STATES)},
)
"""The filter fields of this table: `user:root`, `rss>100M`, `state:D`, `faults>1000` (a second)."""

PROCESS_FILTER = PROCESS_FIELDS | MAPS_FIELDS
"""And those of each process's regions: `perm:wx`, `path:libcrypto`, `deleted`, `kind:jit`, `size>1G`."""

HIDDEN = "other users' processes are hidden: /proc is mounted with hidepid; run with sudo"
_UNUSUAL = frozenset("DZTtX")
_ENDED = frozenset("ZX")
"""State letters of `proc_pid_stat(5)`."""
_SIX_DIGITS = 100_000

_NUMBERS = {"minflt": "min_flt", "majflt": "maj_flt"}


class ProcessRow(NamedTuple):
    """A row of the table."""

    process: Process
    fault_rate: float | None
    """Faults per second, minor and major; None until it has been seen twice."""
    ended: bool = False
    """Whether it is gone and listed only because it is the target."""
    hits: Hits | None = None
    """Its regions that match the filter; None if the filter has no region terms, or they can't be read."""

    @property
    def key(self) -> ProcessKey:
        """The identity of the row."""
        return self.process.key

    @property
    def arguments(self) -> str:
        """The arguments, including the program if the name doesn't identify it; "" for none. Not cleaned."""
        command = self.process.command
        if isinstance(command, Unavailable) or not command:
            return ""
        program = command[0].rpartition("/")[2]
        # comm is truncated to 15 bytes.
        return " ".join(command[1:] if program.startswith(self.process.name) else command)

    def words(self) -> Iterable[str]:
        """Yield what a plain word is matched against: pid, user, name, command line."""
        yield str(self.process.pid)
        yield self.process.name
        if not isinstance(self.process.user, Unavailable):
            yield self.process.user
        if not isinstance(self.process.command, Unavailable):
            yield " ".join(self.process.command)

    def word(self, field: str) -> str | None:
        """Return a text field for the filter."""
        value = getattr(self.process, field)
        if isinstance(value, Unavailable) or (field == "state" and value == UNKNOWN_STATE):
            return None
        return " ".join(value) if isinstance(value, tuple) else str(value)

    def number(self, field: str) -> float | None:
        """Return a number field for the filter."""
        if field == "faults":
            return self.fault_rate
        value = known(getattr(self.process, _NUMBERS.get(field, field)))
        return value or None if field == "threads" else value


class ProcessOptions(NamedTuple):
    """What to show, and in which order."""

    query: Query = Query()
    sort: str = "pid"
    """The key of a column."""
    descending: bool = False
    kernel_threads: bool = False


class ProcessRows(NamedTuple):
    """The rows of one refresh."""

    all: tuple[ProcessRow, ...]
    """The row of every process, ascending by pid, shown or not, for the next refresh to reuse."""
    shown: tuple[ProcessRow, ...]
    listed: int
    """How many the list has without a filter: all, or all but the kernel threads."""


NO_PROCESSES = ProcessRows((), (), 0)

_Found = Mapping[ProcessKey, Hits | Unavailable]


def process_rows(
    before: "Snapshot | None",
    after: "Snapshot",
    options: ProcessOptions,
    previous: Sequence[ProcessRow] = (),
    found: _Found | None = None,
) -> ProcessRows:
    """Return the rows of `after`; an unchanged row is the same object as in `previous`.

    `found`: the results for the region terms of the filter so far, None if it has none.
    """
    every = _every_row(before, after, previous, found)
    listed = every if options.kernel_threads else tuple(row for row in every if not row.process.kernel_thread)
    query = options.query.not_about(MAPS_FIELDS.fields)
    rows = [row for row in listed if query.matches(row)] if query.terms else listed
    if found is not None:
        rows = [row for row in rows if row.hits is not None and row.hits.regions]
    if after.target is not None and after.target.ended_at is not None and not _is_listed(after):
        kept = ProcessRow(after.target.process, None, ended=True)
        wanted = (options.kernel_threads or not kept.process.kernel_thread) and query.matches(kept)
        rows = (*rows, kept) if wanted else rows
    column = next((each for each in (*PROCESS_COLUMNS, *HIT_COLUMNS) if each.key == options.sort), PROCESS_COLUMNS[0])
    return ProcessRows(every, ordered(rows, column.sort or _pid, descending=options.descending), len(listed))


def _is_listed(snapshot: "Snapshot") -> bool:
    """Return whether the target is among the processes: one that has ended is until its parent collects it."""
    key = snapshot.target.process.key if snapshot.target is not None else None
    return any(process.key == key for process in snapshot.processes)


def _every_row(
    before: "Snapshot | None", after: "Snapshot", previous: Sequence[ProcessRow], found: _Found | None
) -> tuple[ProcessRow, ...]:
    """Return a row for each process; nothing is made for one that is the same object as before."""
    seconds = after.clock - before.clock if before is not None else 0.0
    idle = 0.0 if seconds > 0 else None
    earlier = {process.pid: process for process in before.processes} if before is not None else {}
    known_rows = {row.process.pid: row for row in previous}
    rows: list[ProcessRow] = []
    for process in after.processes:
        seen, old = earlier.get(process.pid), known_rows.get(process.pid)
        same = old is not None and old.process is process and seen is process and old.fault_rate == idle
        if old is None or not same or found is not None or old.hits is not None:
            rate = fault_rate(seen, process, seconds) if seen is not None else None
            row = ProcessRow(process, rate, hits=_hits(found, process))
            old = old if old == row else row
        rows.append(old)
    return tuple(rows)


def _hits(found: _Found | None, process: Process) -> Hits | None:
    hits = found.get(process.key) if found is not None else None
    return None if isinstance(hits, Unavailable) else hits


def process_tone(row: ProcessRow) -> Tone | None:
    """Strike out a target that ended; dim processes without memory of their own."""
    if row.ended:
        return Tone.REMOVED
    return Tone.DIM if row.process.kernel_thread or row.process.state in _ENDED else None


def _pid(row: ProcessRow) -> int:
    return row.process.pid


def _user(row: ProcessRow) -> Line:
    user = row.process.user
    return DASH if isinstance(user, Unavailable) else line(user)


def _state(row: ProcessRow) -> Line:
    state = row.process.state
    return DASH if state == UNKNOWN_STATE else line(span(state, Tone.WARN if state in _UNUSUAL else Tone.DIM))


def _name(row: ProcessRow) -> Line:
    """Return the name, and the arguments dimmed, which tell one python3 from another."""
    process = row.process
    if process.kernel_thread:
        return line(span(f"[{process.name}]", Tone.KERNEL))
    arguments = line(span(f" {row.arguments}", Tone.DIM)) if row.arguments else EMPTY
    return (span(process.name), *arguments)


def _rate(row: ProcessRow) -> Line:
    rate = None if row.fault_rate is None else round(row.fault_rate)
    # Six digits don't fit, and without the first one the number would be wrong.
    return number_cell(rate) if rate is None or rate < _SIX_DIGITS else line(f"{rate // 1000:,}k")


PROCESS_COLUMNS: tuple[Column[ProcessRow], ...] = (
    Column(
        "pid",
        "PID",
        7,
        lambda row: line(str(row.process.pid)),
        sort=_pid,
        align="right",
        frozen=True,
        help="The process's number.",
    ),
    Column(
        "user",
        "USER",
        8,
        _user,
        sort=lambda row: None if isinstance(row.process.user, Unavailable) else row.process.user,
        priority=4,
        help="Its owner, by the real user id.",
    ),
    Column(
        "rss",
        "RSS",
        5,
        lambda row: size_cell(row.process.rss),
        sort=lambda row: known(row.process.rss),
        align="right",
        descending=True,
        help="Resident bytes, shared pages counted in full (statm).",
    ),
    Column(
        "vsz",
        "VSZ",
        5,
        lambda row: size_line(row.process.vsz),
        sort=lambda row: row.process.vsz,
        align="right",
        descending=True,
        priority=2,
        help="Address space, touched or not.",
    ),
    Column(
        "faults",
        "FLT/S",
        6,
        _rate,
        sort=lambda row: row.fault_rate,
        align="right",
        descending=True,
        priority=3,
        help="Page faults per second since the previous refresh, minor and major.",
    ),
    Column(
        "threads",
        "THR",
        4,
        lambda row: line(str(row.process.threads)) if row.process.threads else DASH,
        sort=lambda row: row.process.threads or None,
        align="right",
        descending=True,
        priority=6,
        help="Threads.",
    ),
    Column(
        "state",
        "S",
        1,
        _state,
        sort=lambda row: None if row.process.state == UNKNOWN_STATE else row.process.state,
        priority=7,
        help=f"State: {'; '.join(f'{letter} {words}' for letter, words in STATES.items())}.",
    ),
    Column(
        "name",
        "NAME",
        10,
        _name,
        sort=lambda row: row.process.name.casefold(),
        flexible=True,
        wide=40,
        frozen=True,
        help="The name (comm), then the arguments; the process chooses both.",
    ),
)


HIT_COLUMNS: tuple[Column[ProcessRow], ...] = (
    Column(
        "hits",
        "REGS",
        5,
        lambda row: number_cell(row.hits.regions if row.hits is not None else None),
        sort=lambda row: row.hits.regions if row.hits is not None else None,
        align="right",
        descending=True,
        help="How many of its regions match the filter.",
    ),
    Column(
        "hitsize",
        "SUM",
        5,
        lambda row: size_cell(row.hits.size if row.hits is not None else None),
        sort=lambda row: row.hits.size if row.hits is not None else None,
        align="right",
        descending=True,
        help="The address space of these regions.",
    ),
)
"""Shown while the filter has region terms."""

_BESIDE_HITS = {"pid", "user", "rss", "vsz"}
_NAME_BESIDE_HITS = 20
SEARCH_COLUMNS = (
    PROCESS_COLUMNS[0],
    *HIT_COLUMNS,
    *(column for column in PROCESS_COLUMNS[1:] if column.key in _BESIDE_HITS),
    replace(PROCESS_COLUMNS[-1], wide=_NAME_BESIDE_HITS),
)
"""With the columns that identify a process: the region columns need room, too."""
