"""Plays one of the chapter's C programs if there is no compiler: the same lines, calls and stops.

A separate program, never imported: `python -I -S stand_in.py NAME STOP...`. NAME is a file of `labs/programs/` without
its suffix, each STOP a line at which the C program stops. Descriptors 100 and 101 are those of `told.h`.
"""

import ctypes
import os
import signal
import sys

TOLD_TO, TOLD_FROM = 100, 101
SIZE = 100 << 20
SA_SIGINFO, SA_RESETHAND = 4, 0x80000000

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_size_t
stops = iter(sys.argv[2:])


class SigAction(ctypes.Structure):
    """struct sigaction of the C library."""

    _fields_ = (
        ("handler", ctypes.c_void_p), ("mask", ctypes.c_ulong * 16), ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    )  # fmt: skip


def report(words: str) -> None:
    """Send a message to the keeper."""
    os.write(TOLD_TO, f"{words}\n".encode())


def stop() -> None:
    """Stop before the next line."""
    report(f"line {next(stops)}")
    if len(os.read(TOLD_FROM, 1)) != 1:
        os._exit(125)


def put(text: str) -> None:
    """Print a line."""
    os.write(1, f"{text}\n".encode())


def report_signal(number: int, siginfo: int, _context: int) -> None:
    """Report the signal; the same signal again ends the process."""
    code = ctypes.c_int.from_address(siginfo + 8).value
    report(f"signal {number} {code} {ctypes.c_size_t.from_address(siginfo + 16).value}")


def write_null() -> None:
    """Do what write_null.c does."""
    flags = ctypes.c_int(SA_SIGINFO | SA_RESETHAND).value
    handler = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(report_signal)
    action = SigAction(ctypes.cast(handler, ctypes.c_void_p), flags=flags)
    libc.sigaction(int(signal.SIGSEGV), ctypes.byref(action), None)
    stop()
    stop()
    put("before invalid access")
    stop()
    ctypes.memset(0, 0, 4)
    stop()
    put("after invalid access")
    stop()


def print_map(when: str) -> None:
    """Print the map of this process."""
    put(f"*** the map {when} ***")
    with open("/proc/self/maps", "rb") as maps:  # noqa: PTH123 - pathlib would add to the map
        os.write(1, maps.read())


def map_memory() -> None:
    """Do what map_memory.c does."""
    stop()
    stop()
    print_map("before")
    stop()
    memory = libc.mmap(None, ctypes.c_size_t(SIZE), 3, 0x22, -1, ctypes.c_long(0))
    report(f"call mmap(NULL, {SIZE}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = {memory:#x}")
    stop()
    stop()
    put(f"*** address {memory:#x}, size {SIZE:#x} ***")
    stop()
    print_map("after mmap")
    stop()
    libc.munmap(ctypes.c_void_p(memory), ctypes.c_size_t(SIZE))
    report(f"call munmap({memory:#x}, {SIZE}) = 0")
    stop()
    print_map("after munmap")
    stop()


if __name__ == "__main__":
    {"write_null": write_null, "map_memory": map_memory}[sys.argv[1]]()
