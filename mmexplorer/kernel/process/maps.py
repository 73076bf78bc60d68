"""The regions of one process from tick to tick: a region that didn't change stays the same object.

maps can't say whether ` (deleted)` was added by the kernel or belongs to the name: that is corrected here.
"""

import time

from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.maps import DELETED, MapsReading, parse_maps


class MapsReader:
    """Reads maps and keeps the last reading for the next one."""

    def __init__(self, procfs: Procfs, files: MappedFiles) -> None:
        self._procfs = procfs
        self._files = files
        self._reading = MapsReading(())
        self.seconds = 0.0
        """Processor time that the last read of the file took: unlike wall time, no longer on a busy machine."""

    def read(self, pid: int) -> tuple[Region, ...] | Unavailable:
        """Read /proc/PID/maps; empty for a process without memory. The same tuple while not a byte has changed."""
        start = time.thread_time()
        # Through a descriptor opened just before an execve(2) maps reads as empty: read twice before believing it.
        text = self._procfs.read(f"{pid}/maps") or self._procfs.read(f"{pid}/maps")
        self.seconds = time.thread_time() - start
        return text if isinstance(text, Unavailable) else self.understand(pid, text)

    @property
    def unread(self) -> int:
        """How many lines of the last text were no regions, and are left out."""
        return len(self._reading.errors)

    def understand(self, pid: int, text: bytes) -> tuple[Region, ...]:
        """Return the regions of a text of maps that was read from `pid` just now, with the names corrected."""
        if text != self._reading.text:
            self._reading = parse_maps(text, self._reading, lambda region: true_name(self._files, pid, region))
        return self._reading.regions


def true_name(files: MappedFiles, pid: int, region: Region) -> Region:
    """Correct a region that maps calls deleted, if a file of that very name, suffix included, is the one mapped.

    A region that is not called deleted comes back as it is.
    """
    literal = region.path + DELETED
    if region.deleted and region.path.startswith("/") and files.has_name(pid, region, literal):
        return region._replace(path=literal, deleted=False)
    return region
