"""Opens the kernel's own files, which never block."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def opened(path: str, flags: int = os.O_RDONLY) -> Iterator[int]:
    """Open one of the kernel's own files, which never block, and yield its descriptor. Raises OSError."""
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
