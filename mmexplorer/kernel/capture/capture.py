"""A capture as a source: of a file, or of the last minutes in memory."""

from mmexplorer.kernel.capture.files import Images, ReplayFiles
from mmexplorer.kernel.capture.replay import Found, ReplayProcfs
from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.process.address_space import read_address_space
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.kernel.source import Source
from mmexplorer.model.capture.moments import Clocks, Moments
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import field, frozen, replace
from mmexplorer.parse.process.smaps import parse_smaps


@frozen
class Capture:
    """A file with many moments."""

    moments: Moments
    remark: Unavailable | None
    """Why it could not be read to its end."""
    _images: dict[tuple[int, bool], Images] = field(default_factory=dict)

    def at(self, index: int) -> Source:
        """Return a source that shows a moment; 0 is the first."""
        procfs = ReplayProcfs(self.moments, index)
        clocks = procfs.clocks()
        taken_at = clocks if isinstance(clocks, Unavailable) else clocks.realtime
        return Source("capture", procfs, ReplayFiles(procfs, self._images), taken_at, reads=_replayed)


def _replayed(procfs: Procfs, files: MappedFiles, pid: int, request: Request) -> AddressSpace | Unavailable:
    """Take regions and counters from one reading of smaps if the moment has one; otherwise use the newest counters."""
    if not isinstance(procfs, ReplayProcfs):
        return read_address_space(procfs, files, pid, request)
    if request.counters and _fresh(procfs.find(f"proc/{pid}/smaps"), procfs.index):
        space = read_address_space(procfs, files, pid, replace(request, counters_now=True))
        return space if isinstance(space, Unavailable) else _with_time(space, procfs.clocks())
    space = read_address_space(procfs, files, pid, replace(request, counters=False, counters_now=False))
    if isinstance(space, Unavailable):
        return space
    thread = space.through_thread or pid
    older = procfs.older_map(str(thread))
    space = replace(space, read_at=older.realtime if older is not None else None)
    return _with_newest_counters(procfs, thread, space) if request.counters else space


def _with_newest_counters(procfs: ReplayProcfs, thread: int, space: AddressSpace) -> AddressSpace:
    name = f"proc/{thread}/smaps"
    found = procfs.find(name)
    answer = found if isinstance(found, Unavailable) else found.answer
    if isinstance(found, Unavailable) or not isinstance(answer, bytes):
        return replace(space, counters=answer) if isinstance(answer, Unavailable) else space
    read_at = procfs.read_at(name, found.place)
    return _with_time(replace(space, counters=Counters(0.0, 0.0, parse_smaps(answer))), read_at)


def _fresh(found: Found | Unavailable, index: int) -> bool:
    return isinstance(found, Found) and isinstance(found.answer, bytes) and found.place.read == index


def _with_time(space: AddressSpace, read_at: Clocks | Unavailable) -> AddressSpace:
    if isinstance(space.counters, Unavailable) or isinstance(read_at, Unavailable):
        return space
    return replace(space, counters=replace(space.counters, taken_at=read_at.monotonic, seconds=0.0))


def counted(source: Source, pid: int) -> Source:
    """Return the last moment, up to that of a capture, at which a process's counters were read."""
    procfs = source.procfs
    if not isinstance(procfs, ReplayProcfs):
        return source
    found = procfs.find(f"proc/{pid}/smaps")
    if isinstance(found, Unavailable) or not isinstance(found.answer, bytes):
        return source
    return Capture(procfs.moments, None).at(found.place.read)
