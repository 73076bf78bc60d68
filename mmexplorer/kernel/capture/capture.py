"""A capture as a source: of a file, or of the last minutes in memory."""

from mmexplorer.kernel.capture.files import Images, ReplayFiles
from mmexplorer.kernel.capture.process_reader import KnownLive, ProcessReader, nothing_live
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.source import Source
from mmexplorer.model.capture.moments import Moments
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import field, frozen


@frozen
class Capture:
    """A file with many moments."""

    moments: Moments
    remark: Unavailable | None
    """Why it could not be read to its end."""
    known_live: KnownLive = nothing_live
    _images: dict[tuple[int, bool], Images] = field(default_factory=dict)

    def at(self, index: int) -> Source:
        """Return a source that shows a moment; 0 is the first."""
        procfs = ReplayProcfs(self.moments, index)
        clocks = procfs.clocks()
        taken_at = clocks if isinstance(clocks, Unavailable) else clocks.realtime
        return Source(
            "capture", procfs, ReplayFiles(procfs, self._images), taken_at, reads=ProcessReader(self.known_live).read
        )


def counted(source: Source, pid: int) -> Source:
    """Return the last moment, up to that of a capture, at which a process's counters were read."""
    procfs = source.procfs
    if not isinstance(procfs, ReplayProcfs):
        return source
    found = procfs.find(f"proc/{pid}/smaps")
    if isinstance(found, Unavailable) or not isinstance(found.answer, bytes):
        return source
    return Capture(procfs.moments, None).at(found.place.read)
