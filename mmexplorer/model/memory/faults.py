"""Where page faults fall and who maps memory: what a trace of a process gives."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import NamedTuple

from mmexplorer.model.value import field, frozen


class FaultSample(NamedTuple):
    """One fault of so many as the period says."""

    address: int
    """The byte that was accessed."""
    ip: int
    """The instruction that accessed it."""
    tid: int
    time: int
    """Nanoseconds of the kernel's perf clock."""
    chain: tuple[int, ...]
    """Return addresses from the innermost frame out, as far as frame pointers lead; without `ip`."""

    @property
    def frames(self) -> tuple[int, ...]:
        """An address in each function of the chain: a return address may be the first byte of the next function."""
        return (self.ip, *(frame - 1 for frame in self.chain))


class MappingEvent(NamedTuple):
    """A mmap, brk or mprotect that made or changed a region; munmap and mremap make no event."""

    tid: int
    time: int
    address: int
    size: int
    """Of the whole region, with what it was merged with."""
    prot: int
    """PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4."""
    flags: int
    """MAP_SHARED 1, MAP_PRIVATE 2 ..."""
    path: str
    """The file, or what the kernel calls the memory; not cleaned."""


@frozen
class FaultTrace:
    """What was seen in a time."""

    samples: tuple[FaultSample, ...]
    mappings: tuple[MappingEvent, ...]
    period: int
    """Each sample stands for so many faults."""
    faults: int
    """All that there were, recorded or not."""
    lost: int
    """Records that found no room in the kernel's buffer."""
    seconds: float
    threads: int
    """Threads that were traced."""
    untraced: int
    """Threads that were not: too many, or the kernel refused."""
    names: Mapping[int, str] = field(default_factory=dict)
    """What traced threads are called, not cleaned."""

    def thread(self, tid: int) -> str:
        """Name a thread: `worker-2 (4711)`, or by its number alone."""
        name = self.names.get(tid, "")
        return f"{name} ({tid})" if name else str(tid)

    def first_touch(self, event: MappingEvent) -> FaultSample | None:
        """Give the first recorded fault that the thread had in what it had just mapped."""
        at = bisect_left(self.samples, event.time, key=attrgetter("time"))
        following = self.samples[at : at + _FOLLOWING]
        inside = range(event.address, event.address + event.size)
        return next((each for each in following if each.tid == event.tid and each.address in inside), None)


_FOLLOWING = 1 << 10
"""Samples after a mapping among which its first touch is looked for."""


class FaultGroup(NamedTuple):
    """Faults of one region and one call chain."""

    region: str
    chain: tuple[str, ...]
    """Names from the function that touched the memory outward."""
    samples: int


def grouped(
    samples: Iterable[FaultSample], region_of: Callable[[int], str], name: Callable[[int], str], depth: int
) -> tuple[FaultGroup, ...]:
    """Add up samples by region and function names, at most `depth` of them; the most frequent first."""
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for sample in samples:
        counts[region_of(sample.address), tuple(name(frame) for frame in sample.frames[:depth])] += 1
    return tuple(FaultGroup(region, chain, count) for (region, chain), count in counts.most_common())
