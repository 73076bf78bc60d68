"""How the C library hands out our own memory: `mallopt(3)`."""

import ctypes

_M_ARENA_MAX = -8


def use_one_arena() -> None:
    """Let all threads allocate from one heap, where the C library knows how.

    glibc reserves 64 MiB of addresses for each of them else, on which a screen under RLIMIT_AS dies. Since only one
    thread of Python's runs at a time, they would never wait for each other there anyway.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
