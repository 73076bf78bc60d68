"""/proc/PID/smaps and smaps_rollup: `proc_pid_smaps(5)`.

All records of one reading have the same fields, so one pattern is made from the first record and matched against the
others; a record that doesn't match is read line by line. Equal records (the majority, if there are thousands) are
parsed once, also if the reading before had them. What the kernel writes is cut into its records by one pattern, many at
a time; any other text is searched for the beginnings of records. With 65,000 regions this takes half as long as
reading.
"""

import io
import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, repeat
from operator import mul

from mmexplorer.model.region import Usage
from mmexplorer.model.usages import Columns, Usages
from mmexplorer.model.value import NamedTuple

_FIRST = re.compile(rb"([0-9a-f]{1,16}-[0-9a-f]{1,16} [^\n]*)(?=\n)")
_HEADER = re.compile(rb"\n([0-9a-f]{1,16}-[0-9a-f]{1,16} [^\n]*)(?=\n)")
r"""No other line starts with a lower-case hexadecimal digit, and the kernel writes newlines in names as `\012`."""
_RECORD = re.compile(rb"(([0-9a-f]{1,16})-([0-9a-f]{1,16}) [^\n]*\n)([^V]*VmFlags:[^\n]*\n)")
"""A record as the kernel writes it. No field but the last has a V; see `_LINES`."""
_LINES = re.compile(rb"(?:[A-Z][^\n]*\n)+")
"""The lines below one header: none of them is another header."""
_FIELD = re.compile(rb"([A-Z][^\s:]*): *([0-9]{1,17})( kB)?")
_FLAGS = b"VmFlags:"
_KILOBYTE = 1024
_REMEMBERED = 1 << 12
"""How many different numbers, and texts of flags, are remembered."""
_BLOCK = 1 << 18
"""Bytes of which the records are in memory as objects at the same time."""

_ReadBody = Callable[[bytes], Usage]


class Bodies(NamedTuple):
    """What was learnt from the records of a reading, for the next one."""

    read: _ReadBody | None = None
    """Made from the first record."""
    by_hash: Mapping[int, Usage] = {}
    """The counters of each distinct record.

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
    before = before or Bodies()
    return _whole_records(data, before) or _any_records(data, before)


def parse_rollup(data: bytes) -> Usage:
    """Read smaps_rollup: the sums over the complete process. No fields if it is empty, as for a kernel thread."""
    return _read_body(next((body for _, body in _records(data)), b""))


def header_lines(data: bytes) -> bytes:
    """Return the lines of smaps that are lines of maps, without their counters."""
    end = data.rfind(b"\n") + 1
    first = _FIRST.match(data, 0, end)
    lines = io.BytesIO()  # unlike join, never holds all lines as objects, next to a text of 45 MB
    lines.writelines(found[1] + b"\n" for found in chain((first,) if first else (), _HEADER.finditer(data, 0, end)))
    return lines.getvalue()


def _whole_records(data: bytes, before: Bodies) -> Smaps | None:
    """Parse a text of nothing but records as the kernel writes them; return None if it isn't one."""
    reader = _BodyReader(before)
    starts, ends, usages, headers = array("Q"), array("Q"), list[Usage](), io.BytesIO()
    for first, last in _blocks(data):
        found = _RECORD.findall(data, first, last)
        lines, from_, to, bodies = zip(*found, strict=True) if found else ((), (), (), ())
        if sum(map(len, lines)) + sum(map(len, bodies)) != last - first:
            return None
        for body in dict.fromkeys(bodies):  # in their order: the first record is the model of the others
            if not (reader.knows(body) or _LINES.fullmatch(body)):
                return None
            reader.usage(body)
        headers.writelines(lines)
        starts.extend(map(int, from_, repeat(16)))
        ends.extend(map(int, to, repeat(16)))
        usages.extend(map(reader.by_hash.__getitem__, map(hash, bodies)))
    return Smaps(Usages(Columns(starts, ends, usages)), headers.getvalue(), reader.bodies)


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
    usages = Usages((*_range(header), reader.usage(body)) for header, body in _records(data))
    return Smaps(usages, header_lines(data), reader.bodies)


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each header line with what follows it, up to the last complete line; lazily, as there may be many."""
    end = data.rfind(b"\n") + 1
    before = _FIRST.match(data, 0, end)
    for found in _HEADER.finditer(data, 0, end):
        if before is not None:
            yield before[1], data[before.end() : found.start()]
        before = found
    if before is not None:
        yield before[1], data[before.end() : end]


def _range(header: bytes) -> tuple[int, int]:
    start, _, rest = header.partition(b"-")
    return int(start, 16), int(rest[: rest.index(b" ")], 16)


class _BodyReader:
    """Parses equal bodies once: a Usage doesn't depend on its region."""

    def __init__(self, before: Bodies) -> None:
        self._read, self._before = before
        self.by_hash: dict[int, Usage] = {}

    @property
    def bodies(self) -> Bodies:
        return Bodies(self._read, self.by_hash)

    def knows(self, body: bytes) -> bool:
        return hash(body) in self.by_hash or hash(body) in self._before

    def usage(self, body: bytes) -> Usage:
        usage = self.by_hash.get(hash(body)) or self._before.get(hash(body))
        if usage is None:
            self._read = self._read or _body_reader(body)
            usage = self._read(body)
        self.by_hash[hash(body)] = usage
        return usage


def _body_reader(model: bytes) -> _ReadBody:
    """Return a reader that is fast for bodies with the same lines as `model` and correct for all others."""
    fields = [found for found in map(_FIELD.fullmatch, model.split(b"\n")) if found]
    example = _read_body(model)
    if len(fields) != len(example.fields) or model.count(_FLAGS) != 1:
        return _read_body
    fits = re.compile(b"\n".join(map(_line_pattern, model.rstrip(b"\n").split(b"\n"))) + b"\n?")
    scales = [_KILOBYTE if field[3] else 1 for field in fields]
    shared: dict[int, int] = {}
    """Of equal numbers, which are most of those in a record, one object is in memory."""

    def read(body: bytes) -> Usage:
        found = fits.fullmatch(body)
        if found is None:
            return _read_body(body)
        flags = body.partition(_FLAGS)[2].partition(b"\n")[0]
        if len(shared) > _REMEMBERED:
            shared.clear()
        values = tuple(map(mul, map(int, found.groups()), scales))
        return Usage(example.fields, tuple(map(shared.setdefault, values, values)), _flags(flags))

    return read


def _line_pattern(line: bytes) -> bytes:
    """Return a pattern for `line` that accepts any number, or any flags."""
    field = _FIELD.fullmatch(line)
    if field:
        return re.escape(field[1]) + b": *([0-9]{1,17})" + (field[3] or b"")
    return _FLAGS + b"[^\n]*" if line.startswith(_FLAGS) else re.escape(line)


def _read_body(body: bytes) -> Usage:
    fields: dict[str, int] = {}
    flags: tuple[str, ...] | None = None
    for line in body.split(b"\n"):
        field = _FIELD.fullmatch(line)
        if field:
            name = field[1].decode("utf-8", "surrogateescape")
            fields[name] = int(field[2]) * (_KILOBYTE if field[3] else 1)
        elif line.startswith(_FLAGS):
            flags = _flags(line.removeprefix(_FLAGS))
    return Usage({name: place for place, name in enumerate(fields)}, tuple(fields.values()), flags)


@lru_cache(_REMEMBERED)
def _flags(text: bytes) -> tuple[str, ...]:
    return tuple(text.decode("utf-8", "surrogateescape").split())
