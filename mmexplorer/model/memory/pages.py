"""The pages of a range, one state each. Addresses and sizes are bytes."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import chain
from typing import NamedTuple

from mmexplorer.model.region import Range, Region
from mmexplorer.model.value import frozen


class PageState(Enum):
    """What a page-table entry says of a page; the states exclude each other."""

    ABSENT = "not present"
    ANONYMOUS = "anonymous"
    """In memory, of no file, and mapped by this process alone."""
    ANONYMOUS_SHARED = "anonymous, shared"
    """The same, mapped more than once: after fork(2), until one of them writes."""
    FILE = "file"
    """In memory, a page of a file or of shared memory that this process alone maps."""
    FILE_SHARED = "file, shared"
    """The same, mapped more than once."""
    COPIED = "copied"
    """In a private region of a file: written to, so no longer the file's page."""
    COPIED_SHARED = "copied, shared"
    """The same, mapped more than once."""
    HUGE = "huge page"
    """Mapped, with its neighbours, by one entry of a higher table; by this process alone."""
    HUGE_SHARED = "huge page, shared"
    ZERO = "zero page"
    """The page of zeroes that all processes share. Not in Rss."""
    SWAPPED = "swapped"
    GUARD = "guard"
    """Touching it ends in SIGSEGV, though the region allows it (MADV_GUARD_INSTALL)."""
    NO_REGION = "no region"
    """Nothing is mapped at the address: a hole, not a page that could come."""
    NOT_READ = "not read"
    """Left out, to keep the cost of looking bounded."""

    @property
    def key(self) -> str:
        """Its name for programs, in snake case."""
        return self.value.replace(", ", "_").replace(" ", "_")

    @property
    def in_memory(self) -> bool:
        """Whether a page-table entry leads to a page."""
        return self in _IN_MEMORY

    @property
    def in_rss(self) -> bool:
        """Whether Rss counts it: the zero page belongs to nobody."""
        return self in _IN_MEMORY and self is not PageState.ZERO

    @property
    def shared(self) -> bool:
        """Whether a page in this state is mapped more than once."""
        return self in _SHARED

    @property
    def huge(self) -> "PageState":
        """The same page as part of a huge one."""
        return PageState.HUGE_SHARED if self.shared else PageState.HUGE


_SHARED = frozenset({PageState.ANONYMOUS_SHARED, PageState.FILE_SHARED, PageState.COPIED_SHARED, PageState.HUGE_SHARED})
_IN_MEMORY = _SHARED | {PageState.ANONYMOUS, PageState.FILE, PageState.COPIED, PageState.HUGE, PageState.ZERO}


class Run(NamedTuple):
    """Neighbouring pages of one state."""

    start: int
    end: int
    state: PageState


@frozen
class PageStates:
    """The pages of a range as runs: ascending, without holes, each of another state than the one before."""

    range: Range
    page_size: int
    runs: tuple[Run, ...]

    def counts(self) -> Mapping[PageState, int]:
        """How many pages are in each state; 0 for a state that none is in."""
        pages: Counter[PageState] = Counter()
        for run in self.runs:
            pages[run.state] += (run.end - run.start) // self.page_size
        return pages

    @property
    def in_memory(self) -> int:
        """How many pages a page-table entry leads to."""
        return sum(count for state, count in self.counts().items() if state.in_memory)


def is_private_file(region: Region) -> bool:
    """Whether a page of the region that is anonymous is a copy of a file's page: MAP_PRIVATE of a file.

    A private mapping of /dev/zero is anonymous memory, though a file stands in maps.
    """
    return region.file is not None and region.perms.endswith("p") and region.path != "/dev/zero"


def within(states: PageStates, regions: Iterable[Region]) -> PageStates:
    """Give the same pages, with those that no region covers told from those that are not present."""
    runs: list[Run] = []
    covered = [region for region in regions if region.start < states.range.end and states.range.start < region.end]
    for run in states.runs:
        at = run.start
        for region in covered if run.state is PageState.ABSENT else ():
            start, end = max(region.start, at), min(region.end, run.end)
            if start < end:
                runs += (Run(at, start, PageState.NO_REGION), Run(start, end, run.state))
                at = end
        runs.append(Run(at, run.end, PageState.NO_REGION if run.state is PageState.ABSENT else run.state))
    return PageStates(states.range, states.page_size, joined(runs))


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Give the same runs with equal neighbours made into one; empty ones are left out."""
    result: list[Run] = []
    for run in runs:
        if run.start >= run.end:
            continue
        if result and result[-1].state is run.state and result[-1].end == run.start:
            result[-1] = result[-1]._replace(end=run.end)
        else:
            result.append(run)
    return tuple(result)


def filled(whole: Range, runs: Iterable[Run]) -> tuple[Run, ...]:
    """Give `runs`, which ascend and lie inside of `whole`, joined, with what is between them as not present.

    One loop, as there may be hundreds of thousands.
    """
    result: list[Run] = []
    end = whole.start
    last: PageState | None = None
    for run in chain(runs, (Run(whole.end, whole.end, PageState.ABSENT),)):
        start, stop, state = run
        if start > end:
            if last is PageState.ABSENT:
                result[-1] = Run(result[-1].start, start, PageState.ABSENT)
            else:
                result.append(Run(end, start, PageState.ABSENT))
            last = PageState.ABSENT
        if start >= stop:
            continue
        if state is last:
            result[-1] = Run(result[-1].start, stop, state)
        else:
            result.append(run)
        end, last = stop, state
    return tuple(result)


def changed_ranges(before: PageStates, after: PageStates) -> tuple[Range, ...]:
    """Give where pages of the same range are in another state than before."""
    if before.range != after.range:
        return ()
    found: list[Range] = []
    old, new = 0, 0
    start = after.range.start
    while old < len(before.runs) and new < len(after.runs):
        end = min(before.runs[old].end, after.runs[new].end)
        if before.runs[old].state is not after.runs[new].state:
            if found and found[-1].end == start:
                found[-1] = Range(found[-1].start, end)
            else:
                found.append(Range(start, end))
        old += before.runs[old].end == end
        new += after.runs[new].end == end
        start = end
    return tuple(found)


def _upper(_below: PageState, above: PageState) -> PageState:
    return above


def overlaid(
    base: Iterable[Run], over: Iterable[Run], combine: Callable[[PageState, PageState], PageState] = _upper
) -> tuple[Run, ...]:
    """Give `base` with the ranges that `over` covers in the state of `over`; both ascending.

    `combine` may make another state of the two.
    """
    result: list[Run] = []
    upper = list(over)
    first = 0
    for run in base:
        start = run.start
        while first < len(upper) and upper[first].end <= start:
            first += 1
        for index in range(first, len(upper)):
            top = upper[index]
            if top.start >= run.end:
                break
            result.append(Run(start, max(start, top.start), run.state))
            result.append(Run(max(start, top.start), min(run.end, top.end), combine(run.state, top.state)))
            start = min(run.end, top.end)
        result.append(Run(start, run.end, run.state))
    return joined(result)
