"""A trace of page faults as rows: the share of each region and call chain, then the calls that mapped memory."""

from collections.abc import Callable, Sequence

from mmexplorer.model.memory.faults import FaultGroup, FaultTrace, Mapped, MappingEvent, folded
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import Range
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.memory.faults import cost_line, how_mapped
from mmexplorer.present.region.changes import MappedBy
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import address, number_of, size
from mmexplorer.present.text.line import Line, Tone, line, span

_GROUPS_AT_MOST = 1 << 9
_MAPPINGS_AT_MOST = 1 << 8
_PAGES_AT_MOST = 1 << 13
"""Pages marked on the strip and in the grid; if there are more, every n-th."""
_CALLS = 3


class FaultRow(NamedTuple):
    """Faults of one region and call chain, or a mapping."""

    key: int
    faults: int | None
    """The estimated number; None for a mapping."""
    share: float
    """Per cent of the recorded faults; 0 for a mapping."""
    region: str
    """Not cleaned, nor is the next."""
    who: str
    address: int
    """The address of one of the faults, or the start of the mapping."""


def fault_rows(
    trace: FaultTrace, groups: Sequence[FaultGroup], region_of: Callable[[int], str]
) -> tuple[FaultRow, ...]:
    """Return the rows, the most frequent first."""
    first = {region_of(sample.address): sample.address for sample in reversed(trace.samples)}
    count = max(1, len(trace.samples))
    faults = [
        FaultRow(
            place,
            group.samples * trace.period,
            100 * group.samples / count,
            group.region,
            _calls(group.chain),
            first.get(group.region, 0),
        )
        for place, group in enumerate(groups[:_GROUPS_AT_MOST])
    ]
    mapped = folded(trace.mappings)[:_MAPPINGS_AT_MOST]
    maps = [_mapping(len(faults) + place, each, trace) for place, each in enumerate(mapped)]
    return (*faults, *maps)


def _calls(chain: Sequence[str]) -> str:
    """Return "memset ← grow"; a caller without a name is "?", and those after the last name are left out."""
    known = len(chain)
    while known and not chain[known - 1]:
        known -= 1
    return " ← ".join(name or "?" for name in chain[:known])


def _mapping(key: int, mapped: Mapped, trace: FaultTrace) -> FaultRow:
    event = mapped.event
    what = f"{size(event.size)} {event.path}"
    return FaultRow(key, None, 0.0, what, f"{how_mapped(mapped)} by thread {trace.thread(event.tid)}", event.address)


class TraceMarks(NamedTuple):
    """What other panes show of a trace: where faults occurred, and who made which change of the map."""

    process: ProcessKey
    began: float
    """In monotonic seconds; so is the next."""
    ended: float
    pages: tuple[int, ...]
    """The addresses of the pages that faulted, ascending."""
    makers: tuple[MappedBy, ...]


def trace_marks(
    process: ProcessKey, times: tuple[float, float], trace: FaultTrace, name: Callable[[int], str], page_size: int
) -> TraceMarks:
    """Return what other panes show of a trace; `times`: when it began and ended."""
    pages = sorted({sample.address // page_size * page_size for sample in trace.samples})
    events = trace.mappings[-_MAPPINGS_AT_MOST:]
    makers = tuple(
        MappedBy(Range(event.address, event.address + event.size), _maker(event, trace, name)) for event in events
    )
    step = max(1, len(pages) // _PAGES_AT_MOST)
    return TraceMarks(process, *times, tuple(pages[::step]), makers)


def _maker(event: MappingEvent, trace: FaultTrace, name: Callable[[int], str]) -> str:
    """Name the mapping thread, and the calls that first touched the new memory: a mapping records no call chain."""
    mapped = f"mapped by {trace.thread(event.tid)}"
    first = trace.first_touch(event)
    calls = " ← ".join(dict.fromkeys(filter(None, map(name, first.frames[:_CALLS])))) if first is not None else ""
    return f"{mapped}, first touched by {calls}" if calls else mapped


NO_TRACE = line(span("No trace was made yet.", Tone.DIM))
NO_FAULTS = line(span("No recorded fault and no mapping occurred in that time.", Tone.DIM))


def before_trace(period: int, seconds: float) -> Line:
    """Describe what a trace would do, before it starts."""
    return line(span("f traces: ", Tone.ACCENT), span(cost_line(period, seconds)))


def during_trace(passed: float, seconds: float) -> Line:
    """Describe the progress."""
    return line(
        span("tracing page faults ", Tone.BRIGHT),
        span(f"{min(passed, seconds):.0f} of {seconds:.0f} s"),
        span(" · f or Esc ends it now", Tone.DIM),
    )


def trace_heading(trace: FaultTrace) -> Line:
    """Summarize what was recorded, and what was lost."""
    lost = f" · {trace.lost:,} lost" if trace.lost else ""
    untraced = f" · {number_of(trace.untraced, 'thread')} not traced" if trace.untraced else ""
    return line(
        span(f"{trace.faults:,} faults", Tone.BRIGHT),
        span(f" in {trace.seconds:.1f} s, {len(trace.samples):,} recorded · {number_of(trace.threads, 'thread')}"),
        span(lost + untraced, Tone.WARN),
        span(" · * on the strip, lit among the pages · f traces again", Tone.DIM),
    )


def _faults(row: FaultRow) -> Line:
    return line(span("map", Tone.ADDED)) if row.faults is None else line(span(f"{row.faults:,}", Tone.BRIGHT))


FAULT_COLUMNS: tuple[Column[FaultRow], ...] = (
    Column("faults", "FAULTS", 8, _faults, align="right", help="About how many: recorded ones times the period."),
    Column("share", "SHARE", 6, lambda row: line(f"{row.share:.1f}%" if row.faults else ""), align="right"),
    Column("address", "ADDRESS", 12, lambda row: line(span(address(row.address), Tone.DIM)), priority=2),
    Column("region", "WHERE", 24, lambda row: line(row.region), wide=40),
    Column("who", "BY", 20, lambda row: line(row.who), flexible=True),
)
