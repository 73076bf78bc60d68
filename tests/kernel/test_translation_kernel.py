"""Frames, page tables and threads of real processes."""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.pages import translation
from mmexplorer.kernel.pages.frames import read_counts, sharers
from mmexplorer.kernel.pages.pagemap import read_frames
from mmexplorer.kernel.pages.translation import TableCounter, read_entries, read_paging, translate
from mmexplorer.kernel.process.address_space import read_address_space
from mmexplorer.kernel.process.threads import stack_pointers
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.memory.translation import Sharer, Translation, page_tables, table_bytes
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.value import replace
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.status import parse_status
from tests.support.patience import PATIENCE
from tests.support.specimens.children import child, code, ready_line, say, until
from tests.support.specimens.huge import HUGE_MEMORY
from tests.support.specimens.libc import malloc_address

PAGE = 4096
PROCFS = LiveProcfs()

_MEMFD_TWICE = """
import ctypes, mmap, os, sys
file = os.memfd_create("twice")
os.ftruncate(file, 8 * 4096)
maps = [mmap.mmap(file, 8 * 4096) for _ in range(2)]
maps[0][:] = b"x" * (8 * 4096)
maps[1][::4096]
print(*(ctypes.addressof(ctypes.c_char.from_buffer(each)) for each in maps), flush=True)
sys.stdin.read()
"""

_FORKED = """
import ctypes, mmap, os, signal, sys
memory = mmap.mmap(-1, 8 * 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory[:] = b"x" * (8 * 4096)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
child = os.fork()
if child == 0:
    ctypes.CDLL(None).prctl(1, 9)
    signal.pause()
print(address, child, flush=True)
sys.stdin.readline()
memory[0] = 1
print("written", flush=True)
sys.stdin.readline()
os.kill(child, 9)
"""

_HUGE = f"""{HUGE_MEMORY}
import ctypes, sys
memory = huge_memory(8 << 20)
print(ctypes.addressof(ctypes.c_char.from_buffer(memory)), flush=True)
sys.stdin.read()
"""


def regions_of(pid: int) -> tuple[Region, ...]:
    return parse_maps(Path(f"/proc/{pid}/maps").read_bytes()).regions


def frames(pid: int, start: int, count: int) -> tuple[int, ...]:
    found = read_frames(PROCFS, pid, Range(start, start + count * PAGE))
    assert found is not None
    return found


@pytest.mark.root
def test_a_memfd_mapped_twice_has_the_same_frames() -> None:
    with child("-c", _MEMFD_TWICE) as process:
        first, second = map(int, ready_line(process).split())
        region = next(each for each in regions_of(process.pid) if each.start <= first < each.end)
        both = {Sharer(process.pid, first), Sharer(process.pid, second)}

        def is_mapped_twice() -> bool:
            (frame,) = frames(process.pid, first, 1)
            return read_counts(PROCFS, (frame,)) == {frame: 2}

        # Until the kernel moves none of the pages between two readings.
        until(lambda: frames(process.pid, first, 8) == frames(process.pid, second, 8))
        until(lambda: set(sharers(PROCFS, region, first + 5, frames(process.pid, first, 1)[0])) == both)
        until(is_mapped_twice)


@pytest.mark.root
def test_frames_are_equal_after_fork_until_one_writes() -> None:
    with child("-c", _FORKED) as process:
        address, forked = map(int, ready_line(process).split())
        region = next(each for each in regions_of(process.pid) if each.start <= address < each.end)

        def sharing() -> set[int]:
            return {each.pid for each in sharers(PROCFS, region, address, frames(process.pid, address, 1)[0])}

        until(lambda: frames(process.pid, address, 8) == frames(forked, address, 8))
        until(lambda: sharing() == {process.pid, forked})
        say(process, "write")
        assert ready_line(process) == "written\n"
        until(lambda: frames(process.pid, address, 8)[1:] == frames(forked, address, 8)[1:])
        assert frames(process.pid, address, 1) != frames(forked, address, 1)
        say(process, "end")
        process.wait(PATIENCE)


@pytest.mark.root
def test_a_huge_page_ends_the_walk_early() -> None:
    with child("-c", _HUGE) as process:
        address = -(-int(ready_line(process)) // (2 << 20)) * (2 << 20)
        found = translate(PROCFS, process.pid, address + 0x12345)
        assert isinstance(found, Translation)
        assert [level.name for level in found.levels] == ["PGD", "PUD", "PMD"]
        assert found.huge == 2 << 20
        assert isinstance(found.physical, int)
        assert found.physical % (2 << 20) == 0x12345


def vm_pte(pid: int) -> int | None:
    return parse_status(Path(f"/proc/{pid}/status").read_bytes()).size("VmPTE")


@pytest.mark.root
def test_tables_computed_from_the_pages_are_what_vm_pte_says() -> None:
    paging = read_paging(PROCFS)
    programs = ["", "x = bytearray(50 << 20)", _HUGE.replace("print", "0 or print"), "import json, ssl"]
    compared = 0
    for program in programs:
        with code(f"{program}\nprint(flush=True)\nimport sys; sys.stdin.read()") as process:
            entries = read_entries(PROCFS, process.pid, regions_of(process.pid))
            assert isinstance(entries, tuple)
            computed = table_bytes(page_tables(entries, paging), PAGE)
            said = vm_pte(process.pid)
            assert said is not None
            assert abs(said - computed) <= PAGE
            compared += 1
    assert compared == len(programs)


def test_tables_are_counted_again_only_when_something_changed_and_the_budget_allows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[Sequence[Region]] = []

    def counting(procfs: LiveProcfs, pid: int, regions: Sequence[Region], hugetlb: Sequence[Range]) -> object:
        counted.append(regions)
        return read_entries(procfs, pid, regions, hugetlb)

    monkeypatch.setattr(translation, "read_entries", counting)
    affordable = True
    monkeypatch.setattr(translation, "may_read", lambda _waited, _expected: affordable)
    with code("import sys; print(flush=True); sys.stdin.read()") as process:
        space = read_address_space(PROCFS, ElfCache(), process.pid, Request(elf=False))
        assert isinstance(space, AddressSpace)
        more = replace(space, process=replace(space.process, min_flt=-1))
        counter = TableCounter(PROCFS)
        first = counter.count(process.pid, space)
        assert first.needed == counter.count(process.pid, replace(space)).needed
        assert len(counted) == 1
        affordable = False
        older = counter.count(process.pid, more)
        assert (older.needed, len(counted)) == (first.needed, 1)
        assert older.age > 0
        affordable = True
        assert counter.count(process.pid, more).age == 0
        assert len(counted) == 2
        monkeypatch.setattr(translation, "_AGAIN", 0.0)
        counter.count(process.pid, more)
        assert len(counted) == 3


def test_each_waiting_thread_has_its_stack_pointer() -> None:
    ready, end = threading.Event(), threading.Event()
    tids: list[int] = []

    def wait() -> None:
        tids.append(threading.get_native_id())
        ready.set()
        end.wait()

    thread = threading.Thread(target=wait)
    thread.start()
    ready.wait()
    pointers: dict[int, int] = {}

    def waits() -> bool:
        """Look again: until it waits for the end, it may also sleep for a moment, for the interpreter's lock."""
        pointers.update(stack_pointers(PROCFS, os.getpid()))
        return tids[0] in pointers

    until(waits)
    end.set()
    thread.join()
    stack = next(each for each in regions_of(os.getpid()) if each.path == "[stack]")
    assert tids[0] in pointers
    assert not stack.start <= pointers[tids[0]] < stack.end


def test_where_of_a_process(capsys: pytest.CaptureFixture[str]) -> None:
    with code("print(flush=True); import sys; sys.stdin.read()") as process:
        pid = str(process.pid)
        assert main(["where", pid, "[heap]+8", "--json"]) == 0
        heap = json.loads(capsys.readouterr().out)
        assert (heap["verdict"], heap["region"]["path"]) == ("inside", "[heap]")
        malloc = malloc_address()
        assert main(["where", pid, f"libc.so.6+{malloc + 1:#x}", "--json"]) == 0
        libc = json.loads(capsys.readouterr().out)
        assert libc["section"] == ".text"
        assert int(libc["address"], 16) - int(libc["segment"]["load_bias"], 16) == malloc + 1
        assert set(libc["symbol"]) == {"name", "raw", "offset", "size", "file"}
        assert libc["symbol"]["raw"] == "malloc"
        [stack] = [each for each in regions_of(process.pid) if each.path == "[stack]"]
        pointer = stack_pointers(PROCFS, process.pid)[process.pid]
        assert main(["where", pid, f"{pointer:#x}"]) == 0
        assert f"the stack of thread {process.pid}" in capsys.readouterr().out
        assert stack.start <= pointer < stack.end
        assert main(["where", pid, "0x10"]) == 0
        assert "below the first region" in capsys.readouterr().out
        assert main(["where", pid, "nowhere+1"]) == 2
        assert main(["translate", pid, "0x10"]) == 1
        assert main(["translate", pid, "[heap]", "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert set(document) - {"unavailable"} == {"schema", "pid", "address", "levels", "frame", "physical", "huge"}


def test_the_symbol_of_the_vdso(capsys: pytest.CaptureFixture[str]) -> None:
    with code("print(flush=True); import sys; sys.stdin.read()") as process:
        names = set()
        for offset in range(0x780, 0xC00, 0x80):
            assert main(["where", str(process.pid), f"[vdso]+{offset:#x}", "--json"]) == 0
            symbol = json.loads(capsys.readouterr().out)["symbol"]
            names.add(symbol and symbol["raw"])
        assert "gettimeofday" in names
