import pytest

from mmexplorer.model.process.thread import Thread, stacks
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.region_kind import classify
from mmexplorer.model.role import Judged, Role, judge, surroundings
from mmexplorer.present.region.address import region_name
from tests.support.fakes.spaces import anonymous, mapped, region, usage

A = anonymous
K = RegionKind
MIB = 1 << 20
BASE = 0x7F0000000000


def told(*regions: Region, threads: tuple[Thread, ...] = (), count: int = 1, shmem: str | None = "00:01") -> list[str]:
    """Return the roles of the regions, with their names."""
    found = judge(regions, surroundings(regions, threads, count, shmem), Judged()).roles
    answers = []
    for each in regions:
        role = found.get(each.start)
        name = region_name(each, None, role) if not each.name else ""
        answers.append(f"{classify(each, None, None, role).value} {name}".strip())
    return answers


def test_an_arena_of_malloc_and_its_reserve() -> None:
    arena, rest = A(BASE, BASE + 132 * 1024), A(BASE + 132 * 1024, BASE + 64 * MIB, "---p")
    assert told(arena, rest) == ["arena malloc arena", "arena reserve malloc arena"]


@pytest.mark.parametrize(
    "regions",
    [
        (A(BASE + 4096, BASE + MIB), A(BASE + MIB, BASE + 64 * MIB, "---p")),
        (A(BASE, BASE + MIB), A(BASE + MIB, BASE + 63 * MIB, "---p")),
        (A(BASE, BASE + MIB), A(BASE + 2 * MIB, BASE + 64 * MIB, "---p")),
        (A(BASE, BASE + MIB, "r--p"), A(BASE + MIB, BASE + 64 * MIB, "---p")),
        (A(0xE000_0000, 0xE000_0000 + MIB), A(0xE000_0000 + MIB, 0xE000_0000 + 64 * MIB, "---p")),
        (A(BASE, BASE + 64 * MIB), A(BASE + 64 * MIB, BASE + 65 * MIB, "---p")),
    ],
)
def test_what_has_not_quite_the_shape_is_no_arena(regions: tuple[Region, ...]) -> None:
    assert told(*regions)[0] == "anon"


def test_a_guard_is_small_and_guards_something() -> None:
    assert told(A(0, 4096, "---p"), A(4096, 8192)) == ["guard", "anon"]
    assert told(A(0, 4096), A(4096, 8192, "---p")) == ["anon", "guard"]
    assert told(A(0, 4096, "---p"), A(8192, 12288)) == ["reserve", "anon"]
    assert told(A(0, 2 * MIB, "---p"), A(2 * MIB, 3 * MIB)) == ["reserve", "anon"]
    assert told(A(BASE, BASE + (35 << 30), "---p")) == ["reserve"]


def test_a_stack_is_named_by_the_thread_whose_stack_pointer_is_in_it() -> None:
    guard, stack = A(BASE, BASE + 4096, "---p"), A(BASE + 4096, BASE + 8 * MIB)
    threads = (Thread(8405, "worker-2", "S", stack.end - 512),)
    assert told(guard, stack, threads=threads, count=2) == [
        "guard worker-2 (8405)",
        "stack worker-2 (8405)",
    ]


def test_stacks_without_guards_between_are_one_region_with_all_their_names() -> None:
    stack = A(BASE, BASE + 16 * MIB)
    threads = (Thread(7, "one", "S", BASE + 7 * MIB), Thread(8, "two", "S", BASE + 15 * MIB))
    assert told(stack, threads=threads, count=3) == ["stack one (7), two (8)"]
    assert stacks([stack], threads) == {BASE: threads}


def test_a_stack_pointer_in_something_else_names_nothing() -> None:
    heap = region("5594b2c00000-5594b2c21000 rw-p 00000000 00:00 0 [heap]")
    threads = (Thread(7, "one", "S", heap.start + 64), Thread(8, "two", "S", None), Thread(9, "three", "S", 16))
    assert stacks([heap, mapped(BASE, BASE + 4096)], threads) == {}


def test_without_stack_pointers_the_shape_tells() -> None:
    guard, stack = A(BASE, BASE + 4096, "---p"), A(BASE + 4096, BASE + 4096 + 8 * MIB)
    assert told(guard, stack, count=2) == ["guard", "stack looks like a thread's stack"]
    assert told(guard, stack, count=1) == ["guard", "anon"]


def library(path: str) -> Region:
    return region(f"600000000000-600000001000 r-xp 00000000 fe:00 9 {path}")


@pytest.mark.parametrize(
    ("path", "row", "expected"),
    [
        ("/usr/lib/jvm/lib/server/libjvm.so", A(BASE, BASE + MIB, "rwxp"), "jit looks like Java's code"),
        ("/usr/bin/node", A(BASE, BASE + MIB, "r-xp"), "jit looks like V8's code"),
        ("/usr/bin/cat", A(BASE, BASE + MIB, "rwxp"), "anon"),
        ("/usr/lib/jvm/lib/server/libjvm.so", A(0x7_0000_0000, 0x7_0100_0000), "anon looks like Java's heap"),
        ("/usr/bin/node", A(BASE, BASE + MIB), "anon looks like V8's heap"),
        ("/usr/bin/node", A(BASE + 4096, BASE + MIB), "anon looks like malloc's memory"),
        ("/usr/bin/node", A(BASE + 4096, BASE + (1 << 17)), "anon"),
        ("/usr/lib/chromium", A(BASE + 4096, BASE + MIB), "anon"),
        ("/usr/bin/python3.11", A(BASE + 4096, BASE + 3 * MIB), "anon looks like Python's memory"),
        ("/usr/bin/python3.11", A(BASE, BASE + 100 * MIB), "anon"),
        ("/usr/lib/libjemalloc.so.2", A(BASE, BASE + 4 * MIB), "anon looks like jemalloc's memory"),
        ("/usr/bin/prog", A(0xC0_0000_0000, 0xC0_0040_0000), "anon looks like Go's heap"),
        ("/usr/bin/prog", A(BASE, BASE + 3 * MIB), "anon"),
    ],
)
def test_files_tell_whose_memory_it_looks_like(path: str, row: Region, expected: str) -> None:
    code = library(path)
    regions = sorted([code, row])
    assert dict(zip(regions, told(*regions), strict=True))[row] == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("rw-s 00000000 00:01 77 /i915 (deleted)", "shm"),
        ("rw-s 00000000 00:01 77 /drm mm object (deleted)", "shm"),
        ("rw-s 00000000 00:01 77 /dev/ashmem/dalvik (deleted)", "shm"),
        ("rw-s 00000000 fe:00 77 /i915 (deleted)", "file"),
        ("rw-s 00000000 00:0f 77 /memfd:huge (deleted)", "hugetlb"),
    ],
)
def test_nameless_files_of_the_kernel_are_told_by_their_device(row: str, expected: str) -> None:
    assert told(region(f"7f0000000000-7f0000001000 {row}")) == [expected]


def test_without_knowing_the_device_only_the_name_tells() -> None:
    huge = region("7f0000000000-7f0000001000 rw-s 00000000 00:0f 77 /memfd:huge (deleted)")
    assert told(huge, shmem=None) == ["memfd"]


def test_a_flag_is_stronger_than_a_shape() -> None:
    assert classify(A(0, 4096), None, usage(("gd",)), Role(K.ANON, "Python's objects", sure=False)) is K.STACK
