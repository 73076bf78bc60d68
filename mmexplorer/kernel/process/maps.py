"""The regions of one process from tick to tick: a region that didn't change stays the same object.

maps can't say whether ` (deleted)` was added by the kernel or is how the file is called: that is set right here.
"""

import os

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.maps import DELETED, MapsReading, mend, parse_maps

_DELETED = DELETED.encode()


class RegionReader:
    """Reads maps and keeps the last reading for the next one."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._text = b""
        self._reading = MapsReading((), {})

    def read(self, pid: int) -> tuple[Region, ...] | Unavailable:
        """Look at /proc/PID/maps; empty for a process without memory. The same tuple while not a byte has changed."""
        # Through a descriptor opened just before an execve(2) maps reads as empty: look twice before believing it.
        text = self._procfs.read(f"{pid}/maps") or self._procfs.read(f"{pid}/maps")
        return text if isinstance(text, Unavailable) else self.understand(pid, text)

    @property
    def unread(self) -> int:
        """How many lines of the last text were no region, and are missing from it."""
        return len(self._reading.errors)

    def understand(self, pid: int, text: bytes) -> tuple[Region, ...]:
        """Give the regions of a text of maps that was read from `pid` just now, with the names set right."""
        if text != self._text:
            self._reading = self._with_true_names(pid, parse_maps(text, self._reading.by_line))
            self._text = text
        return self._reading.regions

    def _with_true_names(self, pid: int, reading: MapsReading) -> MapsReading:
        renamed = {
            line: true_name(self._procfs.root, pid, region)
            for line, region in reading.by_line.items()
            if line.endswith(_DELETED) and line not in self._reading.by_line
        }
        if not renamed:
            return reading
        by_line = {**reading.by_line, **renamed}
        return MapsReading(mend(by_line.values()), by_line, reading.errors)


def true_name(root: str, pid: int, region: Region) -> Region:
    """Correct a region that maps calls deleted, if a file of that very name, suffix included, is the one mapped.

    The comparison is by device and inode: with what map_files leads to, or where it can't be had, with maps itself
    (kernel.md 1). A region that is not called deleted comes back as it is.
    """
    if not (region.deleted and region.path.startswith("/")):
        return region
    literal = region.path + DELETED
    name = with_newlines(literal)
    named = _identity(f"{root}/{pid}/root{name}", follow=False)
    if named is None:
        return region
    mapped = _identity(f"{root}/{pid}/map_files/{region.start:x}-{region.end:x}", follow=True)
    same = named == (mapped or _identity_in_maps(region))
    return region._replace(path=literal, deleted=False) if same else region


def with_newlines(name: str) -> str:
    """Undo what maps does to a newline. A name that really holds those four characters is looked for in vain."""
    return name.replace("\\012", "\n")


def _identity(path: str, *, follow: bool) -> tuple[int, int] | None:
    try:
        found = os.stat(path, follow_symlinks=follow)  # noqa: PTH116 - the name may not be text a Path can hold
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _identity_in_maps(region: Region) -> tuple[int, int]:
    major, minor = (int(part, 16) for part in region.dev.split(":"))
    return os.makedev(major, minor), region.inode
