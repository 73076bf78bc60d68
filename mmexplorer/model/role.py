"""What a region is by what lies beside it, by its shape and by the threads and files of its process.

| what is seen | kind, and name |
|---|---|
| `---p` after an arena of malloc; one larger than 1 MiB, or with nothing accessible beside it; any other \
| arena reserve; reserve; guard |
| the stack pointer of a thread in it | stack: `NAME (TID)` |
| `rw-p` from a 64 MiB border on, then `---p` up to the next one | arena: of malloc, in glibc |
| executable, in a process that maps a compiler of code at run time | jit |
| the size of a thread's stack above a guard, where stack pointers are not to be had | stack: looks like a thread's |
| shapes of Go, Java, Python, V8, jemalloc, tcmalloc, mimalloc | anon: looks like theirs |
| a nameless file on the device of the kernel's own tmpfs, whatever it is called | shm |

A region is judged by itself and its two neighbours, so that a change of the map is a matter of its own place alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from mmexplorer.model.changes import common_ends, differing
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.thread import Thread, stacks

_MIB = 1 << 20
_ARENA = 64 * _MIB
"""HEAP_MAX_SIZE of glibc's malloc/arena.c on 64 bits: each heap of an arena begins at a multiple of it."""
_MMAP = 1 << 36
"""malloc lets mmap(2) choose, which begins near the stack; runtimes that choose for themselves choose lower."""
_GUARD = _MIB
"""What keeps the user of the memory beside it from running over is smaller than what is kept for later."""
_STACKS = (8 * _MIB, 8 * _MIB - 4096, 10 * _MIB, 2 * _MIB)
"""Sizes that thread libraries give a stack: the limit of 8 MiB less or besides the guard, others by default."""
_GO = range(0xC0_0000_0000, 0xC1_0000_0000)
"""Where Go on 64 bits asks for its heap first (runtime/malloc.go)."""
_COMPRESSED = 32 << 30
"""Below that Java places a heap that 32-bit references reach."""
_V8_PAGE = 1 << 18
_SUPER_PAGE, _SUPER_PAGE_HEAD = 2 * _MIB, 1 << 14
"""Chromium's allocator: what it gives out begins behind a guard and its own records."""
_HUGE = 2 * _MIB
"""Since Linux 6.7 a single mapping of so much begins at a multiple of it: arenas of a runtime are smaller."""
_PYTHON_ARENA = 1 << 18
"""An arena of pymalloc is a mebibyte, before 3.10 a quarter; neighbours are one region with what malloc mapped."""


class Role(NamedTuple):
    """What a region is."""

    kind: RegionKind
    name: str = ""
    sure: bool = True
    """False where it only looks like that."""


class Runtime(Enum):
    """Who may have made anonymous memory, told by the name of a file that is mapped."""

    JAVA = "Java"
    V8 = "V8"
    PYTHON = "Python"
    JEMALLOC = "jemalloc"
    TCMALLOC = "tcmalloc"
    MIMALLOC = "mimalloc"
    QEMU = "QEMU"
    DOTNET = ".NET"
    LUAJIT = "LuaJIT"
    PCRE = "PCRE"
    BEAM = "Erlang"
    WEBKIT = "JavaScriptCore"
    LLVM = "LLVM"
    FFI = "libffi"


_FILES = (
    (re.compile(r"libjvm\.so|libj9vm"), Runtime.JAVA),
    (re.compile(r"node(js)?\Z|libnode\.so|libv8|chrom(e|ium)(-.*)?\Z|electron\Z|deno\Z|libcef\.so"), Runtime.V8),
    (re.compile(r"(lib)?python[23]?(\.\d+)?[a-z]*(\.so.*)?\Z"), Runtime.PYTHON),
    (re.compile(r"libjemalloc"), Runtime.JEMALLOC),
    (re.compile(r"libtcmalloc"), Runtime.TCMALLOC),
    (re.compile(r"libmimalloc"), Runtime.MIMALLOC),
    (re.compile(r"qemu-"), Runtime.QEMU),
    (re.compile(r"libcoreclr\.so|libclrjit|libmono"), Runtime.DOTNET),
    (re.compile(r"libluajit"), Runtime.LUAJIT),
    (re.compile(r"libpcre"), Runtime.PCRE),
    (re.compile(r"beam\.smp\Z"), Runtime.BEAM),
    (re.compile(r"libjavascriptcore", re.IGNORECASE), Runtime.WEBKIT),
    (re.compile(r"libLLVM"), Runtime.LLVM),
    (re.compile(r"libffi\.so"), Runtime.FFI),
)
_COMPILERS = (
    Runtime.JAVA,
    Runtime.V8,
    Runtime.DOTNET,
    Runtime.QEMU,
    Runtime.WEBKIT,
    Runtime.BEAM,
    Runtime.LUAJIT,
    Runtime.PCRE,
    Runtime.LLVM,
    Runtime.FFI,
)
"""Those that write machine code, the likeliest first."""


class Surroundings(NamedTuple):
    """What of a process decides about more than one region."""

    stacks: Mapping[int, str]
    """The names of the threads whose stacks a region is, by its start."""
    untold_threads: bool
    """Whether there are threads whose stack pointer isn't known."""
    runtimes: frozenset[Runtime]
    shmem: str | None
    """The device of the kernel's own tmpfs, as maps writes it; None where it isn't known."""


def surroundings(
    regions: Sequence[Region],
    threads: Sequence[Thread],
    thread_count: int,
    shmem: str | None,
    before: "Judged | None" = None,
) -> Surroundings:
    """Look at a whole process, which has `thread_count` threads; `threads` may be some of them."""
    told = sum(thread.stack_pointer is not None for thread in threads)
    named = {start: _of_threads(found) for start, found in stacks(regions, threads).items()}
    return Surroundings(named, told < thread_count and thread_count > 1, _runtimes(regions, before), shmem)


def _runtimes(regions: Sequence[Region], before: "Judged | None") -> frozenset[Runtime]:
    """Look for runtimes again only if the regions that changed since `before` have to do with files."""
    if before is not None and before.around is not None:
        changed = differing(before.regions, regions)
        if not any(region.inode for side in changed for region in side):
            return before.around.runtimes
    return runtimes(regions)


def runtimes(regions: Iterable[Region]) -> frozenset[Runtime]:
    """Tell by the names of the files that are mapped who may have made the anonymous memory."""
    names = {region.name for region in regions if region.inode and region.path.startswith("/")}
    return frozenset(runtime for name in names for pattern, runtime in _FILES if pattern.match(name))


class Judged(NamedTuple):
    """The regions of one look, and what they are."""

    regions: Sequence[Region] = ()
    around: Surroundings | None = None
    roles: Mapping[int, Role] = MappingProxyType({})


def judge(regions: Sequence[Region], around: Surroundings, before: Judged) -> Judged:
    """Tell by more than each region itself what it is. Where nothing has changed since `before` nothing is judged."""
    if around != before.around:
        return Judged(regions, around, dict(_roles(None, regions, None, around)))
    head, tail = common_ends(before.regions, regions)
    # The neighbours of what changed are judged again, too.
    first, end = max(0, head - 1), min(len(regions), len(regions) - tail + 1)
    roles = dict(before.roles)
    for region in before.regions[first : len(before.regions) - tail + 1]:
        roles.pop(region.start, None)
    below = regions[first - 1] if first else None
    above = regions[end] if end < len(regions) else None
    roles.update(_roles(below, regions[first:end], above, around))
    return Judged(regions, around, roles)


def _roles(
    below: Region | None, regions: Sequence[Region], last: Region | None, around: Surroundings
) -> Iterator[tuple[int, Role]]:
    for at, region in enumerate(regions):
        # Nearly all of thousands of regions are decided here.
        if not region.inode or region.deleted:
            above = regions[at + 1] if at + 1 < len(regions) else last
            role = role_of(below, region, above, around)
            if role is not None:
                yield region.start, role
        below = region


def role_of(below: Region | None, region: Region, above: Region | None, around: Surroundings) -> Role | None:
    """Judge one region by itself and its neighbours; None where it says all about itself."""
    if region.inode:
        return _of_kernels_file(region, around)
    if region.path and not region.path.startswith("[anon:"):
        return None
    below = below if below is not None and below.end == region.start else None
    above = above if above is not None and above.start == region.end else None
    if region.perms == "---p":
        return _inaccessible(below, region, above, around)
    threads = around.stacks.get(region.start)
    if threads and region.start not in _GO:
        return Role(RegionKind.STACK, threads)
    return _executable(region, around) if "x" in region.perms else _writable(below, region, above, around)


def _writable(below: Region | None, region: Region, above: Region | None, around: Surroundings) -> Role | None:
    if region.perms != "rw-p" or region.path:
        return None
    if is_arena(region, above):
        return Role(RegionKind.ARENA, "malloc arena")
    guarded = below is not None and below.perms == "---p" and below.size <= _GUARD
    if around.untold_threads and guarded and region.size in _STACKS:
        return Role(RegionKind.STACK, "a thread's stack", sure=False)
    maker = _maker(region, around.runtimes)
    return Role(RegionKind.ANON, maker, sure=False) if maker else None


def is_arena(region: Region, above: Region | None) -> bool:
    """Whether it is the used part of a heap of glibc's malloc, and the region that follows it the rest."""
    if above is None or above.perms != "---p" or above.inode or above.start != region.end:
        return False
    placed = region.start % _ARENA == 0 and region.start >= _MMAP
    return placed and region.size < _ARENA <= above.end - region.start


def _of_threads(threads: Sequence[Thread]) -> str:
    return ", ".join(f"{thread.name} ({thread.tid})" for thread in threads)


def _of_kernels_file(region: Region, around: Surroundings) -> Role | None:
    if not region.deleted or around.shmem is None:
        return None
    if region.path.startswith("/memfd:"):
        # memfd_create(2) makes its files there, or in hugetlbfs with MFD_HUGETLB.
        return None if region.dev == around.shmem else Role(RegionKind.HUGETLB)
    return Role(RegionKind.SHM) if region.dev == around.shmem else None


def _inaccessible(below: Region | None, region: Region, above: Region | None, around: Surroundings) -> Role:
    if below is not None and below.perms == "rw-p" and not below.inode and is_arena(below, region):
        return Role(RegionKind.ARENA_RESERVE, "malloc arena")
    beside = [each for each in (below, above) if each is not None and not each.perms.startswith("---")]
    if region.size > _GUARD or not beside:
        return Role(RegionKind.RESERVE)
    threads = around.stacks.get(above.start) if above is not None else None
    return Role(RegionKind.GUARD, threads or "")


def _executable(region: Region, around: Surroundings) -> Role | None:
    if region.path:
        return Role(RegionKind.JIT, region.path) if re.search(r"jit|code", region.path, re.IGNORECASE) else None
    maker = next((each for each in _COMPILERS if each in around.runtimes), None)
    return Role(RegionKind.JIT, f"{maker.value}'s code", sure=False) if maker is not None else None


_SHAPES: tuple[tuple[Runtime, Callable[[Region], bool], str], ...] = (
    (Runtime.JEMALLOC, lambda region: region.size >= 2 * _MIB, "jemalloc's memory"),
    (Runtime.TCMALLOC, lambda region: region.size >= 2 * _MIB, "tcmalloc's memory"),
    (Runtime.MIMALLOC, lambda region: region.size >= 2 * _MIB, "mimalloc's memory"),
    (Runtime.JAVA, lambda region: region.size >= _MIB and region.end <= _COMPRESSED, "Java's heap"),
    (Runtime.JAVA, lambda region: region.size >= _MIB, "Java's memory"),
    (Runtime.V8, lambda region: region.start % _V8_PAGE == 0, "V8's heap"),
    (Runtime.V8, lambda region: region.start % _SUPER_PAGE == _SUPER_PAGE_HEAD, "PartitionAlloc's memory"),
    (Runtime.PYTHON, lambda region: region.size >= _PYTHON_ARENA and region.start % _HUGE != 0, "Python's memory"),
)
"""What the memory of a runtime looks like; the first that fits."""


def _maker(region: Region, found: frozenset[Runtime]) -> str:
    if region.start in _GO:
        return "Go's heap"
    return next((name for runtime, fits, name in _SHAPES if runtime in found and fits(region)), "")
