"""Raw reads below /proc, or below a copy of it: bytes, or why there are none."""

import os
from collections.abc import Callable
from typing import TypeVar

from mmexplorer.kernel.errors import process_unavailable, unavailable
from mmexplorer.kernel.files import opened
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.error import ParseError

Value = TypeVar("Value")

_CHUNK = 1 << 16
"""The kernel hands out at most about a page of maps a read, but whole files of other kinds (kernel.md 1)."""
_LIMIT = 1 << 29
"""Bytes. 700,000 regions' smaps, ten times what `vm.max_map_count` allows by default."""


class Procfs:
    """Files below `root`, named by their path relative to it: "meminfo", "123/maps", "123/task/124/stat"."""

    def __init__(self, root: str = "/proc", limit: int = _LIMIT, known_as: str = "/proc/") -> None:
        """`known_as` stands before the names of files in what is said of them, wherever `root` really is."""
        self.root = root
        self._limit = limit
        self._known_as = known_as

    def read(self, name: str) -> bytes | Unavailable:
        """Read a file to its end: one open, so one address space even if the process runs another program meanwhile."""
        try:
            with opened(f"{self.root}/{name}") as descriptor:
                return self._read_to_end(descriptor)
        except OSError as error:
            return _explain(name)(error)

    def parsed(self, name: str, parse: Callable[[bytes], Value | ParseError]) -> Value | Unavailable:
        """Read a file to its end and give what `parse` makes of it; an error of that is MALFORMED."""
        return self.understood(name, self.read(name), parse)

    def understood(
        self, name: str, text: bytes | Unavailable, parse: Callable[[bytes], Value | ParseError]
    ) -> Value | Unavailable:
        """Give what `parse` makes of the text that was read from `name`."""
        if isinstance(text, Unavailable):
            return text
        value = parse(text)
        if isinstance(value, ParseError):
            return Unavailable(Cause.MALFORMED, f"{self._known_as}{name}: {value.reason}")
        return value

    def link(self, name: str) -> str | Unavailable:
        """Read a symbolic link; undecodable bytes as surrogates."""
        try:
            return os.readlink(f"{self.root}/{name}")  # noqa: PTH115 - a Path costs more than the call
        except OSError as error:
            return _explain(name)(error)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return os.path.lexists(f"{self.root}/{name}")

    def numbers(self, folder: str = "") -> tuple[int, ...]:
        """Give the entries whose names are numbers, ascending: pids of "", tids of "123/task". None if it is gone."""
        try:
            names = os.listdir(f"{self.root}/{folder}")  # noqa: PTH208 - a Path for each of 1,000 pids is dear
        except OSError:
            return ()
        return tuple(sorted(int(name) for name in names if name.isascii() and name.isdigit()))

    def _read_to_end(self, descriptor: int) -> bytes | Unavailable:
        chunk = os.read(descriptor, _CHUNK)
        chunks = []
        size = 0
        while chunk:
            chunks.append(chunk)
            size += len(chunk)
            if size > self._limit:
                return Unavailable(Cause.UNSUPPORTED, f"larger than {self._limit >> 20} MiB: not read")
            chunk = os.read(descriptor, _CHUNK)
        return b"".join(chunks)


def _explain(name: str) -> Callable[[OSError], Unavailable]:
    return process_unavailable if name[:1].isdigit() else unavailable
