"""The parts of a file kept in a capture: the bytes that were read (headers and names), and where they were."""

import json
from bisect import bisect_right
from collections.abc import Iterator

from mmexplorer.kernel.elf.reader import Content, Wanted
from mmexplorer.model.typed import Any
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

_PARTS_AT_MOST = 1 << 12
_JOINED = 64
"""Gaps up to this many bytes are filled rather than starting a new part."""
_BROKEN = Unavailable(Cause.MALFORMED, "what the capture keeps of this file is damaged")


class FileParts:
    """A file of which only some bytes are available: reading ends early at missing ones."""

    def __init__(
        self, wanted: Wanted, size: int, parts: list[tuple[int, bytes]], headers: tuple[int, ...] = ()
    ) -> None:
        self.wanted = wanted
        """How the file was found."""
        self.size = size
        """Of the complete file."""
        self.headers = headers
        """Where in it the ELF headers are."""
        self._parts = sorted(parts)

    def read(self, offset: int, size: int) -> bytes:
        """Read up to `size` bytes, fewer if the file or the part ends first."""
        index = bisect_right(self._parts, offset, key=lambda part: part[0]) - 1
        if index < 0:
            return b""
        start, data = self._parts[index]
        return data[offset - start : offset - start + size]

    def packed(self) -> bytes:
        """Serialize to a line of JSON and the bytes."""
        head = {
            "path": self.wanted.path,
            "via": self.wanted.opened_via,
            "size": self.size,
            "headers": self.headers,
            "parts": [[start, len(data)] for start, data in self._parts],
        }
        return json.dumps(head).encode() + b"\n" + b"".join(data for _, data in self._parts)


def unpacked(data: bytes) -> FileParts | Unavailable:
    """Parse the result of `packed`."""
    line, _, body = data.partition(b"\n")
    try:
        head = json.loads(line)
        wanted = Wanted(_text(head["path"]), _text(head["via"]))
        headers = tuple(_number(each) for each in head["headers"])
        parts = list(_cut(head["parts"], body))
        return FileParts(wanted, _number(head["size"]), parts, headers)
    except (ValueError, TypeError, KeyError, RecursionError):
        return _BROKEN


class Remembering:
    """Reads a file and remembers what was read."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._read: list[tuple[int, bytes]] = []

    @property
    def size(self) -> int:
        """Size of the complete file in bytes."""
        return self._content.size

    def read(self, offset: int, size: int) -> bytes:
        """Read up to `size` bytes. Raises OSError."""
        data = self._content.read(offset, size)
        self._read.append((offset, data))
        return data

    def parts(self) -> list[tuple[int, bytes]]:
        """Return the parts that were read, ascending and without overlaps."""
        joined: list[tuple[int, bytes]] = []
        for offset, data in sorted(self._read):
            start, before = joined[-1] if joined else (0, b"")
            end = start + len(before)
            if joined and offset <= end + _JOINED:
                between = self._content.read(end, offset - end) if offset > end else b""
                joined[-1] = (start, before + between + data[max(0, end - offset) :])
            elif data:
                joined.append((offset, data))
        return joined


class _Part(NamedTuple):
    start: int
    size: int


def _cut(parts: Any, body: bytes) -> Iterator[tuple[int, bytes]]:
    if len(parts) > _PARTS_AT_MOST:
        raise ValueError
    at = 0
    for start, size in parts:
        part = _Part(_number(start), _number(size))
        yield part.start, body[at : at + part.size]
        at += part.size


def _number(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
