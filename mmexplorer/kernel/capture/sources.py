"""Opens a file given in place of a process (a capture, a core file or a text) as a source."""

import sys
from collections.abc import Sequence

from mmexplorer.kernel.capture.container.archive import Archive, is_container, open_archive
from mmexplorer.kernel.capture.container.zip_format import Random
from mmexplorer.kernel.capture.core.file import is_core, read_core
from mmexplorer.kernel.capture.core.mapped_files import CoreFiles
from mmexplorer.kernel.capture.core.source import CoreMemory, core_procfs
from mmexplorer.kernel.capture.files import Images, ReplayFiles
from mmexplorer.kernel.capture.replay import Found, ReplayProcfs
from mmexplorer.kernel.capture.text_source import NoFiles, text_procfs
from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.elf.reader import Held
from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.process.address_space import read_address_space
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.kernel.remote.opener import open_named
from mmexplorer.kernel.source import Source
from mmexplorer.model.capture.core import Core
from mmexplorer.model.capture.moments import Clocks, Moments
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import field, frozen, replace
from mmexplorer.parse.pasted import Pasted, looks_like_maps, parse_pasted
from mmexplorer.parse.process.smaps import parse_smaps

STDIN = "-"
_WANTED = "a capture, a core file or a text of maps"
_HEAD = 1 << 16
_TEXT_AT_MOST = 1 << 26
_LINES_SHOWN, _LINE_SHOWN = 5, 100


@frozen
class Capture:
    """A file with many moments."""

    moments: Moments
    remark: Unavailable | None
    """Why it could not be read to its end."""
    _images: dict[tuple[bytes, bool], Images] = field(default_factory=dict)

    def at(self, index: int) -> Source:
        """Return a source that shows a moment; 0 is the first."""
        procfs = ReplayProcfs(self.moments, index)
        clocks = procfs.clocks()
        taken_at = clocks if isinstance(clocks, Unavailable) else clocks.realtime
        return Source("capture", procfs, ReplayFiles(procfs, self._images), taken_at, reads=_replayed)


def open_file(path: str) -> Capture | Source | Unavailable:
    """Open a file of any of the three kinds, or standard input for `-`."""
    if path == STDIN:
        data = sys.stdin.buffer.read(_TEXT_AT_MOST + 1)
        return _understood(Held(data), data[:_HEAD])
    opened = open_named(path, _WANTED)
    if isinstance(opened, Unavailable):
        return opened
    try:
        return _understood(opened, opened.read(0, _HEAD))
    except OSError as error:
        return unavailable(error)


def is_source(path: str) -> bool:
    """Return whether there is a file at `path` that can be used in place of a process."""
    opened = open_named(path, _WANTED)
    if isinstance(opened, Unavailable):
        return False
    with opened:
        try:
            head = opened.read(0, _HEAD)
        except OSError:
            return False
    return is_container(head) or is_core(head) or looks_like_maps(head)


def _understood(file: Random, head: bytes) -> Capture | Source | Unavailable:
    if is_container(head):
        archive = open_archive(file)
        return Capture(archive, archive.remark) if isinstance(archive, Archive) else archive
    if is_core(head):
        core = read_core(file)
        return core if isinstance(core, Unavailable) else core_source(core, file)
    return _text(file)


def core_source(core: Core, file: Random) -> Source:
    """Return a source for a core that was read from `file`."""
    when = Unavailable(Cause.UNSUPPORTED, "a core file doesn't say when it was made")
    memory = CoreMemory(core, file)
    return Source("core", core_procfs(core), CoreFiles(memory), when, core=core, memory=memory)


def _text(file: Random) -> Source | Unavailable:
    if file.size > _TEXT_AT_MOST:
        return Unavailable(Cause.MALFORMED, f"not {_WANTED}: larger than {_TEXT_AT_MOST >> 20} MiB")
    if not file.size:
        return Unavailable(Cause.MALFORMED, f"not {_WANTED}: empty", "one in /proc can be given as standard input, -")
    pasted = parse_pasted(file.read(0, file.size))
    if not pasted.processes:
        return Unavailable(Cause.MALFORMED, f"not {_WANTED}: no line of it is one of maps")
    when = Unavailable(Cause.UNSUPPORTED, "a text doesn't say when it was taken")
    return Source("text", text_procfs(pasted), NoFiles(), when, pasted=pasted)


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


def left_out(pasted: Pasted) -> Sequence[str]:
    """Describe how much of a text was recognized, and list the lines that weren't."""
    said = [f"{pasted.understood:,} lines understood; processes: {len(pasted.processes)}"]
    if pasted.left_out_count:
        said.append(f"{pasted.left_out_count:,} lines left out:")
        said += [f"{each.number}: {each.text[:_LINE_SHOWN]}" for each in pasted.left_out[:_LINES_SHOWN]]
    return said
