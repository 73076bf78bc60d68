"""What this kernel reports is explained, and our sums equal the kernel's."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.model.changes import ChangeKind, diff
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.region_kind import classify
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.present.explore.totals import totals
from mmexplorer.present.region.kernel_words import COUNTERS, STATES, VM_FLAGS
from tests.support.fakes.spaces import space
from tests.support.live import live_layout
from tests.support.specimens.children import ready_line

MIB = 1 << 20

CHILD = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.munmap.argtypes = libc.mprotect.argtypes = libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
for line in sys.stdin:
    name, *numbers = line.split()
    print(getattr(libc, name)(*map(int, numbers)), flush=True)
"""


class Mapper:
    """A process that makes the calls it is asked to."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.call("getpid")
        self.call("getpid")

    def call(self, name: str, *numbers: int) -> int:
        assert self._child.stdin is not None
        print(name, *numbers, file=self._child.stdin, flush=True)
        return int(ready_line(self._child))

    @property
    def pid(self) -> int:
        return self._child.pid

    def regions(self) -> tuple[Region, ...]:
        return parse_maps(Path(f"/proc/{self.pid}/maps").read_bytes()).regions

    def vm_size(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmSize:")[2].split()[0]) * 1024

    def close(self) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()


@pytest.fixture
def mapper() -> Iterator[Mapper]:
    child = Mapper()
    yield child
    child.close()


def test_the_regions_add_up_to_vmsize(mapper: Mapper) -> None:
    assert totals(space(mapper.regions())).vsz == mapper.vm_size()


def test_the_changes_add_up_to_what_the_kernel_did(mapper: Mapper) -> None:
    private_anonymous, read, read_write, dont_fork = 0x22, 1, 3, 10
    page = os.sysconf("SC_PAGESIZE")

    def after(name: str, *numbers: int) -> tuple[int, list[tuple[ChangeKind, int]]]:
        before, size = mapper.regions(), mapper.vm_size()
        result = mapper.call(name, *numbers)
        changes = diff(before, mapper.regions())
        assert sum(change.delta for change in changes) == mapper.vm_size() - size
        first = result if name == "mmap" else numbers[0]
        # The interpreter may map memory for itself meanwhile, at other addresses.
        ours = [change for change in changes if change.range.start <= first < change.range.end]
        return result, [(change.kind, change.delta) for change in ours]

    start, told = after("mmap", 0, 100 * MIB, read_write, private_anonymous, -1, 0)
    assert told in ([(ChangeKind.ADDED, 100 * MIB)], [(ChangeKind.GREW, 100 * MIB)], [(ChangeKind.MERGED, 100 * MIB)])
    # Away from its ends, so that no neighbour is involved.
    _, told = after("mprotect", start + 10 * MIB, MIB, read)
    assert told == [(ChangeKind.SPLIT, 0)]
    _, told = after("mprotect", start + 10 * MIB, MIB, read_write)
    assert told == [(ChangeKind.MERGED, 0)]
    _, told = after("madvise", start + 20 * MIB, page, dont_fork)
    assert told == [(ChangeKind.SPLIT, 0)]
    _, told = after("munmap", start + 30 * MIB, 4 * MIB)
    assert told == [(ChangeKind.SPLIT, -4 * MIB)]
    _, told = after("mmap", start + 30 * MIB, 4 * MIB, read_write, private_anonymous | 0x10, -1, 0)
    assert told == [(ChangeKind.MERGED, 4 * MIB)]
    _, told = after("mmap", start + 50 * MIB, MIB, 0, private_anonymous | 0x10, -1, 0)
    assert told == [(ChangeKind.SPLIT, 0)]


def test_the_kinds_of_a_process_agree_with_its_permissions(mapper: Mapper) -> None:
    regions = mapper.regions()
    layout = live_layout(mapper.pid, regions)
    kinds = {region: classify(region, layout.matches.get(region.start), None) for region in regions}
    assert {"code", "rodata", "data", "relro", "bss", "heap", "stack", "anon", "vdso", "vvar"} <= {
        kind.value for kind in kinds.values()
    }
    for region, kind in kinds.items():
        assert ("x" in region.perms) == (kind in {RegionKind.CODE, RegionKind.VDSO, RegionKind.VSYSCALL})
        assert kind not in {RegionKind.RODATA, RegionKind.RELRO} or region.perms == "r--p"
        assert kind not in {RegionKind.DATA, RegionKind.BSS} or region.perms == "rw-p"
        assert kind is not RegionKind.BSS or not region.inode


def test_every_counter_and_flag_of_this_machine_is_explained() -> None:
    read = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "smaps").read_text(encoding="utf-8", errors="replace")
            state = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        except OSError:
            continue  # it ended or isn't ours to read: the others are enough
        assert state in STATES
        for row in text.split("\n"):
            name, colon, value = row.partition(":")
            if not colon or " " in name or "-" in name:
                continue
            assert name == "VmFlags" or name in COUNTERS
            assert name != "VmFlags" or all(flag in VM_FLAGS for flag in value.split())
            read += 1
    assert read > 1_000
