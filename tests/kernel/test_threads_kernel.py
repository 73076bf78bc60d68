"""Threads, arenas and files of the kernel's own tmpfs, as this kernel reports them."""

import mmap
import os
import threading

from mmexplorer.kernel.process.threads import ThreadsReader
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.region import RegionKind
from mmexplorer.model.region_kind import classify
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from tests.support.live import address_space, key_of, live_source
from tests.support.specimens.children import child, code, next_line, ready_line, say, until
from tests.support.specimens.growing import THREADS


def kinds(space: AddressSpace) -> dict[int, RegionKind]:
    return {
        region.start: classify(
            region, space.layout.matches.get(region.start), space.usage_of(region), space.roles.get(region.start)
        )
        for region in space.regions
    }


def stack_names(space: AddressSpace | Unavailable) -> list[str]:
    assert isinstance(space, AddressSpace)
    stacks = [role for role in space.roles.values() if role.kind is RegionKind.STACK and role.sure]
    return [thread.name for role in stacks for thread in role.threads]


def test_two_hundred_threads_are_two_hundred_names() -> None:
    with child("-c", THREADS, "200") as process:
        ready_line(process)
        space = address_space(process.pid)

        def all_wait() -> bool:
            """Look again: a running thread doesn't show its stack pointer, and these have just been woken."""
            nonlocal space
            space = address_space(process.pid)
            return len(stack_names(space)) == 200

        until(all_wait)
    assert set(stack_names(space)) == {f"worker-{number}" for number in range(200)}
    assert isinstance(space, AddressSpace)
    assert len(space.threads) == 201
    assert list(kinds(space).values()).count(RegionKind.GUARD) >= 200


def test_a_thread_that_runs_keeps_the_stack_it_was_last_seen_on() -> None:
    spin = """
import sys, threading
def work():
    sys.stdin.readline(); print(flush=True)
    while True: pass
threading.Thread(target=work, daemon=True).start()
print(flush=True); threading.Event().wait()
"""
    reader = ThreadsReader(LiveProcfs())
    with code(spin) as process:
        until(lambda: all(each.stack_pointer and each.instruction for each in reader.read(process.pid, all_again=True)))
        (waiting,) = (each for each in reader.threads if each.tid != process.pid)
        say(process, "go")
        next_line(process)
        until(lambda: any(each.state == "R" for each in reader.read(process.pid, all_again=True)))
        (running,) = (each for each in reader.threads if each.tid != process.pid)
    assert running.state == "R"
    assert running.stack_pointer is not None
    assert waiting.stack_pointer is not None
    assert abs(running.stack_pointer - waiting.stack_pointer) < 8 << 20


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


def test_a_single_thread_is_read_only_where_threads_are_shown() -> None:
    with code("print(flush=True); input()") as process:
        source, key = live_source(), key_of(process.pid)
        without = [source.sample(Request(key)).target for _ in range(2)]
        shown = source.sample(Request(key, threads=True)).target
    assert [space.threads for space in without if isinstance(space, AddressSpace)] == [(), ()]
    assert isinstance(shown, AddressSpace)
    assert [thread.tid for thread in shown.threads] == [process.pid]
