"""The regions of a process from tick to tick: a region that doesn't change stays the same object.

maps doesn't show whether ` (deleted)` was added by the kernel or is part of the name: that is corrected here.
"""

import time

from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.maps import DELETED, MapsReading, parse_maps


class MapsReader:
    """Reads maps and keeps each reading for the next one."""

    def __init__(self, procfs: Procfs, files: MappedFiles, reading: MapsReading = MapsReading(())) -> None:  # noqa: B008 - immutable
        """`reading` is that of another reader, of which a region that is unchanged is the same object."""
        self._procfs = procfs
        self._files = files
        self.reading = reading
        """The last reading."""
        self.seconds = 0.0
        """Processor time of the last read: unlike wall time, it isn't longer on a busy machine."""

    def read(self, pid: int) -> tuple[Region, ...] | Unavailable:
        """Read /proc/PID/maps; empty for a process without memory. The same tuple if no byte has changed."""
        start = time.thread_time()
        # A descriptor opened just before an execve(2) reads as empty: read twice before believing it.
        name, before = f"{pid}/maps", self.reading.text
        text = self._procfs.reread(name, before) or self._procfs.reread(name, before)
        self.seconds = time.thread_time() - start
        return text if isinstance(text, Unavailable) else self.understand(pid, text)

    @property
    def unread(self) -> int:
        """How many lines of the last text weren't regions and are left out."""
        return len(self.reading.errors)

    def understand(self, pid: int, text: bytes) -> tuple[Region, ...]:
        """Return the regions in a text of maps just read from `pid`, with corrected names."""
        self.reading = parse_maps(text, self.reading, lambda region: true_name(self._files, pid, region))
        return self.reading.regions


def true_name(files: MappedFiles, pid: int, region: Region) -> Region:
    """Correct a region marked as deleted, if the mapped file really has that name, including the suffix.

    Other regions are returned unchanged.
    """
    if not region.deleted or not region.path.startswith("/"):
        return region
    literal = region.path + DELETED
    if not files.has_name(pid, region, literal):
        return region
    return region._replace(traits=region.traits._replace(path=literal, deleted=False))
