"""How the C library allocates our own memory: `mallopt(3)`."""

import ctypes

_M_ARENA_MAX = -8


def use_one_arena() -> None:
    """Make all threads allocate from one heap, if the C library can do that.

    Otherwise glibc reserves 64 MiB of address space for each thread, which kills a screen under RLIMIT_AS. Since only
    one Python thread runs at a time, they would never wait for each other there anyway.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
