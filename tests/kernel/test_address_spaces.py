"""Processes read repeatedly by one reader: what it reuses of the last reading doesn't change the next."""

import contextlib

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.process.address_space import AddressSpaces, read_address_space
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.labs.operations import fork, inside, memfd, mmap, munmap, no_huge_pages, ready, touch
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request

NOW = Request(elf=False, counters_now=True)
SIZE = 1 << 20


def read(spaces: AddressSpaces, pid: int) -> AddressSpace:
    """Read again, and check it against a first reading, except Pss, which depends on other processes."""
    again, first = spaces.read(pid, NOW), read_address_space(LiveProcfs(), ElfCache(), pid, NOW)
    assert isinstance(again, AddressSpace)
    assert isinstance(first, AddressSpace)
    assert again.regions == first.regions
    assert isinstance(again.counters, Counters)
    assert isinstance(first.counters, Counters)
    for region in first.regions:
        ours, its = again.counters.by_range.get(region.range), first.counters.by_range.get(region.range)
        assert ours is not None
        assert its is not None
        assert [ours.get(name) for name in ("Size", "Anonymous", "Locked")] == [
            its.get(name) for name in ("Size", "Anonymous", "Locked")
        ]
    return again


def test_each_reading_is_that_of_a_new_reader() -> None:
    with contextlib.closing(LabChild()) as lab:
        lab.start()
        lab.ask(ready())
        spaces = AddressSpaces(LiveProcfs(), ElfCache())
        first = read(spaces, lab.pid or 0)
        assert read(spaces, lab.pid or 0).regions is first.regions
        for operation in (
            mmap("memory", SIZE), no_huge_pages("memory"), touch("memory", SIZE), memfd("file", SIZE),
            mmap("shared", SIZE, flags="MAP_SHARED", file="file"), touch("shared", SIZE), munmap("memory"),
        ):  # fmt: skip
            assert lab.ask(operation).ok
            assert read(spaces, lab.pid or 0).regions != first.regions
        copy = lab.ask(fork("copy")).figures["pid"]
        before = read(spaces, copy)
        assert lab.ask(inside("copy", munmap("shared"))).ok
        assert len(read(spaces, copy).regions) == len(before.regions) - 1
        assert read(spaces, lab.pid or 0).process.pid == lab.pid


def test_a_process_that_has_ended_is_no_process_of_before() -> None:
    spaces = AddressSpaces(LiveProcfs(), ElfCache())
    with contextlib.closing(LabChild()) as lab:
        lab.start()
        lab.ask(ready())
        pid = lab.pid or 0
        assert isinstance(spaces.read(pid, NOW), AddressSpace)
    assert not isinstance(spaces.read(pid, NOW), AddressSpace)
