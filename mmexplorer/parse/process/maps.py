"""/proc/PID/maps: `proc_pid_maps(5)`, as bytes because a file name need not be text."""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from sys import intern
from types import MappingProxyType

from mmexplorer.model.region import Region
from mmexplorer.model.value import NamedTuple, frozen
from mmexplorer.parse.error import ParseError

_ADDRESSES = re.compile(rb"([0-9a-f]{1,16})-([0-9a-f]{1,16}) ")
_REST = re.compile(rb"([r?-][w?-][x?-][sp?]) ([0-9a-f]{1,16}) ([0-9a-f]{1,8}:[0-9a-f]{1,8}) ([0-9]{1,20}) *([^\n]*)")
_REMEMBERED = 1 << 10
"""How many different texts after the addresses are remembered."""
_BLOCK = 1 << 12
"""Bytes of a block: about 60 lines are parsed again for one that changed."""
DELETED = " (deleted)"
"""Appended by the kernel to the name of a file that was unlinked."""


class _Block(NamedTuple):
    """Consecutive lines as they were read, of which only this is remembered."""

    size: int
    """Bytes."""
    hash: int
    """Its key differs in each run, so that no collision can be forged."""
    rows: int

    def is_in(self, text: bytes, start: int) -> bool:
        """Return whether the same bytes are there, as lines."""
        at_line = start == 0 or (start > 0 and text[start - 1 : start] == b"\n")
        return at_line and hash(text[start : start + self.size]) == self.hash


@frozen
class MapsReading:
    """One reading of maps."""

    regions: tuple[Region, ...]
    """Ascending, never overlapping."""
    errors: tuple[ParseError, ...] = ()
    """Lines that aren't regions, left out above."""
    rows: tuple[Region, ...] = ()
    """The region of each valid line, before mending; the same object as `regions` if nothing overlaps."""
    corrected: Mapping[Region, Region] = MappingProxyType({})
    """The regions that were corrected, by what their lines say."""
    blocks: tuple[_Block, ...] = ()
    """The text, if each of its lines is a row."""
    text: bytes = b""
    """Otherwise the text itself."""


_NOTHING_READ = MapsReading(())


def _as_it_is(region: Region) -> Region:
    return region


def parse_maps(
    data: bytes, before: MapsReading = _NOTHING_READ, correct: Callable[[Region], Region] = _as_it_is
) -> MapsReading:
    r"""Read maps; lines that were in the reading `before` give the same objects again, and few others are parsed.

    Returns `before` if no byte has changed. `correct` is called with each new region and returns it with its true name.
    Lines end at `\n` only: a name may contain `\r` and end in blanks.
    """
    if data and data == before.text:
        return before
    head, tail = _same_blocks(before.blocks, data)
    if before.blocks and len(head) == len(before.blocks) and _size(head) == len(data):
        return before
    first, last = _rows(head), len(before.rows) - _rows(tail)
    middle = data[_size(head) : len(data) - _size(tail)]
    known = {region: region for region in before.rows[first:last]}
    corrected = {said: region for said, region in before.corrected.items() if region not in known}
    rows: list[Region] = []
    errors = []
    for line in io.BytesIO(middle):
        if line == b"\n":
            continue
        said = parse_maps_line(line.removesuffix(b"\n"), rows[-1].end if rows else 0)
        if isinstance(said, ParseError):
            errors.append(said)
            continue
        region = known.get(before.corrected.get(said, said))
        if region is None:
            region = correct(said)
        if region != said:
            corrected[said] = region
        rows.append(region)
    every = (*before.rows[:first], *rows, *before.rows[last:])
    beside = (*before.rows[max(0, first - 1) : first], *rows, *before.rows[last : last + 1])
    whole = before.regions is before.rows and all(below.end <= above.start for below, above in pairwise(beside))
    in_step = data[-1:] == b"\n" and len(rows) == middle.count(b"\n")
    return MapsReading(
        every if whole else mend(every),
        tuple(errors),
        every,
        corrected,
        (*head, *_blocks(middle), *tail) if in_step else (),
        b"" if in_step else data,
    )


def _blocks(text: bytes) -> Iterator[_Block]:
    start = 0
    while start < len(text):
        end = text.find(b"\n", min(start + _BLOCK, len(text) - 1)) + 1
        yield _Block(end - start, hash(text[start:end]), text.count(b"\n", start, end))
        start = end


def _same_blocks(blocks: Sequence[_Block], text: bytes) -> tuple[Sequence[_Block], Sequence[_Block]]:
    """Return the blocks with which the text begins, and those of the others with which it ends."""
    head = tail = start = 0
    while head < len(blocks) and blocks[head].is_in(text, start):
        start += blocks[head].size
        head += 1
    end = len(text)
    while tail < len(blocks) - head and end - (size := blocks[-1 - tail].size) >= start:
        if not blocks[-1 - tail].is_in(text, end - size):
            break
        end -= size
        tail += 1
    return blocks[:head], blocks[len(blocks) - tail :]


def _size(blocks: Iterable[_Block]) -> int:
    return sum(block.size for block in blocks)


def _rows(blocks: Iterable[_Block]) -> int:
    return sum(block.rows for block in blocks)


def same_lines(one: bytes, other: bytes) -> tuple[int, int]:
    """Count the bytes of complete equal lines at the start and, in the rest, at the end."""
    shorter = min(len(one), len(other))
    head = one.rfind(b"\n", 0, _same(one, other, shorter)) + 1
    rest = _same(one, other, shorter - head, from_end=True)
    return head, len(one) - 1 - one.index(b"\n", len(one) - rest) if rest else 0


def _same(one: bytes, other: bytes, limit: int, *, from_end: bool = False) -> int:
    """Count equal bytes from the start or from the end, at most `limit`: by bisection, with memcmp."""
    same, most = 0, limit
    while same < most:
        upto = (same + most + 1) // 2
        mine, its = (
            text[len(text) - upto : len(text) - same] if from_end else text[same:upto] for text in (one, other)
        )
        same, most = (upto, most) if mine == its else (same, upto - 1)
    return same


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
def _rest_of_line(text: bytes) -> tuple[str, int, str, int, str, bool] | None:
    """Read what follows the addresses, from the permissions on: the same few texts for thousands of regions."""
    found = _REST.fullmatch(text)
    if found is None:
        return None
    perms, offset, dev, inode, name = found.groups()
    path = name.decode("utf-8", "surrogateescape")
    return (
        intern(perms.decode("ascii")),
        int(offset, 16),
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
