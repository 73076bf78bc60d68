"""A process with a mapping of every name that maps can show. Standard library only; run as a script of its own.

It creates files in the folder argv[1], prints one line of JSON, {name: start address, or null if this kernel refuses},
and lives until its stdin ends.
"""

import ctypes
import json
import os
import socket
import struct
import sys
from collections.abc import Callable

PAGE = 4096
PROT_READ, PROT_WRITE = 1, 2
SHARED, PRIVATE, ANONYMOUS, NORESERVE, HUGETLB = 1, 2, 0x20, 0x4000, 0x40000
SYS_IO_SETUP, SYS_PERF_EVENT_OPEN, SYS_IO_URING_SETUP, SYS_MEMFD_SECRET = 206, 298, 425, 447
SOL_PACKET, PACKET_RX_RING, ETH_P_ALL = 263, 5, 3
IPC_CREAT, IPC_RMID = 0o1000, 0
HUGE = 2 << 20

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
libc.syscall.restype = ctypes.c_long

FILES = {
    "plain": b"plain",
    "trailing blanks": b"blanks  ",
    "double space": b"double  space",
    "carriage return": b"carriage\rreturn",
    "newline": b"new\nline",
    "not UTF-8": b"\xff\xfe bytes",
    "escape": b"\x1b[31mred",
    "named heap": b"[heap]",
    "really called deleted": b"real (deleted)",
    "newline and deleted": b"new\nline (deleted)",
}


def mmap(length: int, flags: int, fd: int = -1, prot: int = PROT_READ | PROT_WRITE) -> int:
    address = libc.mmap(None, length, prot, flags, fd, 0)
    if address in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "mmap")
    return int(address)


def descriptor(*call: int | ctypes.Array[ctypes.c_char]) -> int:
    number = int(libc.syscall(*call))
    if number < 0:
        raise OSError(ctypes.get_errno(), "syscall")
    return number


def file(name: bytes) -> int:
    fd = os.open(os.fsencode(sys.argv[1]) + b"/" + name, os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(fd, PAGE)
    return mmap(PAGE, SHARED, fd)


def gone(name: bytes) -> int:
    address = file(name)
    os.remove(os.fsencode(sys.argv[1]) + b"/" + name)  # noqa: PTH107 - the name is bytes
    return address


def gone_beside_decoy() -> int:
    file(b"decoyed (deleted)")
    return gone(b"decoyed")


def gone_but_linked() -> int:
    folder = os.fsencode(sys.argv[1])
    address = file(b"linked")
    os.link(folder + b"/linked", folder + b"/other name")
    os.remove(folder + b"/linked")  # noqa: PTH107
    return address


def memfd(name: str) -> int:
    fd = os.memfd_create(name)
    os.ftruncate(fd, PAGE)
    return mmap(PAGE, SHARED, fd)


def sysv() -> int:
    shm = libc.shmget(0, PAGE, IPC_CREAT | 0o600)
    address = libc.shmat(shm, None, 0)
    libc.shmctl(shm, IPC_RMID, None)
    return int(address)


def secret() -> int:
    fd = descriptor(SYS_MEMFD_SECRET, 0)
    os.ftruncate(fd, PAGE)
    return mmap(PAGE, SHARED, fd)


def aio() -> int:
    context = ctypes.create_string_buffer(8)
    descriptor(SYS_IO_SETUP, 1, context)
    return int(struct.unpack("<Q", context.raw)[0])


def perf() -> int:
    attributes = ctypes.create_string_buffer(struct.pack("<IIQQ", 1, 128, 9, 0).ljust(128, b"\0"), 128)
    return mmap(2 * PAGE, SHARED, descriptor(SYS_PERF_EVENT_OPEN, attributes, 0, -1, -1, 0))


def io_uring() -> int:
    return mmap(PAGE, SHARED, descriptor(SYS_IO_URING_SETUP, 4, ctypes.create_string_buffer(120)))


def packet() -> int:
    ring = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, ETH_P_ALL)
    ring.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("<IIII", PAGE, 1, 2048, 2))
    return mmap(PAGE, SHARED, ring.detach())


MAKERS: dict[str, Callable[[], int]] = {
    "private anonymous": lambda: mmap(3 * PAGE, PRIVATE | ANONYMOUS, prot=PROT_READ),
    "shared anonymous": lambda: mmap(PAGE, SHARED | ANONYMOUS),
    "private /dev/zero": lambda: mmap(PAGE, PRIVATE, os.open("/dev/zero", os.O_RDWR)),
    "memfd": lambda: memfd("a name"),
    "memfd without name": lambda: memfd(""),
    "sysv": sysv,
    "hugetlb": lambda: mmap(HUGE, PRIVATE | ANONYMOUS | NORESERVE | HUGETLB),
    "secretmem": secret,
    "aio": aio,
    "perf": perf,
    "io_uring": io_uring,
    "packet socket": packet,
    **{title: lambda name=name: file(name) for title, name in FILES.items()},  # type: ignore[misc] # bound early
    "gone": lambda: gone(b"gone"),
    "gone, called deleted": lambda: gone(b"twice (deleted)"),
    "gone beside a decoy": gone_beside_decoy,
    "gone but linked": gone_but_linked,
}


def attempt(maker: Callable[[], int]) -> int | None:
    try:
        return maker()
    except OSError:
        return None


if __name__ == "__main__":
    made = {title: attempt(maker) for title, maker in MAKERS.items()}
    sys.stdout.write(f"{json.dumps(made)}\n")
    sys.stdout.flush()
    sys.stdin.read()
