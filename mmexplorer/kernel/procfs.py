"""/proc as a source of bytes: the interface of all such sources, and the live one."""

import io
import os
import pwd
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache

from mmexplorer.kernel.errors import process_unavailable, unavailable
from mmexplorer.kernel.held_files import HeldFiles
from mmexplorer.kernel.opened import opened
from mmexplorer.model.typed import TypeVar
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.error import ParseError

Value = TypeVar("Value")

_UID = rb"(?m)^Uid:\t([0-9]{1,10})\t"
"""The real user id is the first of four (`proc_pid_status(5)`)."""
_CHUNK = 1 << 14
"""The kernel returns at most about a page of maps per read (kernel/README.md, "maps"), but short files completely.

For each read Python allocates as much: malloc(3) may get 64 KiB from the kernel, and give them back, each time.
"""
_LIMIT = 1 << 29
"""Bytes. The smaps of 700,000 regions, ten times the default of `vm.max_map_count`."""


class Procfs(ABC):
    """The files of /proc, named by their path in it: "meminfo", "123/maps", "123/task/124/stat".

    Everything that reads a process or the machine uses one of these and never opens a file of /proc itself, so that
    another source of the same bytes can replace the live one.
    """

    known_as = "/proc/"
    """Prefix for file names in messages."""
    page_size: int
    """The page size in bytes of the machine /proc belongs to."""
    host: str
    """The name of that machine; "" if unknown."""
    kernel: str
    """The release of its kernel; "" if unknown."""

    @property
    def live(self) -> "LiveProcfs | None":
        """The live /proc behind this source, for files that aren't text, such as pagemap. None for a capture."""
        return None

    @abstractmethod
    def read(self, name: str) -> bytes | Unavailable:
        """Read a complete file, all of it from one address space."""

    def head(self, name: str, size: int) -> bytes | Unavailable:
        """Read the first bytes of a file that may be much longer."""
        text = self.read(name)
        return text if isinstance(text, Unavailable) else text[:size]

    def reread(self, name: str, known: bytes) -> bytes | Unavailable:
        """Read a complete file whose last text is `known`; the same object if it is unchanged."""
        text = self.read(name)
        return known if text == known else text

    def read_again(self, known: Mapping[str, bytes | Unavailable]) -> dict[str, bytes | Unavailable]:
        """Read short files of which `known` has the last text; an unchanged one is the same object.

        A source may keep them open for the next time.
        """
        return {name: before if before == (now := self.read(name)) else now for name, before in known.items()}

    def keep_open(self, names: Collection[str]) -> None:
        """Close files kept open by `read_again`, except these; do nothing if none are."""
        del names

    @abstractmethod
    def link(self, name: str) -> str | Unavailable:
        """Return the target of a symbolic link; undecodable bytes as surrogates."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Return whether the file exists."""

    @abstractmethod
    def numbers(self, folder: str = "") -> tuple[int, ...]:
        """Return the entries that are numbers, ascending: pids in "", tids in "123/task". Empty if it is gone."""

    @abstractmethod
    def user(self, pid: int) -> str | Unavailable:
        """Return the name of a process's owner, or the uid in digits if it has no name."""

    def named_again(self, pids: Collection[int]) -> Iterable[int]:
        """Return those of `pids` that may have another owner or command line than at the last call, in a capture."""
        del pids
        return ()

    def parsed(self, name: str, parse: Callable[[bytes], Value | ParseError]) -> Value | Unavailable:
        """Read a complete file and parse it with `parse`; a ParseError becomes MALFORMED."""
        return self.understood(name, self.read(name), parse)

    def understood(
        self, name: str, text: bytes | Unavailable, parse: Callable[[bytes], Value | ParseError]
    ) -> Value | Unavailable:
        """Parse the text that was read from `name`."""
        if isinstance(text, Unavailable):
            return text
        value = parse(text)
        if isinstance(value, ParseError):
            return Unavailable(Cause.MALFORMED, f"{self.known_as}{name}: {value.reason}")
        return value


class LiveProcfs(Procfs):
    """The files below `root` as they are now."""

    def __init__(self, root: str = "/proc", limit: int = _LIMIT, known_as: str = Procfs.known_as) -> None:
        """`limit` is the size in bytes of the largest file that will be read."""
        self._root = root
        self._limit = limit
        self.known_as = known_as
        self._held = HeldFiles(root)
        self.longest_read = 0.0
        """Processor time of the longest read(2) when smaps was last read.

        The kernel holds the process's mmap lock during each read(2) and releases it afterwards.
        """
        self.page_size = os.sysconf("SC_PAGE_SIZE")
        system = os.uname()
        self.host, self.kernel = system.nodename, system.release

    @property
    def live(self) -> "LiveProcfs":
        """Itself."""
        return self

    def path(self, name: str) -> str:
        """Return the path of a file to open rather than read: map_files, pagemap, mem."""
        return f"{self._root}/{name}"

    def read(self, name: str) -> bytes | Unavailable:
        """Read a complete file: opened once, so from one address space, even if the process calls execve(2)."""
        try:
            with opened(self.path(name)) as descriptor:
                return self._read_timed(descriptor) if name.endswith("/smaps") else self._read_to_end(descriptor)
        except OSError as error:
            return _explain(name)(error)

    def reread(self, name: str, known: bytes) -> bytes | Unavailable:
        """Read a complete file, without copying what hasn't changed since `known` was read."""
        try:
            with opened(self.path(name)) as descriptor:
                return self._read_to_end(descriptor, known=known)
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

    def read_again(self, known: Mapping[str, bytes | Unavailable]) -> dict[str, bytes | Unavailable]:
        """Read short files through descriptors that are kept for the next time."""
        texts: dict[str, bytes | Unavailable] = {}
        read = self._held.read
        for name, before in known.items():
            try:
                text: bytes | Unavailable | None = read(name)
            except OSError as error:
                text = _explain(name)(error)
            if text is None:
                text = self.read(name)
            texts[name] = before if text == before else text
        return texts

    def keep_open(self, names: Collection[str]) -> None:
        """Close all files kept open, except these."""
        self._held.keep(names)

    def link(self, name: str) -> str | Unavailable:
        """Read a symbolic link."""
        try:
            return os.readlink(self.path(name))  # noqa: PTH115 - a Path costs more than the call
        except OSError as error:
            return _explain(name)(error)

    def exists(self, name: str) -> bool:
        """Return whether the file exists."""
        return os.path.lexists(self.path(name))

    def numbers(self, folder: str = "") -> tuple[int, ...]:
        """Return the entries whose names are numbers."""
        try:
            names = os.listdir(self.path(folder))  # noqa: PTH208 - a Path for each of 1,000 pids is expensive
        except OSError:
            return ()
        return tuple(sorted(int(name) for name in names if name.isascii() and name.isdigit()))

    def user(self, pid: int) -> str | Unavailable:
        """Return this machine's name for the real user id in status."""
        text = self.read(f"{pid}/status")
        if isinstance(text, Unavailable):
            return text
        found = re.search(_UID, text)
        if found is None:
            return Unavailable(Cause.MALFORMED, f"{self.known_as}{pid}/status: no line says whose it is")
        return _user_name(int(found[1]))

    def _read_to_end(self, descriptor: int, known: bytes = b"") -> bytes | Unavailable:
        same = 0
        while (chunk := os.read(descriptor, _CHUNK)) and known.startswith(chunk, same):
            same += len(chunk)
        if not chunk and same == len(known):
            return known
        # Grows in place: joining a list of pieces would need twice the memory.
        whole = io.BytesIO()
        whole.write(known[:same])
        while chunk:
            whole.write(chunk)
            if whole.tell() > self._limit:
                return self._too_large()
            chunk = os.read(descriptor, _CHUNK)
        return whole.getvalue()

    def _read_timed(self, descriptor: int) -> bytes | Unavailable:
        self.longest_read = 0.0
        whole, longest, before = io.BytesIO(), 0.0, time.thread_time()
        while whole.write(os.read(descriptor, _CHUNK)):
            now = time.thread_time()
            # What else is done between two reads is negligible, unlike another call of the clock.
            self.longest_read = longest = max(longest, now - before)
            before = now
            if whole.tell() > self._limit:
                return self._too_large()
        return whole.getvalue()

    def _too_large(self) -> Unavailable:
        return Unavailable(Cause.UNSUPPORTED, f"larger than {self._limit >> 20} MiB: not read")


@lru_cache(maxsize=1024)
def _user_name(uid: int) -> str:
    """Return the name of a user id, or its digits; cached, since the lookup may go to a server."""
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)


def _explain(name: str) -> Callable[[OSError], Unavailable]:
    return process_unavailable if name[:1].isdigit() else unavailable
