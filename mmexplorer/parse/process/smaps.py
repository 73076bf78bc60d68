"""/proc/PID/smaps and smaps_rollup: `proc_pid_smaps(5)`.

What the kernel writes is cut into its records by one pattern, many at a time; any other text is searched for the
beginnings of records. Equal records (the majority, if there are thousands) are parsed once, also if the reading before
had them. With 65,000 regions this takes a third of the time of reading.
"""

import io
import re
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, repeat

from mmexplorer.model.region import Usage
from mmexplorer.model.usages import Columns, Usages
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.process.smaps_record import RecordReader

_HEADER = rb"([0-9a-f]{1,16}-[0-9a-f]{1,16} [^\n]*)(?=\n)"
r"""No other line starts with a lower-case hexadecimal digit, and the kernel writes newlines in names as `\012`."""
_FLAGS = b"VmFlags:"
_BLOCK = 1 << 18
"""Bytes of which the records are in memory as objects at the same time."""

Bodies = Mapping[int, Usage]
"""The counters of each distinct record of a reading, by the hash of the record, for the next reading.

Hashes, since 65,000 distinct records take 45 MB. Their key differs in each run, so that no collision can be forged.
"""


class Smaps(NamedTuple):
    """A reading."""

    usages: Usages
    headers: bytes
    """The lines that are lines of maps, for `parse_maps`: regions and counters from one reading."""
    bodies: Bodies


def parse_smaps(data: bytes) -> Usages:
    """Return the counters of each region. Lines outside records and a truncated last line are left out."""
    return read_smaps(data).usages


def read_smaps(data: bytes, before: Bodies | None = None) -> Smaps:
    """Parse a reading; counters that are equal to those of the reading before are the same objects."""
    before = before or {}
    return _whole_records(data, before) or _any_records(data, before)


def parse_rollup(data: bytes) -> Usage:
    """Read smaps_rollup: the sums over the complete process. No fields if it is empty, as for a kernel thread."""
    return RecordReader().read(next((body for _, body in _records(data)), b""))


def header_lines(data: bytes) -> bytes:
    """Return the lines of smaps that are lines of maps, without their counters."""
    lines = io.BytesIO()  # unlike join, never holds all lines as objects, next to a text of 45 MB
    lines.writelines(found[1] + b"\n" for found in _headers(data))
    return lines.getvalue()


def _whole_records(data: bytes, before: Bodies) -> Smaps | None:
    """Parse a text of nothing but records as the kernel writes them; return None if it isn't one."""
    reader = _BodyReader(before)
    starts, ends, usages, headers = array("Q"), array("Q"), list[Usage](), io.BytesIO()
    record, size = _record(data), 0
    for first, last in _blocks(data):
        lines, from_, to, bodies = zip(*record.findall(data, first, last) or [(b"",) * 4], strict=True)
        headers.writelines(lines)
        size += sum(map(len, bodies))
        usages.extend(map(reader.__getitem__, bodies))
        if headers.tell() + size != last or any(b"-" in body for body in reader):
            return None
        reader.clear()
        starts.extend(_addresses(from_))
        ends.extend(_addresses(to))
    return Smaps(Usages(Columns(starts, ends, usages)), headers.getvalue(), reader.by_hash)


def _addresses(texts: Sequence[bytes]) -> "array[int]":
    """Parse hexadecimal numbers of up to 16 digits, all at once, which takes half as long as one by one."""
    digits = b"".join(map(bytes.zfill, texts, repeat(16)))
    addresses = array("Q", bytes.fromhex(digits.decode()))
    if sys.byteorder == "little":
        addresses.byteswap()
    return addresses


def _record(data: bytes) -> re.Pattern[bytes]:
    """Return a pattern for the records of a kernel: they end with their flags, as many bytes after their header."""
    return _record_pattern(max(0, data.find(b"\n" + _FLAGS) - data.find(b"\n")))


@lru_cache(8)
def _record_pattern(width: int) -> re.Pattern[bytes]:
    """Return a pattern that is fast for records with so many bytes before their flags: all, since numbers are padded.

    No line but a header has a hyphen, and none but the flags has a V.
    """
    header = rb"(([0-9a-f]{1,16})-([0-9a-f]{1,16}) [^\n]*\n)"
    return re.compile(header + rb"((?:(?s:.{%d})|[^-V]*)VmFlags:[^\n]*\n)" % width)


def _blocks(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where blocks of complete records begin and end; the last one has what is left."""
    end = 0
    while end < len(data):
        start = end
        flags = data.rfind(b"\n" + _FLAGS, start, start + _BLOCK)
        end = (data.find(b"\n", flags + 1) + 1 if flags >= 0 else 0) or len(data)
        yield start, end


def _any_records(data: bytes, before: Bodies) -> Smaps:
    reader = _BodyReader(before)
    usages = Usages((*_range(header), reader[body]) for header, body in _records(data))
    return Smaps(usages, header_lines(data), reader.by_hash)


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each header line with the lines below it, up to the last complete line; lazily, as there may be many."""
    headers = _headers(data)
    before = next(headers, None)
    for found in headers:
        if before is not None:
            yield before[1], data[before.end() + 1 : found.start(1)]
        before = found
    if before is not None:
        yield before[1], data[before.end() + 1 : data.rfind(b"\n") + 1]


def _headers(data: bytes) -> Iterator[re.Match[bytes]]:
    """Yield the match of each complete header line."""
    end = data.rfind(b"\n") + 1
    first = re.compile(_HEADER).match(data, 0, end)
    return chain((first,) if first else (), re.compile(b"\n" + _HEADER).finditer(data, 0, end))


def _range(header: bytes) -> tuple[int, int]:
    start, _, rest = header.partition(b"-")
    return int(start, 16), int(rest[: rest.index(b" ")], 16)


class _BodyReader(dict[bytes, Usage]):
    """Parses equal bodies once: a Usage doesn't depend on its region."""

    def __init__(self, before: Bodies) -> None:
        super().__init__()
        self._before = before
        self._read = RecordReader().read
        self.by_hash: dict[int, Usage] = {}

    def __missing__(self, body: bytes) -> Usage:
        known = hash(body)
        usage = self.by_hash.get(known) or self._before.get(known) or self._read(body)
        self[body] = self.by_hash[known] = usage
        return usage
