"""/proc as a source of bytes: what every such source gives, and the live one."""

import io
import os
import pwd
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import TypeVar

from mmexplorer.kernel.errors import process_unavailable, unavailable
from mmexplorer.kernel.held_files import HeldFiles
from mmexplorer.kernel.opened import opened
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.error import ParseError

Value = TypeVar("Value")

_UID = re.compile(rb"^Uid:\t([0-9]{1,10})\t", re.MULTILINE)
"""The real user id is the first of four (`proc_pid_status(5)`)."""
_CHUNK = 1 << 16
"""The kernel gives at most about a page of maps a read (kernel/README.md, "maps"), but whole files of other kinds."""
_LIMIT = 1 << 29
"""Bytes. 700,000 regions' smaps, ten times what `vm.max_map_count` allows by default."""


class Procfs(ABC):
    """The files of /proc, named by their path in it: "meminfo", "123/maps", "123/task/124/stat".

    Everything that reads a process or the machine asks one of these and never opens a file of /proc itself, so that
    another source of the same bytes can stand in the place of the live one.
    """

    known_as = "/proc/"
    """What stands before the name of a file in what is said of it."""
    page_size: int
    """Bytes in a page of the machine whose /proc it is."""
    host: str
    """The name of that machine; "" where it isn't known."""
    kernel: str
    """The release of its kernel; "" where it isn't known."""

    @property
    def live(self) -> "LiveProcfs | None":
        """The machine's own /proc behind this source, for what is no file of text: pagemap. None for a capture."""
        return None

    @abstractmethod
    def read(self, name: str) -> bytes | Unavailable:
        """Read a whole file, all of it from one address space."""

    def head(self, name: str, size: int) -> bytes | Unavailable:
        """Read the first bytes of a file, which may have many more."""
        text = self.read(name)
        return text if isinstance(text, Unavailable) else text[:size]

    def read_again(self, name: str) -> bytes | Unavailable:
        """Read a short file that will be read again soon: a source may keep it open."""
        return self.read(name)

    def keep_open(self, names: Collection[str]) -> None:
        """Close what `read_again` kept open, but for these: nothing, where nothing is kept."""
        del names

    @abstractmethod
    def link(self, name: str) -> str | Unavailable:
        """Return where a symbolic link leads; undecodable bytes as surrogates."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""

    @abstractmethod
    def numbers(self, folder: str = "") -> tuple[int, ...]:
        """Return the entries whose names are numbers, ascending: pids of "", tids of "123/task". None if it is gone."""

    @abstractmethod
    def user(self, pid: int) -> str | Unavailable:
        """Return the name of a process's owner, or the uid in digits where no name is known."""

    def parsed(self, name: str, parse: Callable[[bytes], Value | ParseError]) -> Value | Unavailable:
        """Read a file to its end and give what `parse` makes of it; an error of that is MALFORMED."""
        return self.understood(name, self.read(name), parse)

    def understood(
        self, name: str, text: bytes | Unavailable, parse: Callable[[bytes], Value | ParseError]
    ) -> Value | Unavailable:
        """Return what `parse` makes of the text that was read from `name`."""
        if isinstance(text, Unavailable):
            return text
        value = parse(text)
        if isinstance(value, ParseError):
            return Unavailable(Cause.MALFORMED, f"{self.known_as}{name}: {value.reason}")
        return value


class LiveProcfs(Procfs):
    """The files below `root` as they are now."""

    def __init__(self, root: str = "/proc", limit: int = _LIMIT, known_as: str = Procfs.known_as) -> None:
        """`limit` is the size of the largest file that is read, in bytes."""
        self._root = root
        self._limit = limit
        self.known_as = known_as
        self._held = HeldFiles(root)
        self.longest_read = 0.0
        """Processor time that the longest read(2) took of the smaps that was read last.

        The kernel holds the lock of the process's memory meanwhile, and lets go of it after each read(2).
        """
        self.page_size = os.sysconf("SC_PAGE_SIZE")
        system = os.uname()
        self.host, self.kernel = system.nodename, system.release

    @property
    def live(self) -> "LiveProcfs":
        """This is it."""
        return self

    def path(self, name: str) -> str:
        """Return the path of a file that is to be opened, not read: map_files, pagemap, mem."""
        return f"{self._root}/{name}"

    def read(self, name: str) -> bytes | Unavailable:
        """Read a file to its end: one open, so one address space even if the process runs another program meanwhile."""
        try:
            with opened(self.path(name)) as descriptor:
                return self._read_timed(descriptor) if name.endswith("/smaps") else self._read_to_end(descriptor)
        except OSError as error:
            return _explain(name)(error)

    def head(self, name: str, size: int) -> bytes | Unavailable:
        """Read the first bytes of a file, and no more."""
        try:
            with opened(self.path(name)) as descriptor:
                text = b""
                while len(text) < size and (more := os.read(descriptor, size - len(text))):
                    text += more
                return text
        except OSError as error:
            return _explain(name)(error)

    def read_again(self, name: str) -> bytes | Unavailable:
        """Read a short file through a descriptor that is kept for the next time."""
        try:
            text = self._held.read(f"{self._root}/{name}")
        except OSError as error:
            return _explain(name)(error)
        return self.read(name) if text is None else text

    def keep_open(self, names: Collection[str]) -> None:
        """Close what is kept open, but for these."""
        self._held.keep([f"{self._root}/{name}" for name in names])

    def link(self, name: str) -> str | Unavailable:
        """Read a symbolic link."""
        try:
            return os.readlink(self.path(name))  # noqa: PTH115 - a Path costs more than the call
        except OSError as error:
            return _explain(name)(error)

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""
        return os.path.lexists(self.path(name))

    def numbers(self, folder: str = "") -> tuple[int, ...]:
        """Return the entries whose names are numbers."""
        try:
            names = os.listdir(self.path(folder))  # noqa: PTH208 - a Path for each of 1,000 pids is expensive
        except OSError:
            return ()
        return tuple(sorted(int(name) for name in names if name.isascii() and name.isdigit()))

    def user(self, pid: int) -> str | Unavailable:
        """Return the name that this machine has for the real user id of status."""
        text = self.read(f"{pid}/status")
        if isinstance(text, Unavailable):
            return text
        found = _UID.search(text)
        if found is None:
            return Unavailable(Cause.MALFORMED, f"{self.known_as}{pid}/status: no line says whose it is")
        return _user_name(int(found[1]))

    def _read_to_end(self, descriptor: int, read: Callable[[int, int], bytes] = os.read) -> bytes | Unavailable:
        # Grows in place: a list of pieces would take as much again while it is joined.
        whole = io.BytesIO()
        while chunk := read(descriptor, _CHUNK):
            whole.write(chunk)
            if whole.tell() > self._limit:
                return Unavailable(Cause.UNSUPPORTED, f"larger than {self._limit >> 20} MiB: not read")
        return whole.getvalue()

    def _read_timed(self, descriptor: int) -> bytes | Unavailable:
        self.longest_read = 0.0

        def read(descriptor: int, size: int) -> bytes:
            start = time.thread_time()
            chunk = os.read(descriptor, size)
            self.longest_read = max(self.longest_read, time.thread_time() - start)
            return chunk

        return self._read_to_end(descriptor, read)


@lru_cache(maxsize=1024)
def _user_name(uid: int) -> str:
    """Return the name of a user id, or its digits; asked once, for it may be asked of a server."""
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)


def _explain(name: str) -> Callable[[OSError], Unavailable]:
    return process_unavailable if name[:1].isdigit() else unavailable
