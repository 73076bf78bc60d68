"""Threads, arenas and files of the kernel's own tmpfs, as this kernel shows them."""

import mmap
import os
import threading

from mmexplorer.model.region import RegionKind
from mmexplorer.model.region_kind import classify
from mmexplorer.model.snapshot import AddressSpace
from tests.support.live import address_space
from tests.support.specimens.children import child, ready_line
from tests.support.specimens.growing import THREADS


def kinds(space: AddressSpace) -> dict[int, RegionKind]:
    return {
        region.start: classify(
            region, space.layout.matches.get(region.start), space.usage_of(region), space.roles.get(region.start)
        )
        for region in space.regions
    }


def test_two_hundred_threads_are_two_hundred_names() -> None:
    with child("-c", THREADS, "200") as process:
        ready_line(process)
        space = address_space(process.pid)
        assert isinstance(space, AddressSpace)
    names = [role.name for role in space.roles.values() if role.kind is RegionKind.STACK]
    assert {name.partition(" ")[0] for name in names} == {f"worker-{number}" for number in range(200)}
    assert len(names) == len(space.threads) - 1 == 200
    assert list(kinds(space).values()).count(RegionKind.GUARD) >= 200


def test_memory_that_is_kept_for_later_is_no_guard() -> None:
    reserved = mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0)
    try:
        space = address_space(os.getpid())
    finally:
        reserved.close()
    assert isinstance(space, AddressSpace)
    found = kinds(space)
    assert [found[each.start] for each in space.regions if each.size >= 1 << 30 and each.perms == "---p"]
    assert all(found[each.start] is not RegionKind.GUARD for each in space.regions if each.size >= 1 << 30)


def test_memory_of_a_memfd_is_told_by_the_device_of_the_kernels_tmpfs() -> None:
    descriptor = os.memfd_create("probe")
    os.ftruncate(descriptor, 4096)
    mapped = mmap.mmap(descriptor, 4096)
    try:
        space = address_space(os.getpid())
    finally:
        mapped.close()
        os.close(descriptor)
    assert isinstance(space, AddressSpace)
    found = kinds(space)
    assert [found[each.start] for each in space.regions if each.path == "/memfd:probe"] == [RegionKind.MEMFD]


def test_a_memfd_of_huge_pages_is_hugetlb() -> None:
    descriptor = os.memfd_create("huge", os.MFD_HUGETLB)
    length = 2 << 20
    os.ftruncate(descriptor, length)
    # MAP_NORESERVE: the pool of huge pages may be empty.
    mapped = mmap.mmap(descriptor, length, flags=mmap.MAP_SHARED | 0x4000)
    space = address_space(os.getpid())
    mapped.close()
    os.close(descriptor)
    assert isinstance(space, AddressSpace)
    found = kinds(space)
    assert [found[each.start] for each in space.regions if each.path == "/memfd:huge"] == [RegionKind.HUGETLB]


def test_this_process_has_the_threads_it_started() -> None:
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait)
    thread.start()
    try:
        space = address_space(os.getpid())
    finally:
        gate.set()
        thread.join()
    assert isinstance(space, AddressSpace)
    assert thread.native_id in {each.tid for each in space.threads}
