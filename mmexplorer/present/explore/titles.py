"""The texts in the borders of the Explore panes, and the sentence in an empty one."""

from mmexplorer.model.snapshot import AddressSpace, Counters, Machine
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.explore.hits import Searched
from mmexplorer.present.explore.processes import ProcessRows
from mmexplorer.present.explore.totals import TotalRow, Totals, totals_line
from mmexplorer.present.text.border import filter_hint
from mmexplorer.present.text.format import duration, size, time_of_day
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

_STEP = 10
"""Seconds in which the age of counters is told while RSS is what it was: mostly they are younger."""
READ_NOW = "r"
"""The key that reads everything now."""
NO_REGION: Line = line(span("Move to a region to see the file behind it.", Tone.DIM))


def process_title(rows: ProcessRows, searched: Searched | None = None) -> tuple[Line, Line]:
    """Return title and summary: `Processes`, `66 of 131`; during a search for regions, its progress."""
    counts = line(span(f"{len(rows.shown)} of {len(rows.all)}", Tone.DIM))
    if searched is None:
        return line("Processes"), counts
    if not searched.done:
        progress = f" · {len(searched.found):,} of {searched.of:,} asked, Esc ends it"
        return line("Processes"), (*counts, span(progress, Tone.ACCENT))
    unread = line(span(f" · {searched.unread:,} can't be read", Tone.WARN)) if searched.unread else EMPTY
    return line("Processes"), (*counts, *_sum_of_hits(rows), *unread)


def process_hint(query_text: str, machine: Machine) -> Line:
    """Return the bottom border: the filter, else a warning that /proc hides processes, else the keys."""
    if machine.hides_processes and not query_text:
        return line(span("others hidden: hidepid", Tone.WARN))
    return filter_hint(query_text, (("/", "filter"), ("s", "sort")))


def _sum_of_hits(rows: ProcessRows) -> Line:
    found = [row.hits for row in rows.shown if row.hits is not None]
    if not found:
        return EMPTY
    regions = sum(each.regions for each in found)
    return line(span(f" · {regions:,} regions, {size(sum(each.size for each in found))}", Tone.DIM))


def region_title(
    space: AddressSpace | None, sums: Totals | None, listed: TotalRow | None, clock: float
) -> tuple[Line, Line]:
    """Return title and summary: `Regions of python3 (8360)`, and the totals, with those listed if there is a filter.

    Regions of the past that weren't read at the moment shown are said to be older.

    `72 of 568 · VSZ 31M of 251M`; `listed` is None without a filter, and `clock` is the time of the moment (monotonic).
    """
    if space is None:
        return line("Regions"), EMPTY
    process = space.process
    title = line(span("Regions of ", Tone.DIM), span(process.name, Tone.BRIGHT), span(f" ({process.pid})", Tone.DIM))
    if space.ended_at is not None:
        title += (span(f" ended {time_of_day(space.ended_at)}", Tone.WARN),)
    if space.read_at is not None:
        title += (span(f" as of {time_of_day(space.read_at)}", Tone.WARN),)
    if not space.regions or sums is None:
        return title, EMPTY
    about_pss = _of_the_counters(space, sums, clock)
    pss = Tone.DIM if isinstance(space.counters, Counters) and about_pss else Tone.BRIGHT
    return title, (*totals_line(sums, listed, pss), *about_pss)


def _of_the_counters(space: AddressSpace, sums: Totals, clock: float) -> Line:
    """Say what is to be known of PSS, which ends the totals: which key reads it, or how old it is."""
    counters = space.counters
    if isinstance(counters, Unavailable):
        can_be_read = counters.cause is Cause.NOT_READ and counters.remedy
        return line(span(f" {READ_NOW}", Tone.ACCENT), span(" reads it", Tone.DIM)) if can_be_read else EMPTY
    age = int(clock - counters.taken_at)
    has_changed = counters.rss is not None and isinstance(sums.rss, int) and sums.rss != counters.rss
    told = age if has_changed and age < _STEP else age - age % _STEP
    return (span(f" {duration(told)} old", Tone.DIM),) if told > 0 else EMPTY


def no_processes(filter_text: str, searched: Searched | None = None) -> Line:
    """Explain why no processes are listed."""
    if searched is not None and not searched.done:
        return line(span(f"asking {searched.of:,} processes for {filter_text} ...", Tone.DIM))
    return line(f"No process matches {filter_text}." if filter_text else "No process can be seen below /proc.")


def no_region(space: AddressSpace | None, filter_text: str) -> Line:
    """Explain why no region is under the cursor."""
    listed = space is not None and bool(space.regions) and not filter_text
    return NO_REGION if listed else no_regions(space, filter_text)


def nothing_drawn(space: AddressSpace) -> Line:
    """Explain why no region of `space` is drawn."""
    return line(span("no regions to draw", Tone.DIM)) if space.regions else no_regions(space, "")


def no_regions(space: AddressSpace | None, filter_text: str) -> Line:
    """Explain why no regions are listed."""
    if space is None:
        return line("Choose a process to see its regions.")
    if not space.regions:
        return line(span("— ", Tone.DIM), str(space.unavailable or "it has no memory of its own"))
    return line(f"No region matches {filter_text}.")
