"""Tar: the format sent by `mmexplorer collect`, also used to put a moment's many small files into one capture entry.

Doesn't use `tarfile`, which keeps headers of any length that a hostile file declares. The format is POSIX's ustar with
GNU's long names; extended headers are skipped.
"""

from collections.abc import Iterator, Mapping

from mmexplorer.kernel.capture.container.zip_format import Random
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

_BLOCK = 512
_LONGEST_NAME = 4096
_MAGIC_AT = 257
_SHORT_NAME = 100


class TarEntry(NamedTuple):
    """A file in the tar."""

    name: str
    offset: int
    """Where its data starts."""
    size: int


def is_tar(head: bytes) -> bool:
    """Return whether a file that starts like this is a tar."""
    return head[_MAGIC_AT : _MAGIC_AT + 5] == b"ustar"


def scan_tar(file: Random, most: int) -> Iterator[TarEntry | Unavailable]:
    """Iterate over the regular files that are complete; the last item may be a sentence. Raises OSError."""
    at = 0
    long_name = ""
    for _ in range(most):
        head = file.read(at, _BLOCK)
        if len(head) < _BLOCK or not head.strip(b"\0"):
            return
        size = _octal(head[124:136])
        if not is_tar(head) or size is None or not _checks(head):
            yield Unavailable(Cause.MALFORMED, f"after {at:,} bytes no entry begins")
            return
        kind = head[156:157]
        data = at + _BLOCK
        if data + size > file.size:
            yield Unavailable(Cause.MALFORMED, f"it ends in the middle of an entry, after {file.size:,} bytes")
            return
        if kind == b"L":
            long_name = _text(file.read(data, min(size, _LONGEST_NAME)))
        elif kind in (b"0", b"\0"):
            yield TarEntry(long_name or _name(head), data, size)
            long_name = ""
        at = data + -(-size // _BLOCK) * _BLOCK
    yield Unavailable(Cause.MALFORMED, f"more than {most:,} entries: the rest is not read")


def make_tar(files: Mapping[str, bytes]) -> bytes:
    """Make a tar of the files, readable by their owner only."""
    return b"".join(_member(name, content) for name, content in files.items()) + bytes(2 * _BLOCK)


def _member(name: str, content: bytes) -> bytes:
    encoded = name.encode("utf-8", "surrogateescape")
    before = b""
    if len(encoded) > _SHORT_NAME:
        before = _head(b"././@LongLink", len(encoded) + 1, b"L") + _padded(encoded + b"\0")
    return before + _head(encoded[:_SHORT_NAME], len(content), b"0") + _padded(content)


def _head(name: bytes, size: int, kind: bytes) -> bytes:
    fields = name.ljust(100, b"\0") + b"0000600\0" + b"0000000\0" * 2 + b"%011o\0" % size + b"00000000000\0"
    rest = kind + bytes(100) + b"ustar\x0000" + bytes(64) + b"0000000\0" * 2
    blank = (fields + b" " * 8 + rest).ljust(_BLOCK, b"\0")
    return blank[:148] + b"%06o\0 " % sum(blank) + blank[156:]


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % _BLOCK)


def _checks(head: bytes) -> bool:
    return _octal(head[148:156]) == sum(head[:148]) + 8 * 0x20 + sum(head[156:])


def _octal(field: bytes) -> int | None:
    digits = field.strip(b"\0 ")
    if not digits.isdigit():
        return None
    try:
        return int(digits, 8)
    except ValueError:  # an 8 or a 9
        return None


def _name(head: bytes) -> str:
    name, prefix = _text(head[:_SHORT_NAME]), _text(head[345:500])
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")
