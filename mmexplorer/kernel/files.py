"""Opens files without blocking or waking a device: first as a path (O_PATH) and then, if regular, for reading."""

import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType

from mmexplorer.kernel.errors import unavailable
from mmexplorer.model.typed import TYPE_CHECKING, Self
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

if TYPE_CHECKING:
    from mmexplorer.model.process.users import CachedPages

_MAY_NOT_ANSWER = Unavailable(Cause.NO_ANSWER, "its file system may not answer, and isn't asked")

PATH_FLAGS = os.O_PATH | os.O_CLOEXEC
"""Opens only the path: no device wakes up, no FIFO blocks."""
_READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


Inode = tuple[int, int]
"""Device and inode number, which identify a file."""


class Identity(NamedTuple):
    """Identifies a version of a file (`stat(2)`)."""

    dev: int
    ino: int
    mtime_ns: int
    size: int


class OpenFile(ABC):
    """A regular file: its identity, and its bytes on demand. A context manager that closes it."""

    identity: Identity

    @property
    def size(self) -> int:
        """The file's size in bytes when it was opened."""
        return self.identity.size

    def read(self, offset: int, size: int) -> bytes:
        """Read up to `size` bytes at `offset`; fewer at the end of the file. Raises OSError."""
        length = min(size, self.size - offset)
        return self._read(offset, length) if length > 0 else b""

    @abstractmethod
    def _read(self, offset: int, length: int) -> bytes:
        """Read `length` bytes, which existed when the file was opened."""

    def cached(self) -> "CachedPages | Unavailable":
        """Count its pages in the page cache."""
        return _MAY_NOT_ANSWER

    @abstractmethod
    def close(self) -> None:
        """Close it; may be called more than once."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _LocalFile(OpenFile):
    """A file opened by this process."""

    def __init__(self, descriptor: int, status: os.stat_result) -> None:
        """Take ownership of `descriptor`, which was opened with O_PATH."""
        self._descriptors = [descriptor]
        self._readable: int | None = None
        self.identity = Identity(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)

    def _read(self, offset: int, length: int) -> bytes:
        return os.pread(self._for_reading(), length, offset)

    def cached(self) -> "CachedPages | Unavailable":
        from mmexplorer.kernel.pages.page_cache import cached_pages  # noqa: PLC0415 - imports ctypes, which is rarely needed

        try:
            return cached_pages(self._for_reading())
        except OSError as error:
            return unavailable(error)

    def _for_reading(self) -> int:
        if self._readable is None:
            try:
                self._readable = os.open(f"/proc/self/fd/{self._descriptors[0]}", _READ_FLAGS)
            except FileNotFoundError:
                raise OSError("it can't be read, because /proc isn't mounted") from None
            self._descriptors.append(self._readable)
        return self._readable

    def close(self) -> None:
        while self._descriptors:
            os.close(self._descriptors.pop())

    def __del__(self) -> None:
        """A capture or a core keeps its file open for as long as anybody may look at it."""
        self.close()


def open_regular(path: str, wanted: str = "an ELF file") -> OpenFile | Unavailable:
    """Open the regular file at `path`, following links; `wanted` says what it should be."""
    try:
        return take(os.open(path, PATH_FLAGS), wanted)
    except OSError as error:
        return unavailable(error)


def inode_of(path: str) -> Inode | None:
    """Return the device and inode of the file at `path`, following links; None if they are unavailable."""
    try:
        return inode(os.stat(path))  # noqa: PTH116 - the name may not be text a Path can hold
    except OSError:
        return None


def inode(status: os.stat_result) -> Inode:
    """Return device and inode from a status."""
    return status.st_dev, status.st_ino


def take(descriptor: int, wanted: str = "an ELF file") -> OpenFile | Unavailable:
    """Take ownership of an O_PATH descriptor if it is a regular file's. Raises OSError."""
    try:
        status = os.fstat(descriptor)
    except OSError:  # on a FUSE mount whose program has ended (ENOTCONN)
        os.close(descriptor)
        raise
    if stat.S_ISREG(status.st_mode):
        return _LocalFile(descriptor, status)
    os.close(descriptor)
    kind = next((words for is_kind, words in _KINDS if is_kind(status.st_mode)), "not a regular file")
    return Unavailable(Cause.MALFORMED, f"{kind}, not {wanted}")


_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)
