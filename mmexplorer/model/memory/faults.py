"""Where page faults occur and who maps memory: the result of tracing a process."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter

from mmexplorer.model.value import NamedTuple, field, frozen


class FaultSample(NamedTuple):
    """A sampled page fault; the period says how many faults it represents."""

    address: int
    """The accessed byte."""
    ip: int
    """The instruction that accessed it."""
    tid: int
    time: int
    """Nanoseconds of the kernel's perf clock."""
    chain: tuple[int, ...]
    """Return addresses from the innermost frame outward, as far as frame pointers lead; without `ip`."""

    @property
    def frames(self) -> tuple[int, ...]:
        """An address inside each function of the chain: a return address may already belong to the next function."""
        return (self.ip, *(frame - 1 for frame in self.chain))


class MappingEvent(NamedTuple):
    """An mmap, brk or mprotect that made or changed a region; munmap and mremap cause no event."""

    tid: int
    time: int
    address: int
    size: int
    """Of the resulting region, including what it was merged with."""
    prot: int
    """PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4."""
    flags: int
    """MAP_SHARED 1, MAP_PRIVATE 2 ..."""
    path: str
    """The file, or the kernel's name for the memory; not cleaned."""


class Mapped(NamedTuple):
    """Events of one region, which differ in its size only: brk, for example, reports the heap again as it grows."""

    event: MappingEvent
    """The last of them."""
    times: int
    grew: bool
    """Whether they differ in size."""


def folded(events: Iterable[MappingEvent]) -> list[Mapped]:
    """Group the events by region, the most frequent first."""
    groups: dict[MappingEvent, list[MappingEvent]] = {}
    for event in events:
        groups.setdefault(event._replace(time=0, size=0), []).append(event)
    found = [
        Mapped(group[-1], len(group), any(each.size != group[0].size for each in group)) for group in groups.values()
    ]
    return sorted(found, key=lambda mapped: -mapped.times)


@frozen
class FaultTrace:
    """The faults and mappings seen during a trace."""

    samples: tuple[FaultSample, ...]
    mappings: tuple[MappingEvent, ...]
    period: int
    """How many faults each sample represents."""
    faults: int
    """All faults, recorded or not."""
    lost: int
    """Records lost because the kernel's buffer was full."""
    seconds: float
    threads: int
    """How many threads were traced."""
    untraced: int
    """How many threads weren't: too many, or the kernel refused."""
    names: Mapping[int, str] = field(default_factory=dict)
    """The names of traced threads, not cleaned."""

    def thread(self, tid: int) -> str:
        """Name a thread: `worker-2 (4711)`, or its number if it has no name."""
        name = self.names.get(tid, "")
        return f"{name} ({tid})" if name else str(tid)

    def first_touch(self, event: MappingEvent) -> FaultSample | None:
        """Return the thread's first recorded fault in what it had just mapped."""
        at = bisect_left(self.samples, event.time, key=attrgetter("time"))
        following = self.samples[at : at + _FOLLOWING]
        inside = range(event.address, event.address + event.size)
        return next((each for each in following if each.tid == event.tid and each.address in inside), None)


_FOLLOWING = 1 << 10
"""How many samples after a mapping are searched for its first touch."""


class FaultGroup(NamedTuple):
    """Faults with the same region and call chain."""

    region: str
    chain: tuple[str, ...]
    """Function names, starting with the one that touched the memory."""
    samples: int


def grouped(
    samples: Iterable[FaultSample], region_of: Callable[[int], str], name: Callable[[int], str], depth: int
) -> tuple[FaultGroup, ...]:
    """Add up samples by region and function names (at most `depth`), most frequent first."""
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for sample in samples:
        counts[region_of(sample.address), tuple(name(frame) for frame in sample.frames[:depth])] += 1
    return tuple(FaultGroup(region, chain, count) for (region, chain), count in counts.most_common())
