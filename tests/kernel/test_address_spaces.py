"""Processes read repeatedly by one reader: what it reuses of the last reading doesn't change the next."""

import contextlib
import os
import signal
from collections.abc import Iterator

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.process.address_space import AddressSpaces, read_address_space
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.labs.operations import memfd, mmap, munmap, no_huge_pages, ready, touch
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request

NOW = Request(elf=False, counters_now=True)
SIZE = 1 << 20


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Stop a child of ours: nothing of it changes between two readings."""
    os.kill(pid, signal.SIGSTOP)
    assert os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def anonymous(space: AddressSpace) -> list[tuple[Region, int | None]]:
    """Return the regions, each with a counter that no other process changes."""
    assert isinstance(space.counters, Counters)
    usages = [(region, space.counters.by_range.get(region.range)) for region in space.regions]
    return [(region, None if usage is None else usage.get("Anonymous")) for region, usage in usages]


def test_each_reading_is_that_of_a_new_reader() -> None:
    spaces = AddressSpaces(LiveProcfs(), ElfCache())
    with contextlib.closing(LabChild()) as lab:
        lab.start()
        seen = set()
        for operation in (
            ready(), mmap("memory", SIZE), no_huge_pages("memory"), touch("memory", SIZE), memfd("file", SIZE),
            mmap("shared", SIZE, flags="MAP_SHARED", file="file"), touch("shared", SIZE), munmap("memory"),
        ):  # fmt: skip
            assert lab.ask(operation).ok
            pid = lab.pid or 0
            with stopped(pid):
                again, first = spaces.read(pid, NOW), read_address_space(LiveProcfs(), ElfCache(), pid, NOW)
                assert isinstance(again, AddressSpace)
                assert isinstance(first, AddressSpace)
                assert anonymous(again) == anonymous(first)
                assert again.process.min_flt == first.process.min_flt
                unchanged = spaces.read(pid, NOW)
                assert isinstance(unchanged, AddressSpace)
                assert unchanged.regions is again.regions
            seen.add(tuple(anonymous(again)))
        assert len(seen) > 4  # the operations that change something


def test_a_process_that_has_ended_is_gone() -> None:
    spaces = AddressSpaces(LiveProcfs(), ElfCache())
    with contextlib.closing(LabChild()) as lab:
        lab.start()
        lab.ask(ready())
        pid = lab.pid or 0
        assert isinstance(spaces.read(pid, NOW), AddressSpace)
    assert not isinstance(spaces.read(pid, NOW), AddressSpace)
