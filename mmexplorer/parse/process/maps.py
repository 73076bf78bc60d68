"""/proc/PID/maps: `proc_pid_maps(5)`, as bytes because a file name need not be text."""

import io
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from sys import intern

from mmexplorer.model.differing import same_run
from mmexplorer.model.region import Region, Traits
from mmexplorer.model.value import frozen
from mmexplorer.parse.error import ParseError

_ADDRESSES = re.compile(rb"([0-9a-f]{1,16})-([0-9a-f]{1,16}) ")
_REST = re.compile(rb"([r?-][w?-][x?-][sp?]) ([0-9a-f]{1,16}) ([0-9a-f]{1,8}:[0-9a-f]{1,8}) ([0-9]{1,20}) *([^\n]*)")
_REMEMBERED = 1 << 10
"""How many different texts after the addresses are remembered."""
DELETED = " (deleted)"
"""Appended by the kernel to the name of a file that was unlinked."""


@frozen
class MapsReading:
    """One reading of maps."""

    regions: tuple[Region, ...]
    """Ascending, never overlapping."""
    errors: tuple[ParseError, ...] = ()
    """Lines that aren't regions, left out above."""
    rows: tuple[Region, ...] = ()
    """The region of each valid line, before mending; the same object as `regions` if nothing overlaps."""
    text: bytes = b""
    """The bytes that were read."""
    a_row_a_line: bool = False
    """Whether each line of the text corresponds to one row."""


_NOTHING_READ = MapsReading(())


def _as_it_is(region: Region) -> Region:
    return region


def parse_maps(
    data: bytes, before: MapsReading = _NOTHING_READ, correct: Callable[[Region], Region] = _as_it_is
) -> MapsReading:
    r"""Read maps; lines that were in the reading `before` give the same objects again, and only others are parsed.

    Returns `before` if no byte has changed. `correct` is called with each newly parsed region and returns it with its
    true name. Lines end at `\n` only: a name may contain `\r` and end in blanks.
    """
    if data and data == before.text:
        return before
    head, tail = same_lines(before.text, data) if before.a_row_a_line else (0, 0)
    first, last = _lines_before(before, head), _lines_before(before, len(before.text) - tail)
    known = dict(zip(_lines_of(before, head, tail), before.rows[first:last], strict=True))
    rows: list[Region] = []
    errors = []
    middle = data[head : len(data) - tail]
    for ended in io.BytesIO(middle):  # one at a time: 60,000 at once would leave holes in our memory
        line = ended.removesuffix(b"\n")
        if not line:
            continue
        region = known.get(line) or parse_maps_line(line, rows[-1].end if rows else 0)
        if isinstance(region, ParseError):
            errors.append(region)
        else:
            rows.append(region if line in known else correct(region))
    every = (*before.rows[:first], *rows, *before.rows[last:])
    beside = (*before.rows[max(0, first - 1) : first], *rows, *before.rows[last : last + 1])
    whole = before.regions is before.rows and all(below.end <= above.start for below, above in pairwise(beside))
    in_step = data[-1:] == b"\n" and len(rows) == middle.count(b"\n")
    return MapsReading(every if whole else mend(every), tuple(errors), every, data, in_step)


def _lines_before(reading: MapsReading, end: int) -> int:
    """Count the lines (all of which became rows) in the first `end` bytes, scanning the shorter side."""
    text = reading.text
    return text.count(b"\n", 0, end) if 2 * end <= len(text) else len(reading.rows) - text.count(b"\n", end)


def _lines_of(reading: MapsReading, head: int, tail: int) -> list[bytes]:
    """Return the lines that became rows, excluding the first `head` and the last `tail` bytes."""
    wrong = {error.line for error in reading.errors}
    lines = reading.text[head : len(reading.text) - tail].split(b"\n")
    return [line for line in lines if line and line not in wrong]


def same_lines(one: bytes, other: bytes) -> tuple[int, int]:
    """Count the bytes of complete equal lines at the start and, in the rest, at the end."""
    shorter = min(len(one), len(other))
    head = one.rfind(b"\n", 0, same_run(one, other, shorter)) + 1
    rest = same_run(one, other, shorter - head, from_end=True)
    return head, len(one) - 1 - one.index(b"\n", len(one) - rest) if rest else 0


def parse_maps_line(line: bytes, below: int = 0) -> Region | ParseError:
    r"""Read one line without its `\n`. ` (deleted)` is removed from the name, though a real name may end that way.

    `below` is the end of the region before: most begin there, and two of 65,000 numbers are then one object.
    """
    addresses = _ADDRESSES.match(line)
    rest = _rest_of_line(line[addresses.end() :]) if addresses is not None else None
    if addresses is None or rest is None:
        return ParseError(line, "not a line of maps")
    start, end = int(addresses[1], 16), int(addresses[2], 16)
    if start >= end:
        return ParseError(line, "the region ends before it starts")
    return Region(below if below == start else start, end, *rest)


@lru_cache(_REMEMBERED)
def _rest_of_line(text: bytes) -> tuple[int, Traits] | None:
    """Read what follows the addresses, from the permissions on: the same few texts for thousands of regions."""
    found = _REST.fullmatch(text)
    if found is None:
        return None
    perms, offset, dev, inode, name = found.groups()
    return int(offset, 16), _traits(perms, dev, inode, name)


@lru_cache(_REMEMBERED)
def _traits(perms: bytes, dev: bytes, inode: bytes, name: bytes) -> Traits:
    """Return one object for all parts of a file, which differ only in their offsets."""
    path = name.decode("utf-8", "surrogateescape")
    return Traits(
        intern(perms.decode("ascii")),
        intern(dev.decode("ascii")),
        int(inode),
        intern(path.removesuffix(DELETED)),
        path.endswith(DELETED),
    )


def with_newlines(name: str) -> str:
    """Undo maps' escape for newlines. A name that really contains those four characters is decoded wrongly."""
    return name.replace("\\012", "\n")


def mend(rows: Iterable[Region]) -> tuple[Region, ...]:
    """Repair a torn reading: maps is read in pieces, and rows that changed between two of them overlap.

    The later row is newer: it replaces a row with the same start, and otherwise loses the part it shares with the row
    before it (kernel/README.md, "maps"). Regions that don't overlap are returned unchanged.
    """
    mended: list[Region] = []
    last_end = 0
    for row in rows:
        region = row
        if row.start < last_end:
            if row.start == mended[-1].start:
                mended.pop()
            elif row.end > last_end:
                region = _without_head(row, last_end)
            else:
                continue
        mended.append(region)
        last_end = region.end
    return tuple(mended)


def _without_head(region: Region, start: int) -> Region:
    cut = start - region.start
    return region._replace(start=start, offset=region.offset + cut if region.inode else region.offset)
