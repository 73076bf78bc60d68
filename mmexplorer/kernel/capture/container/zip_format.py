"""The container of a capture: a zip read by its local headers, so that it needs no directory at the end.

Other zip readers look for the directory at the end. A recorder that was killed never wrote one, so we go from one local
header to the next instead: they always contain sizes, because each entry is compressed before it is written. The format
is PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16.
"""

import struct
import time
import zlib
from collections.abc import Iterator, Sequence

from mmexplorer.kernel.capture.deflate import deflated
from mmexplorer.model.typed import Protocol
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

LOCAL_MAGIC = b"PK\x03\x04"
LARGEST_FILE = (1 << 32) - (1 << 20)
"""Bytes. Offsets have 32 bits; anything larger would need the format's 64-bit fields and take many gigabytes to read.
"""

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")
_MANY = 0xFFFF
_STORED, _DEFLATED = 0, 8
_UTF8 = 0x800
_VERSION = 20
_VERSION_64 = 45
_MADE_ON_UNIX = 3 << 8
_OWNER_ONLY = 0o100600 << 16
_LONGEST_NAME = 4096
_WINDOW = 1 << 16
"""How many bytes are read at once while going from header to header."""
_LEVEL = 6


class Random(Protocol):
    """Bytes that can be read at any offset."""

    @property
    def size(self) -> int:
        """The total number of bytes."""
        ...

    def read(self, offset: int, size: int) -> bytes:
        """Read up to `size` bytes; fewer at the end. Raises OSError."""
        ...


class Packed(NamedTuple):
    """A file ready to be written: deflated if that makes it smaller."""

    name: str
    method: int
    crc: int
    size: int
    """Bytes before deflating."""
    data: bytes


class Entry(NamedTuple):
    """A file in the container."""

    name: str
    method: int
    crc: int
    offset: int
    """Where its data starts."""
    packed: int
    """Bytes in the container."""
    size: int
    """Its declared uncompressed size."""


def pack(name: str, content: bytes) -> Packed:
    """Deflate a file."""
    data = deflated(content, _LEVEL, raw=True)
    method = _DEFLATED if len(data) < len(content) else _STORED
    return Packed(name, method, zlib.crc32(content), len(content), data if method else content)


def unpack(packed: bytes, entry: Entry | Packed, limit: int) -> bytes | Unavailable:
    """Inflate an entry's bytes, never to more than `limit` bytes, whatever size it declares."""
    if entry.size > limit:
        return _damaged(f"{entry.name} would be larger than {limit >> 10:,} KiB: not read")
    content = packed
    if entry.method == _DEFLATED:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflate.decompress(packed, entry.size + 1)
        except zlib.error:
            return _damaged(f"{entry.name} is damaged: it can't be inflated")
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        return _damaged(f"{entry.name} is damaged: it is not what its checksum says")
    return content


def local_record(packed: Packed) -> bytes:
    """Write an entry: its header and its data."""
    name = packed.name.encode("utf-8", "surrogateescape")
    head = _LOCAL.pack(
        LOCAL_MAGIC, _VERSION, _UTF8, packed.method, *_dos_time(), packed.crc, len(packed.data), packed.size,
        len(name), 0,
    )  # fmt: skip
    return head + name + packed.data


def directory_record(packed: Packed, offset: int) -> bytes:
    """Write the directory's record of the entry whose header is at `offset`."""
    name = packed.name.encode("utf-8", "surrogateescape")
    head = _CENTRAL.pack(
        b"PK\x01\x02", _MADE_ON_UNIX | _VERSION, _VERSION, _UTF8, packed.method, *_dos_time(), packed.crc,
        len(packed.data), packed.size, len(name), 0, 0, 0, 0, _OWNER_ONLY, offset,
    )  # fmt: skip
    return head + name


def directory(records: Sequence[bytes], offset: int) -> bytes:
    """Write the directory, which starts at `offset`, and the end of the file."""
    body = b"".join(records)
    count = len(records)
    ending = b""
    if count >= _MANY:
        after = offset + len(body)
        ending = _END64.pack(
            b"PK\x06\x06", _END64.size - 12, _VERSION_64, _VERSION_64, 0, 0, count, count, len(body), offset
        ) + _LOCATOR.pack(b"PK\x06\x07", 0, after, 1)
    shown = min(count, _MANY)
    return body + ending + _END.pack(b"PK\x05\x06", 0, 0, shown, shown, len(body), offset, 0)


def directory_size(records_size: int) -> int:
    """Return the largest possible size of `directory` for records of that size."""
    return records_size + _END64.size + _LOCATOR.size + _END.size


def scan(file: Random, most: int) -> Iterator[Entry | Unavailable]:
    """Iterate over the complete entries; the last item may be a sentence that says why it stopped there.

    At most `most` entries. Raises OSError.
    """
    at = 0
    window = _Window(file)
    for _ in range(most):
        head = window.read(at, _LOCAL.size)
        if len(head) < _LOCAL.size or head[:4] != LOCAL_MAGIC:
            if head[:2] != b"PK" and head:
                yield _damaged(f"after {at:,} bytes no entry begins")
            return
        entry = _entry(window, at, head)
        yield entry
        if isinstance(entry, Unavailable):
            return
        at = entry.offset + entry.packed
    yield _damaged(f"more than {most:,} entries: the rest is not read")


def _entry(window: "_Window", at: int, head: bytes) -> Entry | Unavailable:
    _, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(head)
    if flags & 0x9 or method not in (_STORED, _DEFLATED) or not 0 < name_size <= _LONGEST_NAME:
        return _damaged(f"after {at:,} bytes stands an entry that no recorder wrote")
    name = window.read(at + _LOCAL.size, name_size)
    offset = at + _LOCAL.size + name_size + extra_size
    if offset + packed > window.size:
        return _damaged(f"it ends in the middle of an entry, after {window.size:,} bytes")
    return Entry(name.decode("utf-8", "surrogateescape"), method, crc, offset, packed, size)


class _Window:
    """Reads small pieces through a large buffer."""

    def __init__(self, file: Random) -> None:
        self._file = file
        self.size = file.size
        self._start = 0
        self._bytes = b""

    def read(self, offset: int, size: int) -> bytes:
        if not self._start <= offset <= offset + size <= self._start + len(self._bytes):
            self._start, self._bytes = offset, self._file.read(offset, _WINDOW)
        at = offset - self._start
        return self._bytes[at : at + size]


def _damaged(reason: str) -> Unavailable:
    return Unavailable(Cause.MALFORMED, reason)


def _dos_time() -> tuple[int, int]:
    now = time.localtime()
    return now.tm_hour << 11 | now.tm_min << 5 | now.tm_sec // 2, (
        now.tm_year - 1980
    ) << 9 | now.tm_mon << 5 | now.tm_mday
