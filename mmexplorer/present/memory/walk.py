"""The translation of an address, drawn: its bits cut into indices, the tables they lead through, the frame."""

from collections.abc import Iterator, Sequence

from mmexplorer.model.memory.inspection import Walk
from mmexplorer.model.memory.translation import Level, Sharer, Translation
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.memory.translation import table_line
from mmexplorer.present.text.format import hexadecimal, size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import flowed

_ENTRY = 8
_ADDRESS_BITS = 64
_SHARERS_SHOWN = 40
_TONES = (Tone.CODE, Tone.DATA, Tone.ANON, Tone.STACK, Tone.SHARED)
"""Of the levels, from the top down, so that the eye finds the bits of each."""


def walk_lines(walk: Walk, name: str, width: int) -> Iterator[Line]:
    """Draw the walk in lines that are wrapped at `width` cells."""
    found = walk.translation
    yield line(span(f"0x{found.address:x}", Tone.BRIGHT), span(f"  {name}" if name else "", Tone.DIM))
    yield EMPTY
    yield from flowed(_bit_fields(found), width, between=" ")
    yield EMPTY
    yield from flowed(_steps(found), width, between=" ")
    yield EMPTY
    yield from _end(walk)
    yield EMPTY
    yield from _sizes(walk)


def _covered(found: Translation) -> int:
    return found.huge or found.page_size


def _bit_fields(found: Translation) -> Iterator[Line]:
    """Cut the address: the bits above, an index for each level, the offset."""
    top = found.levels[0]
    above = _ADDRESS_BITS - top.shift - top.bits
    if above > 0:
        upper = found.address >> (_ADDRESS_BITS - above)
        kind = "0…0" if not upper else "1…1" if upper == (1 << above) - 1 else f"{upper:b}"
        yield line(span(kind, Tone.DIM))
    for level, tone in zip(found.levels, _TONES, strict=False):
        yield line(span(f"{level.index:0{level.bits}b}", tone))
    bits = _covered(found).bit_length() - 1
    yield line(span(f"{found.address % _covered(found):0{bits}b}", Tone.BRIGHT))


def _steps(found: Translation) -> Iterator[Line]:
    """Name the entry of each table, and what the last one leads to."""
    for level, tone in zip(found.levels, _TONES, strict=False):
        yield line(span(f"{level.name}[{level.index}]", tone), span(" ─▶", Tone.DIM))
    if isinstance(found.frame, int):
        yield line(span(f"frame {hexadecimal(found.frame)}", Tone.BRIGHT))
    elif found.state.in_memory:
        yield line(span("a frame", Tone.BRIGHT), span(f" ({found.frame})", Tone.DIM))
    else:
        yield line(span("nothing", Tone.WARN), span(f": {found.frame}", Tone.DIM))


def _end(walk: Walk) -> Iterator[Line]:
    found = walk.translation
    offset = found.address % _covered(found)
    yield line(
        span("page of "),
        span(size(_covered(found)), Tone.BRIGHT),
        span(f", {found.state.value}", Tone.BRIGHT),
        span("; a huge page: the walk ends early" if found.huge else "", Tone.DIM),
    )
    if isinstance(found.physical, int) and isinstance(found.frame, int):
        yield line(
            span("physical address "),
            span(hexadecimal(found.physical), Tone.BRIGHT),
            span(
                f" = frame {hexadecimal(found.frame)} \N{MULTIPLICATION SIGN} {found.page_size} + {_low(found)}",
                Tone.DIM,
            ),
        )
        yield line(span(_mapped(walk.mapped)))
    else:
        yield line(span(f"offset in the page {hexadecimal(offset)}"))


def _low(found: Translation) -> str:
    return hexadecimal(found.address % found.page_size)


def _mapped(count: int | Unavailable) -> str:
    if isinstance(count, Unavailable):
        return f"how often the frame is mapped: {count}"
    others = "by this process alone" if count == 1 else "w lists the processes"
    return f"the frame is mapped {count:,} {'time' if count == 1 else 'times'}: {others}"


def _sizes(walk: Walk) -> Iterator[Line]:
    """Say how much memory the entry of each level stands for, and what all tables take."""
    found = walk.translation
    for level, tone in zip(found.levels, _TONES, strict=False):
        yield _size_line(level, tone)
    yield line(span(table_line(walk.tables, found.page_size, walk.vm_pte), Tone.DIM))


def _size_line(level: Level, tone: Tone) -> Line:
    last = level.shift + level.bits - 1
    neighbours = (1 << level.bits) - 1
    start = level.index * _ENTRY
    return line(
        span(f"{level.name:<4}", tone),
        span(f" bits {last:>2}-{level.shift:<2} entry {level.index:>3} at byte {hexadecimal(start):<5} of its table;"),
        span(f" an entry covers {size(1 << level.shift)}, the table has {neighbours:,} others", Tone.DIM),
    )


def sharer_lines(walk: Walk, sharers: Sequence[Sharer], *, ended: bool) -> Iterator[Line]:
    """List the processes that have the frame, each with its share of the page: together they make Pss."""
    if isinstance(walk.translation.frame, Unavailable):
        yield line(span(f"who has this page: {walk.translation.frame}", Tone.DIM))
        return
    state = "" if ended else ", still looking"
    yield line(span(f"{len(sharers):,} found with this frame{state}", Tone.BRIGHT))
    for sharer in sharers[:_SHARERS_SHOWN]:
        share = size(walk.translation.page_size // max(1, len(sharers)))
        yield line(span(f"  process {sharer.pid} at {sharer.address:x}: {share} of its Pss"))
    if len(sharers) > _SHARERS_SHOWN:
        yield line(span(f"  and {len(sharers) - _SHARERS_SHOWN:,} more", Tone.DIM))
