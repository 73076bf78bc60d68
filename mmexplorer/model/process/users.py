"""Who uses a file: the processes that map it or hold it open. Sizes are bytes."""

from mmexplorer.model.process.process import Process
from mmexplorer.model.region import FileId
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple


class UsedFile(NamedTuple):
    """The file in question, under any name."""

    path: str
    """The name given, or the one in maps. Not cleaned."""
    mapped: FileId
    """Its device and inode as in maps."""
    opened: tuple[int, int]
    """Its device and inode as in `stat(2)`: on btrfs the device differs."""
    deleted: bool = False


class Share(NamedTuple):
    """How much of the file one process has in its memory."""

    rss: int
    pss: int
    """Its share if each page is divided among all processes that map it."""


class Use(NamedTuple):
    """One process that uses the file."""

    process: Process
    regions: int
    """How many of its regions map the file; 0 if it only holds it open."""
    size: int
    """Their address space."""
    writable: bool
    """Whether one of them is shared and writable: writes are seen by other processes and in the file."""
    share: Share | Unavailable
    descriptors: tuple[int, ...]
    first: int | None = None
    """The start of the lowest of these regions."""


class Unseen(NamedTuple):
    """A process that could not be fully examined."""

    pid: int
    name: str
    what: str
    """"maps" or "descriptors"."""
    reason: Unavailable


class CachedPages(NamedTuple):
    """A file's pages in the page cache, in numbers of pages (`cachestat`, since Linux 6.5)."""

    cached: int
    dirty: int
    writeback: int
    evicted: int
    recently_evicted: int


class Users(NamedTuple):
    """Everything known about who uses a file."""

    file: UsedFile
    cached: CachedPages | Unavailable
    uses: tuple[Use, ...]
    """Ascending by pid."""
    looked_at: int
    """How many processes were examined, without kernel threads."""
    unseen: tuple[Unseen, ...]
