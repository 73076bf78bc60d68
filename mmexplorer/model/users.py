"""Who uses a file: the processes that map it or hold it open. Sizes are bytes."""

from typing import NamedTuple

from mmexplorer.model.process import Process
from mmexplorer.model.region import FileId
from mmexplorer.model.unavailable import Unavailable


class UsedFile(NamedTuple):
    """The file that is asked about, whatever names it has."""

    path: str
    """As it was named, or as maps names it. Not cleaned."""
    mapped: FileId
    """Its device and inode as maps writes them."""
    opened: tuple[int, int]
    """Its device and inode as `stat(2)` gives them: on btrfs the device is another one."""
    deleted: bool = False


class Share(NamedTuple):
    """What one process has of the file in its memory."""

    rss: int
    pss: int
    """The part that would be its own if each page were divided among all that map it."""


class Use(NamedTuple):
    """One process that uses the file."""

    process: Process
    regions: int
    """How many of its regions map it; 0 where it is held open only."""
    size: int
    """Address space of these."""
    writable: bool
    """Whether one of them is shared and may be written: what is written is seen by the others and in the file."""
    share: Share | Unavailable
    descriptors: tuple[int, ...]
    first: int | None = None
    """The start of the lowest of these regions."""


class Unseen(NamedTuple):
    """A process of which something could not be seen."""

    pid: int
    name: str
    what: str
    """"maps" or "descriptors"."""
    reason: Unavailable


class CachedPages(NamedTuple):
    """What the page cache has of a file, in pages (`cachestat`, since Linux 6.5)."""

    cached: int
    dirty: int
    writeback: int
    evicted: int
    recently_evicted: int


class Users(NamedTuple):
    """All that is known of who uses a file."""

    file: UsedFile
    cached: CachedPages | Unavailable
    uses: tuple[Use, ...]
    """Ascending by pid."""
    looked_at: int
    """Processes, without the kernel's own threads."""
    unseen: tuple[Unseen, ...]
