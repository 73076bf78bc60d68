"""What a region is used as, judging by its neighbours, its shape, and its process's threads and files.

| what is seen | kind, and name |
|---|---|
| `---p` after a malloc arena; one larger than 1 MiB or with no accessible neighbour; any other \
| arena reserve; reserve; guard |
| contains a thread's stack pointer | stack: `NAME (TID)` |
| `rw-p` from a 64 MiB boundary, then `---p` up to the next one | arena: glibc malloc's |
| executable, in a process that maps a JIT compiler | jit |
| the size of a thread's stack, above a guard, when stack pointers are unavailable | stack: looks like a thread's |
| shapes of Go, Java, Python, V8, jemalloc, tcmalloc, mimalloc, malloc in Node.js | anon: looks like theirs |
| a deleted file on the device of the kernel's own tmpfs, under any name | shm |

A region is judged by itself and its two neighbours, so that a change affects only its own surroundings.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from mmexplorer.model.differing import common_ends, differing
from mmexplorer.model.process.thread import Thread, ThreadName, stacks
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.value import NamedTuple

_MIB = 1 << 20
_ARENA = 64 * _MIB
"""HEAP_MAX_SIZE of glibc's malloc/arena.c on 64 bits: each heap of an arena starts at a multiple of it."""
_MMAP = 1 << 36
"""malloc lets mmap(2) choose, which starts near the stack; runtimes that choose addresses themselves choose lower ones.
"""
_GUARD = _MIB
"""A guard against overruns is at most this large; anything larger is reserved for later."""
_STACKS = (8 * _MIB, 8 * _MIB - 4096, 10 * _MIB, 2 * _MIB)
"""Stack sizes of thread libraries: the 8 MiB limit, with or without the guard inside it, and other defaults."""
_GO = range(0xC0_0000_0000, 0xC1_0000_0000)
"""Where Go first asks for its heap on 64 bits (runtime/malloc.go)."""
_COMPRESSED = 32 << 30
"""Java places a heap that 32-bit references can reach below this address."""
_V8_PAGE = 1 << 18
_SUPER_PAGE, _SUPER_PAGE_HEAD = 2 * _MIB, 1 << 14
"""Chromium's allocator: usable memory starts behind a guard and its own metadata."""
_HUGE = 2 * _MIB
"""Since Linux 6.7 one mapping this large starts at a multiple of it; runtimes' arenas are smaller."""
_MALLOC_MMAP = 1 << 17
"""malloc(3) gets a block of at least this size (M_MMAP_THRESHOLD) with an mmap(2) of its own, one page larger."""
_PYTHON_ARENA = 1 << 18
"""A pymalloc arena is 1 MiB, 256 KiB before 3.10; the kernel merges neighbouring ones with malloc's mappings."""


class Role(NamedTuple):
    """What a region is used as."""

    kind: RegionKind
    name: str = ""
    sure: bool = True
    """False if it is a guess from its shape."""
    threads: tuple[ThreadName, ...] = ()
    """The threads whose stack it is, or whose stack it guards; then there is no other name."""


# Libraries and runtimes that allocate anonymous memory, recognized by the name of a mapped file.
_JAVA = "Java"
_V8 = "V8"
_NODE = "Node.js"
_PYTHON = "Python"
_JEMALLOC = "jemalloc"
_TCMALLOC = "tcmalloc"
_MIMALLOC = "mimalloc"
_QEMU = "QEMU"
_DOTNET = ".NET"
_LUAJIT = "LuaJIT"
_PCRE = "PCRE"
_BEAM = "Erlang"
_WEBKIT = "JavaScriptCore"
_LLVM = "LLVM"
_FFI = "libffi"

_BEGINS: Mapping[str, tuple[str, ...]] = {
    _JAVA: ("libjvm.so", "libj9vm"),
    _V8: ("libnode.so", "libv8", "libcef.so", "chrome-", "chromium-"),
    _NODE: ("libnode.so",),
    _JEMALLOC: ("libjemalloc",),
    _TCMALLOC: ("libtcmalloc",),
    _MIMALLOC: ("libmimalloc",),
    _QEMU: ("qemu-",),
    _DOTNET: ("libcoreclr.so", "libclrjit", "libmono"),
    _LUAJIT: ("libluajit",),
    _PCRE: ("libpcre",),
    _WEBKIT: ("libjavascriptcore", "libJavaScriptCore"),
    _LLVM: ("libLLVM",),
    _FFI: ("libffi.so",),
}
"""How the names of their files begin."""
_NAMES: Mapping[str, frozenset[str]] = {
    _V8: frozenset({"node", "nodejs", "chrome", "chromium", "electron", "deno"}),
    _NODE: frozenset({"node", "nodejs"}),
    _BEAM: frozenset({"beam.smp"}),
}
"""Names that are theirs only as a whole."""
_PYTHON_FILE = r"(lib)?python[23]?(\.\d+)?[a-z]*(\.so.*)?\Z"
_COMPILERS = (
    _JAVA,
    _V8,
    _DOTNET,
    _QEMU,
    _WEBKIT,
    _BEAM,
    _LUAJIT,
    _PCRE,
    _LLVM,
    _FFI,
)
"""Those that generate machine code, likeliest first."""


class Surroundings(NamedTuple):
    """Facts about a process that affect more than one region."""

    stacks: Mapping[int, tuple[ThreadName, ...]]
    """For regions that are stacks, whose they are, keyed by the region's start."""
    untold_threads: bool
    """Whether the stack pointer of some thread is unknown."""
    runtimes: frozenset[str]
    shmem: str | None
    """The device of the kernel's own tmpfs, as maps writes it; None if unknown."""


def surroundings(
    regions: Sequence[Region],
    threads: Sequence[Thread],
    thread_count: int,
    shmem: str | None,
    before: "Judged | None" = None,
) -> Surroundings:
    """Collect the facts about a process that has `thread_count` threads, of which `threads` may be only some."""
    told = sum(thread.stack_pointer is not None for thread in threads)
    named = {
        start: tuple(ThreadName(thread.tid, thread.name) for thread in found)
        for start, found in stacks(regions, threads).items()
    }
    return Surroundings(named, told < thread_count and thread_count > 1, _runtimes(regions, before), shmem)


def _runtimes(regions: Sequence[Region], before: "Judged | None") -> frozenset[str]:
    """Look for runtimes only in what changed since `before`, unless a region that named one has gone."""
    if before is not None and before.around is not None:
        changed = differing(before.regions, regions)
        if not runtimes(changed.before):
            return before.around.runtimes | runtimes(changed.after)
    return runtimes(regions)


def runtimes(regions: Iterable[Region]) -> frozenset[str]:
    """Detect who may have allocated the anonymous memory, by the names of mapped files."""
    names = {region.name for region in regions if region.inode and region.path.startswith("/")}
    found = {runtime for runtime, begins in _BEGINS.items() if any(name.startswith(begins) for name in names)}
    found |= {runtime for runtime, known in _NAMES.items() if not known.isdisjoint(names)}
    if any("python" in name and re.match(_PYTHON_FILE, name) for name in names):
        found.add(_PYTHON)
    return frozenset(found)


class Judged(NamedTuple):
    """The regions of one look, with their roles."""

    regions: Sequence[Region] = ()
    around: Surroundings | None = None
    roles: Mapping[int, Role] = MappingProxyType({})


def judge(regions: Sequence[Region], around: Surroundings, before: Judged) -> Judged:
    """Determine the regions' roles from their surroundings, looking only at what changed since `before`."""
    if around != before.around:
        return Judged(regions, around, dict(_roles(None, regions, None, around)))
    head, tail = common_ends(before.regions, regions)
    # The neighbours of changed regions are judged again too.
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
        # Most of a process's thousands of regions are decided by this test.
        if not region.traits.inode or region.traits.deleted:
            above = regions[at + 1] if at + 1 < len(regions) else last
            role = role_of(below, region, above, around)
            if role is not None:
                yield region.start, role
        below = region


def role_of(below: Region | None, region: Region, above: Region | None, around: Surroundings) -> Role | None:
    """Judge one region by itself and its neighbours; None if the region alone says it all."""
    perms, _, inode, path, _ = region.traits
    if inode:
        return _of_kernels_file(region, around)
    if path and not path.startswith("[anon:"):
        return None
    below = below if below is not None and below.end == region.start else None
    above = above if above is not None and above.start == region.end else None
    if perms == "---p":
        return _inaccessible(below, region, above, around)
    threads = around.stacks.get(region.start)
    if threads and region.start not in _GO:
        return Role(RegionKind.STACK, threads=threads)
    return _executable(region, around) if "x" in perms else _writable(below, region, above, around)


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
    """Return whether it is the used part of a glibc malloc heap and the next region is the unused part."""
    if above is None or above.perms != "---p" or above.inode or above.start != region.end:
        return False
    placed = region.start % _ARENA == 0 and region.start >= _MMAP
    return placed and region.size < _ARENA <= above.end - region.start


def _of_kernels_file(region: Region, around: Surroundings) -> Role | None:
    if not region.deleted or around.shmem is None:
        return None
    if region.path.startswith("/memfd:"):
        # memfd_create(2) creates its files there or, with MFD_HUGETLB, in hugetlbfs.
        return None if region.dev == around.shmem else Role(RegionKind.HUGETLB)
    return Role(RegionKind.SHM) if region.dev == around.shmem else None


def _inaccessible(below: Region | None, region: Region, above: Region | None, around: Surroundings) -> Role:
    if below is not None and below.perms == "rw-p" and not below.inode and is_arena(below, region):
        return Role(RegionKind.ARENA_RESERVE, "malloc arena")
    beside = [each for each in (below, above) if each is not None and not each.perms.startswith("---")]
    if region.size > _GUARD or not beside:
        return Role(RegionKind.RESERVE)
    return Role(RegionKind.GUARD, threads=around.stacks.get(above.start, ()) if above is not None else ())


def _executable(region: Region, around: Surroundings) -> Role | None:
    if region.path:
        return Role(RegionKind.JIT, region.path) if re.search(r"jit|code", region.path, re.IGNORECASE) else None
    maker = next((each for each in _COMPILERS if each in around.runtimes), None)
    return Role(RegionKind.JIT, f"{maker}'s code", sure=False) if maker is not None else None


_SHAPES: tuple[tuple[str, Callable[[Region], bool], str], ...] = (
    (_JEMALLOC, lambda region: region.size >= 2 * _MIB, "jemalloc's memory"),
    (_TCMALLOC, lambda region: region.size >= 2 * _MIB, "tcmalloc's memory"),
    (_MIMALLOC, lambda region: region.size >= 2 * _MIB, "mimalloc's memory"),
    (_JAVA, lambda region: region.size >= _MIB and region.end <= _COMPRESSED, "Java's heap"),
    (_JAVA, lambda region: region.size >= _MIB, "Java's memory"),
    (_V8, lambda region: region.start % _V8_PAGE == 0, "V8's heap"),
    (_V8, lambda region: region.start % _SUPER_PAGE == _SUPER_PAGE_HEAD, "PartitionAlloc's memory"),
    (_NODE, lambda region: region.size > _MALLOC_MMAP and region.start >= _MMAP, "malloc's memory"),
    (_PYTHON, lambda region: region.size >= _PYTHON_ARENA and region.start % _HUGE != 0, "Python's memory"),
)
"""How a runtime's memory looks; the first match counts."""


def _maker(region: Region, found: frozenset[str]) -> str:
    if region.start in _GO:
        return "Go's heap"
    return next((name for runtime, fits, name in _SHAPES if runtime in found and fits(region)), "")
