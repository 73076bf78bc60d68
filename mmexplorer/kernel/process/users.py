"""Finds who maps a file or holds it open, by examining all processes in turn."""

import os
import re
from collections.abc import Iterator

from mmexplorer.kernel.errors import process_unavailable
from mmexplorer.kernel.file_identity import identifier
from mmexplorer.kernel.opened import opened
from mmexplorer.kernel.process.table import command_only, read_name
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.used_file import Asked
from mmexplorer.model.process.process import Process
from mmexplorer.model.process.users import Share, Unseen, Use, UsedFile, Users
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

_NOT_MAPPED = Unavailable(Cause.NOT_READ, "held open only: nothing of it is mapped")
SHARES_AT_MOST = 100
"""How many processes' smaps are read, unless all are requested: it costs six times as much as the rest."""
_ENOUGH = Unavailable(
    Cause.NOT_READ, f"not read: smaps is read of the first {SHARES_AT_MOST} that map the file", "--pss reads it of all"
)
_SHARES = re.compile(rb"^(Rss|Pss): +(\d+) kB$", re.MULTILINE)
_HEADER = re.compile(rb"^[0-9a-f]+-[0-9a-f]+ ", re.MULTILINE)
_KILOBYTE = 1024


class _Mapping(NamedTuple):
    """The parts of a line of maps used here; ten thousand are read for 2,000 processes."""

    start: int
    size: int
    shared_writable: bool


class _Memory(NamedTuple):
    """What maps shows about the file."""

    memory_pid: int
    regions: tuple[_Mapping, ...]


class UserSearch:
    """A search for the users of one file."""

    def __init__(self, procfs: LiveProcfs, file: UsedFile, *, all_shares: bool = False) -> None:
        """`all_shares`: read smaps of every process that maps the file, however many there are."""
        self._shares_left = None if all_shares else SHARES_AT_MOST
        self._procfs = procfs
        self._file = file
        self._file_fields = [file.mapped.dev.encode(), str(file.mapped.inode).encode()]
        self._needle = b" %b %b " % tuple(self._file_fields)
        self._identify = identifier()
        self._owner_of = command_only(procfs)
        self.looked_at = 0
        """How many processes were examined, without kernel threads."""

    def step(self, pid: int) -> Iterator[Use | Unseen]:
        """Examine one process: whether it uses the file, and what could not be read."""
        memory, descriptors = self._mapped(pid), self._held(pid)
        if memory == _Memory(pid, ()) and descriptors == ():
            self.looked_at += 1
            return
        gone = [each.cause is Cause.GONE for each in (memory, descriptors) if isinstance(each, Unavailable)]
        process = None if any(gone) else read_name(self._procfs, pid, self._owner_of)
        if not isinstance(process, Process) or process.kernel_thread:
            return
        self.looked_at += 1
        name = process.name
        if isinstance(memory, Unavailable):
            yield Unseen(pid, name, "maps", memory)
            memory = _Memory(pid, ())
        if isinstance(descriptors, Unavailable):
            yield Unseen(pid, name, "descriptors", descriptors)
            descriptors = ()
        if memory.regions or descriptors:
            yield self._use(process, memory, descriptors)

    def _use(self, process: Process, memory: _Memory, descriptors: tuple[int, ...]) -> Use:
        regions = memory.regions
        return Use(
            process,
            len(regions),
            sum(region.size for region in regions),
            any(region.shared_writable for region in regions),
            self._share_if_due(memory.memory_pid) if regions else _NOT_MAPPED,
            descriptors,
            regions[0].start if regions else None,
        )

    def _mapped(self, pid: int) -> _Memory | Unavailable:
        """Find the regions that map it; if the main thread has exited, read them through another."""
        text = self._procfs.read(f"{pid}/maps")
        if isinstance(text, Unavailable):
            return text
        if text:
            return _Memory(pid, tuple(self._regions(text)))
        for tid in self._procfs.numbers(f"{pid}/task")[1:]:
            text = self._procfs.read(f"{tid}/maps")
            if text and not isinstance(text, Unavailable):
                return _Memory(tid, tuple(self._regions(text)))
        return _Memory(pid, ())

    def _regions(self, text: bytes) -> Iterator[_Mapping]:
        """Parse only lines that contain the device and inode."""
        at = text.find(self._needle)
        while at >= 0:
            mapping = self._mapping(text, at)
            if mapping is not None:
                yield mapping
            end = text.find(b"\n", at)
            at = text.find(self._needle, end) if end >= 0 else -1

    def _mapping(self, text: bytes, at: int) -> _Mapping | None:
        """Parse the fields before device and inode in the line around `at`; None if a name has the same digits."""
        addresses, *rest = text[text.rfind(b"\n", 0, at) + 1 : at + len(self._needle)].split()
        if rest[2:] != self._file_fields:
            return None
        start, _, end = addresses.partition(b"-")
        first, perms = int(start, 16), rest[0]
        return _Mapping(first, int(end, 16) - first, perms[1:2] == b"w" and perms[3:4] == b"s")

    def _share_if_due(self, pid: int) -> Share | Unavailable:
        if self._shares_left is None:
            return self._share(pid)
        if not self._shares_left:
            return _ENOUGH
        self._shares_left -= 1
        return self._share(pid)

    def _share(self, pid: int) -> Share | Unavailable:
        """Add up Rss and Pss of those regions in one reading of smaps."""
        text = self._procfs.read(f"{pid}/smaps")
        if isinstance(text, Unavailable):
            return text
        sums = {b"Rss": 0, b"Pss": 0}
        seen = False
        for record in self._records(text):
            seen = True
            for name, count in _SHARES.findall(record):
                sums[name] += int(count) * _KILOBYTE
        if not seen:
            return Unavailable(Cause.GONE, "not mapped any more when smaps was read")
        return Share(sums[b"Rss"], sums[b"Pss"])

    def _records(self, text: bytes) -> Iterator[bytes]:
        at = text.find(self._needle)
        while at >= 0:
            start = text.rfind(b"\n", 0, at) + 1
            following = _HEADER.search(text, text.find(b"\n", at))
            end = following.start() if following else len(text)
            if self._mapping(text, at) is not None:
                yield text[start:end]
            at = text.find(self._needle, end)

    def _held(self, pid: int) -> tuple[int, ...] | Unavailable:
        """Find the descriptors that refer to it."""
        wanted, identify = self._file.opened, self._identify
        try:
            with opened(self._procfs.path(f"{pid}/fd"), os.O_RDONLY | os.O_DIRECTORY) as folder:
                names = os.listdir(folder)  # noqa: PTH208 - a Path has no descriptor
                return tuple(sorted(int(name) for name in names if identify(folder, name.encode()) == wanted))
        except OSError as error:
            return process_unavailable(error)


def find_users(procfs: LiveProcfs, asked: Asked, *, all_shares: bool = False) -> Users:
    """Examine all processes."""
    search = UserSearch(procfs, asked.file, all_shares=all_shares)
    found = [each for pid in procfs.numbers() for each in search.step(pid)]
    uses = tuple(each for each in found if isinstance(each, Use))
    unseen = tuple(each for each in found if isinstance(each, Unseen))
    return Users(asked.file, asked.cached, uses, search.looked_at, unseen)
