"""Opens the kernel's own files, which never block."""

import os


class opened:  # noqa: N801 - used like the functions of contextlib, which takes as long to import as ten of our modules
    """Open one of the kernel's own files, which never block, and yield its descriptor. Raises OSError."""

    __slots__ = ("_descriptor",)

    def __init__(self, path: str, flags: int = os.O_RDONLY) -> None:
        self._descriptor = os.open(path, flags | os.O_CLOEXEC)

    def __enter__(self) -> int:
        return self._descriptor

    def __exit__(self, *_error: object) -> None:
        os.close(self._descriptor)
