"""/proc/PID/smaps and smaps_rollup: `proc_pid_smaps(5)`.

All records of one reading have the same fields, so one pattern is made from the first record and matched against the
others; a record that doesn't match is read line by line. Equal records (the majority, if there are thousands) are
parsed once. With 65,000 regions this keeps parsing faster than reading.
"""

import io
import re
from collections.abc import Callable, Iterator
from itertools import chain
from operator import mul

from mmexplorer.model.region import Usage
from mmexplorer.model.usages import Usages

_FIRST = re.compile(rb"([0-9a-f]{1,16}-[0-9a-f]{1,16} [^\n]*)(?=\n)")
_HEADER = re.compile(rb"\n([0-9a-f]{1,16}-[0-9a-f]{1,16} [^\n]*)(?=\n)")
r"""No other line starts with a lower-case hexadecimal digit, and the kernel writes newlines in names as `\012`."""
_FIELD = re.compile(rb"([A-Z][^\s:]*): *([0-9]{1,17})( kB)?")
_FLAGS = b"VmFlags:"
_KILOBYTE = 1024

_ReadBody = Callable[[bytes], Usage]


def parse_smaps(data: bytes) -> Usages:
    """Return the counters of each region. Lines outside records and a truncated last line are left out."""
    records = _records(data)
    first = next(records, None)
    if first is None:
        return Usages()
    read_body = _remembering(_body_reader(first[1]))
    return Usages((*_range(header), read_body(body)) for header, body in chain((first,), records))


def parse_rollup(data: bytes) -> Usage:
    """Read smaps_rollup: the sums over the complete process. No fields if it is empty, as for a kernel thread."""
    return _read_body(next((body for _, body in _records(data)), b""))


def header_lines(data: bytes) -> bytes:
    """Return the lines of smaps that are lines of maps, for `parse_maps`: regions and counters from one reading."""
    end = data.rfind(b"\n") + 1
    first = _FIRST.match(data, 0, end)
    lines = io.BytesIO()  # unlike join, never holds all lines as objects, next to a text of 45 MB
    lines.writelines(found[1] + b"\n" for found in chain((first,) if first else (), _HEADER.finditer(data, 0, end)))
    return lines.getvalue()


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


def _remembering(read_body: _ReadBody) -> _ReadBody:
    """Parse equal bodies once: a Usage doesn't depend on its region."""
    known: dict[bytes, Usage] = {}

    def read(body: bytes) -> Usage:
        usage = known.get(body)
        if usage is None:
            usage = known[body] = read_body(body)
        return usage

    return read


def _body_reader(model: bytes) -> _ReadBody:
    """Return a reader that is fast for bodies with the same lines as `model` and correct for all others."""
    fields = [found for found in map(_FIELD.fullmatch, model.split(b"\n")) if found]
    example = _read_body(model)
    if len(fields) != len(example.fields) or model.count(_FLAGS) != 1:
        return _read_body
    fits = re.compile(b"\n".join(map(_line_pattern, model.rstrip(b"\n").split(b"\n"))) + b"\n?")
    scales = [_KILOBYTE if field[3] else 1 for field in fields]

    def read(body: bytes) -> Usage:
        found = fits.fullmatch(body)
        if found is None:
            return _read_body(body)
        flags = body.partition(_FLAGS)[2].partition(b"\n")[0]
        return Usage(example.fields, tuple(map(mul, map(int, found.groups()), scales)), _flags(flags))

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


def _flags(text: bytes) -> tuple[str, ...]:
    return tuple(text.decode("utf-8", "surrogateescape").split())
