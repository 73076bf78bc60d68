"""A process that tries to affect the terminal through every text it controls. Arguments: a folder, a comm."""

import ctypes
import mmap
import os
import sys
from pathlib import Path

PR_SET_NAME = 15
MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS = 0x02, 0x10, 0x20
R, W, X = mmap.PROT_READ, mmap.PROT_WRITE, mmap.PROT_EXEC

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]


def share(path: Path) -> mmap.mmap:
    """Map the complete file, shared."""
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 0)


def load(path: Path) -> None:
    """Map the LOADs of a file from `make_elf` at their addresses, like a dynamic linker."""
    base = place(None, 0x4000, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    with path.open("rb") as file:
        place(base, 0x1000, R | X, MAP_PRIVATE | MAP_FIXED, file.fileno(), 0)
        place(base + 0x2000, 0x1000, R | W, MAP_PRIVATE | MAP_FIXED, file.fileno(), 0x1000)


def place(*arguments: int | None) -> int:
    """Call mmap(2); return the address."""
    address: int | None = LIBC.mmap(*arguments)
    if address is None or address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return address


def tell(word: str) -> None:
    """Print a line and flush it."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(folder: Path, comm: str) -> None:
    """Map a hostile name that is an ELF file too, set a hostile comm, report it, and wait for commands."""
    LIBC.prctl(PR_SET_NAME, os.fsencode(comm), 0, 0, 0)
    kept = [share(path) for path in sorted(folder.iterdir())]
    tell("ready")
    for order in sys.stdin:
        if order.strip() == "more":
            kept.append(share(min(folder.iterdir())))
        elif order.strip() == "load":
            load(min(folder.iterdir()))
            tell("loaded")


main(Path(sys.argv[1]), sys.argv[2])
