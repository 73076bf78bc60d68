"""The pages of a range, each with a state. Addresses and sizes are bytes."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from itertools import chain

from mmexplorer.model.region import Range, Region
from mmexplorer.model.value import NamedTuple, frozen


class PageState(Enum):
    """A page's state according to its page-table entry; the states are mutually exclusive."""

    ABSENT = "not present"
    ANONYMOUS = "anonymous"
    """In memory, without a file, mapped by this process only."""
    ANONYMOUS_SHARED = "anonymous, shared"
    """The same, mapped more than once: after fork(2), until a process writes to it."""
    FILE = "file"
    """In memory, a page of a file or of shared memory that only this process maps."""
    FILE_SHARED = "file, shared"
    """The same, mapped more than once."""
    COPIED = "copied"
    """Written to in a private file mapping, and so no longer the file's page."""
    COPIED_SHARED = "copied, shared"
    """The same, mapped more than once."""
    HUGE = "huge page"
    """Mapped together with its neighbours by one entry of a higher-level table; by this process only."""
    HUGE_SHARED = "huge page, shared"
    ZERO = "zero page"
    """The zero-filled page shared by all processes. Not in Rss."""
    SWAPPED = "swapped"
    GUARD = "guard"
    """Touching it raises SIGSEGV although the region allows access (MADV_GUARD_INSTALL)."""
    NO_REGION = "no region"
    """Nothing is mapped at the address: a hole."""
    NOT_READ = "not read"
    """Skipped, to limit the cost of looking."""

    @property
    def key(self) -> str:
        """Its name in JSON, in snake case."""
        return self.value.replace(", ", "_").replace(" ", "_")

    @property
    def in_memory(self) -> bool:
        """Whether a page-table entry points to a page."""
        return self in _IN_MEMORY

    @property
    def in_rss(self) -> bool:
        """Whether Rss counts it; the zero page isn't counted."""
        return self in _IN_MEMORY and self is not PageState.ZERO

    @property
    def shared(self) -> bool:
        """Whether a page in this state is mapped more than once."""
        return self in _SHARED

    @property
    def huge(self) -> "PageState":
        """The corresponding state for part of a huge page."""
        return PageState.HUGE_SHARED if self.shared else PageState.HUGE


_SHARED = frozenset({PageState.ANONYMOUS_SHARED, PageState.FILE_SHARED, PageState.COPIED_SHARED, PageState.HUGE_SHARED})
_IN_MEMORY = _SHARED | {PageState.ANONYMOUS, PageState.FILE, PageState.COPIED, PageState.HUGE, PageState.ZERO}


class Run(NamedTuple):
    """Consecutive pages in the same state."""

    start: int
    end: int
    state: PageState


@frozen
class PageStates:
    """The pages of a range as runs: ascending, without holes, neighbouring runs in different states."""

    range: Range
    page_size: int
    runs: tuple[Run, ...]

    def counts(self) -> Mapping[PageState, int]:
        """How many pages are in each state, including states with 0 pages."""
        pages: Counter[PageState] = Counter()
        for run in self.runs:
            pages[run.state] += (run.end - run.start) // self.page_size
        return pages

    @property
    def in_memory(self) -> int:
        """How many pages have a page-table entry that points to a page."""
        return sum(count for state, count in self.counts().items() if state.in_memory)


def is_private_file(region: Region) -> bool:
    """Return whether an anonymous page in the region is a copy of a file's page: MAP_PRIVATE of a file.

    A private mapping of /dev/zero is anonymous memory, although maps shows a file.
    """
    return region.file is not None and region.perms.endswith("p") and region.path != "/dev/zero"


def part_of(states: PageStates, part: Range) -> PageStates:
    """Return those of the pages that are in `part`."""
    clipped = (Run(max(run.start, part.start), min(run.end, part.end), run.state) for run in states.runs)
    return PageStates(part, states.page_size, tuple(run for run in clipped if run.start < run.end))


def within(states: PageStates, regions: Iterable[Region]) -> PageStates:
    """Return the same pages, distinguishing those in no region from those that are not present."""
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


def covering(ranges: Iterable[Range], most: int) -> Iterator[Range]:
    """Cover ascending ranges with few pieces of at most `most` bytes, each from a range's first byte to one's last."""
    piece: Range | None = None
    for wanted in ranges:
        start = wanted.start
        while start < wanted.end:
            if piece is None or start >= piece.start + most:
                if piece is not None:
                    yield piece
                piece = Range(start, start)
            start = min(wanted.end, piece.start + most)
            piece = Range(piece.start, start)
    if piece is not None:
        yield piece


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Merge neighbouring runs in the same state and drop empty ones."""
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
    """Merge `runs`, which are ascending and inside `whole`, and fill the space between them with not-present pages.

    One loop, since there may be hundreds of thousands of runs.
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
    """Return where the pages of a range are in another state than before."""
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
    """Overlay `base` with `over`; both are ascending.

    `combine` may derive a new state from the two.
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
