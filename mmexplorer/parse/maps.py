"""/proc/PID/maps: `proc_pid_maps(5)`, in bytes, because a file name need not be text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mmexplorer.model.region import Region
from mmexplorer.parse.error import ParseError

_LINE = re.compile(
    rb"([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r?-][w?-][x?-][sp?]) ([0-9a-f]{1,16}) "
    rb"([0-9a-f]{1,8}:[0-9a-f]{1,8}) ([0-9]{1,20}) *([^\n]*)"
)
DELETED = " (deleted)"
"""What the kernel adds to the name of a file that has none any more."""
_NOTHING_KNOWN: Mapping[bytes, Region] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MapsReading:
    """One reading of maps."""

    regions: tuple[Region, ...]
    """Ascending, never overlapping."""
    by_line: Mapping[bytes, Region]
    """The region that each line gave, before mending: hand it to the next reading."""
    errors: tuple[ParseError, ...] = ()
    """Lines that are no region, left out above."""


def parse_maps(data: bytes, known: Mapping[bytes, Region] = _NOTHING_KNOWN) -> MapsReading:
    r"""Read maps; a line that stands in `known` (the `by_line` of the reading before) gives the same object again.

    Lines end at `\n` only: a name may contain `\r`, and end in blanks.
    """
    by_line: dict[bytes, Region] = {}
    errors = []
    for line in data.split(b"\n"):
        if not line:
            continue
        region = known.get(line) or parse_maps_line(line)
        if isinstance(region, Region):
            by_line[line] = region
        else:
            errors.append(region)
    return MapsReading(mend(by_line.values()), by_line, tuple(errors))


def parse_maps_line(line: bytes) -> Region | ParseError:
    r"""Read one line without its `\n`. ` (deleted)` is taken off the name, though a real name may end in it."""
    found = _LINE.fullmatch(line)
    if found is None:
        return ParseError(line, "not a line of maps")
    start, end, perms, offset, dev, inode, name = found.groups()
    region = Region(
        start=int(start, 16),
        end=int(end, 16),
        perms=perms.decode("ascii"),
        offset=int(offset, 16),
        dev=dev.decode("ascii"),
        inode=int(inode),
        path=name.decode("utf-8", "surrogateescape"),
    )
    if region.start >= region.end:
        return ParseError(line, "the region ends before it starts")
    if region.path.endswith(DELETED):
        return region._replace(path=region.path.removesuffix(DELETED), deleted=True)
    return region


def with_newlines(name: str) -> str:
    """Undo what maps does to a newline. A name that really contains those four characters is not found."""
    return name.replace("\\012", "\n")


def mend(rows: Iterable[Region]) -> tuple[Region, ...]:
    """Repair a torn reading: maps is read in pieces, and rows that changed between two of them overlap.

    The later row is the newer one: it replaces a row with the same start, and otherwise loses what it shares with the
    row before it (kernel/README.md, "maps"). Regions that don't overlap come back as they are.
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
