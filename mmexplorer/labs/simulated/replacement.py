"""Page replacement on a string of references: which page is evicted when all frames are taken."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from enum import Enum

from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.model.value import NamedTuple

_MOST_FRAMES = 9


class Policy(Enum):
    """Which page is evicted."""

    FIFO = "fifo"
    """The one that has been in memory longest."""
    LRU = "lru"
    """The least recently used one."""
    CLOCK = "clock"
    """The next one that hasn't been used since the clock's hand last passed it."""
    OPTIMAL = "optimal"
    """The one whose next use is furthest in the future, or that is never used again; known only afterwards."""


class Reference(NamedTuple):
    """The effect of a reference."""

    page: int
    fault: bool
    evicted: int | None
    """The page evicted; None if none was."""
    frames: tuple[int | None, ...]
    """The page in each frame afterwards; None for a free frame."""


def replaced(references: Sequence[int], count: int, policy: Policy) -> tuple[Reference, ...]:
    """Simulate the references with `count` frames, at least 1, all free at first."""
    return tuple(_course(references, count, policy))


def _course(references: Sequence[int], count: int, policy: Policy) -> Iterator[Reference]:
    frames: list[int | None] = [None] * count
    order: OrderedDict[int, bool] = OrderedDict()
    """The pages in memory by age (FIFO, clock) or last use (LRU), with the clock's bit of use."""
    for index, page in enumerate(references):
        if page in order:
            if policy is Policy.LRU:
                order.move_to_end(page)
            order[page] = True
            yield Reference(page, fault=False, evicted=None, frames=tuple(frames))
            continue
        evicted = None
        if len(order) == count:
            evicted = _victim(order, references[index + 1 :], policy)
            del order[evicted]
        frames[frames.index(evicted)] = page
        order[page] = True
        yield Reference(page, fault=True, evicted=evicted, frames=tuple(frames))


def _victim(order: OrderedDict[int, bool], coming: Sequence[int], policy: Policy) -> int:
    if policy is Policy.OPTIMAL:
        return max(order, key=lambda page: coming.index(page) if page in coming else len(coming))
    if policy is Policy.CLOCK:
        while order[oldest := next(iter(order))]:
            order[oldest] = False
            order.move_to_end(oldest)
    return next(iter(order))


def faults(references: Sequence[int], count: int, policy: Policy) -> int:
    """Return how many of the references are page faults."""
    return sum(reference.fault for reference in replaced(references, count, policy))


class ReplacementSimulator:
    """Implements `Simulator` for the operation `replace` of `labs/operations.py`."""

    def ask(self, operation: Operation) -> LabReply:
        """Simulate the references; each digit is a page."""
        policy, count = Policy(operation.arguments["policy"]), int(operation.arguments["frames"])
        references = [int(digit) for digit in str(operation.arguments["references"])]
        count = max(1, min(count, _MOST_FRAMES))
        course = replaced(references, count, policy)
        missed = sum(reference.fault for reference in course)
        name = f"{policy.value}_{count}"
        return LabReply(
            call=f"/* {policy.value}, {count} frames; references: {len(course)}, faults: {missed} */",
            ok=True,
            figures={f"{policy.value}_faults": missed, "references": len(course), "frames": count},
            output="".join(f"{row}\n" for row in _picture(course, count, name)),
        )


def _picture(course: Sequence[Reference], count: int, name: str) -> Iterator[str]:
    """Draw a row of references, a row for each frame, and a row that marks the faults."""
    width = max(len(name), len("reference"))
    yield f"{'reference':<{width}} {' '.join(str(reference.page) for reference in course)}"
    for frame in range(count):
        held = (reference.frames[frame] for reference in course)
        yield f"{f'frame {frame + 1}':<{width}} {' '.join('.' if page is None else str(page) for page in held)}"
    yield f"{name:<{width}} {' '.join('!' if reference.fault else ' ' for reference in course)}".rstrip()
