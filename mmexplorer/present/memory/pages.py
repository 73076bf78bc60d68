"""The pages of regions as text: runs of pages in one state, and their totals beside those of smaps."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mmexplorer.model.memory.pages import PageState, PageStates, Run
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import address_range, kilobytes, size
from mmexplorer.present.text.line import line

RUN_COLUMNS: tuple[Column[Run], ...] = (
    Column("range", "START-END", 25, lambda run: line(address_range(run.start, run.end))),
    Column("size", "SIZE", 6, lambda run: line(size(run.end - run.start)), align="right"),
    Column("state", "STATE", 20, lambda run: line(run.state.value), flexible=True),
)

RegionPages = tuple[Region, PageStates]

REGION_PAGES_COLUMNS: tuple[Column[RegionPages], ...] = (
    Column("range", "START-END", 25, lambda row: line(address_range(*row[0].range))),
    Column("size", "SIZE", 6, lambda row: line(size(row[0].size)), align="right"),
    Column("memory", "PRESENT", 7, lambda row: line(size(row[1].in_memory * row[1].page_size)), align="right"),
    Column("states", "STATES", 30, lambda row: line(_states(row[1]))),
    Column("path", "PATH", 10, lambda row: line(row[0].path), flexible=True),
)


def _states(states: PageStates) -> str:
    counts = states.counts()
    parts = [f"{size(counts[state] * states.page_size)} {state.value}" for state in PageState if counts.get(state)]
    return "; ".join(parts)


def total_lines(
    states: Sequence[PageStates],
    rss: int | Unavailable,
    swap: int | Unavailable,
    flags: Mapping[str, int] | Unavailable,
) -> Iterator[str]:
    """Yield the totals of all states; `rss` and `swap` are those of smaps for the same regions, in bytes."""
    totals = _sums(states)
    for state in PageState:
        if totals[state]:
            yield f"{kilobytes(totals[state]):>18}  {state.value}"
    yield compared(
        "in memory, without the zero page", sum(totals[state] for state in totals if state.in_rss), "Rss", rss
    )
    yield compared("swapped", totals[PageState.SWAPPED], "Swap", swap)
    yield flags_text(flags)


def flags_text(flags: Mapping[str, int] | Unavailable) -> str:
    """Return how many bytes of the pages are dirty, referenced or under writeback."""
    if isinstance(flags, Unavailable):
        return f"dirty, referenced, writeback: {flags}"
    return ", ".join(f"{name} {kilobytes(count)}" for name, count in flags.items())


def _sums(states: Iterable[PageStates]) -> Counter[PageState]:
    totals: Counter[PageState] = Counter()
    for each in states:
        for state, count in each.counts().items():
            totals[state] += count * each.page_size
    return totals


def compared(what: str, ours: int, name: str, theirs: int | Unavailable) -> str:
    """Compare a sum of pages with the counter of smaps that should equal it; both in bytes."""
    told = f"{what}: {kilobytes(ours)}"
    if isinstance(theirs, Unavailable):
        return f"{told}; {name} of smaps: {theirs}"
    if ours == theirs:
        return f"{told}, as {name} of smaps"
    return f"{told}; {name} of smaps: {kilobytes(theirs)}, read a moment before"
