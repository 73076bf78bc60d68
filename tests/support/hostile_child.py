"""A process that tries to reach the terminal through every text that it controls. Arguments: a folder."""

import ctypes
import mmap
import os
import sys
from pathlib import Path

PR_SET_NAME = 15


def main(folder: Path, comm: str) -> None:
    """Map a file with a hostile name that is an ELF file too, take a hostile comm, say so, and wait."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_NAME, os.fsencode(comm), 0, 0, 0)
    kept = []
    for path in sorted(folder.iterdir()):
        with path.open("r+b") as file:
            kept.append(mmap.mmap(file.fileno(), 0))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for order in sys.stdin:
        if order.strip() == "more":
            with min(folder.iterdir()).open("r+b") as file:
                kept.append(mmap.mmap(file.fileno(), 0))


main(Path(sys.argv[1]), sys.argv[2])
