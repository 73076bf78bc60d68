"""How the C library allocates our own memory: `mallopt(3)`, `malloc_trim(3)`."""

import ctypes

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
_LARGE = 1 << 18

_library = ctypes.CDLL(None)


def use_little_memory() -> None:
    """Make all threads allocate from one heap, and large blocks outside it, if the C library can do that.

    Otherwise glibc reserves 64 MiB of address space for each thread, which kills a screen under RLIMIT_AS. Since only
    one Python thread runs at a time, they would never wait for each other there anyway.

    A large block outside the heap, such as a text of maps, returns to the kernel as soon as it is freed. By default
    glibc moves all that are no larger than the largest freed so far into the heap, where they leave holes.
    """
    mallopt = getattr(_library, "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


def give_back() -> None:
    """Return free pages inside the heap to the kernel, if the C library can do that. Takes a fraction of a millisecond.

    By itself, glibc does so only at the end of the heap.
    """
    malloc_trim = getattr(_library, "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
