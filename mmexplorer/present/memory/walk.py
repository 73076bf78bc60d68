"""The translation of an address as a picture: its bits split into indices, the tables they select, the frame."""

from collections.abc import Iterator, Sequence

from mmexplorer.model.address import overlapping
from mmexplorer.model.memory.inspection import Walk
from mmexplorer.model.memory.translation import Level, Sharer, Translation
from mmexplorer.model.region import Range
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.memory.translation import table_line
from mmexplorer.present.region.address import region_phrase
from mmexplorer.present.text.format import address_range, hexadecimal, number_of, size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import flowed

_ENTRY = 8
_ADDRESS_BITS = 64
_SHARERS_SHOWN = 40
_NEIGHBOURS_NAMED = 3
_TONES = (Tone.CODE, Tone.DATA, Tone.ANON, Tone.STACK, Tone.SHARED)
"""The tones of the levels, from the top, which identify the bits of each."""


def walk_lines(walk: Walk, name: str, width: int, space: AddressSpace | None = None) -> Iterator[Line]:
    """Yield the walk in lines wrapped at `width` cells; `space` has the regions that share its tables."""
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
    if space is not None:
        yield from _neighbours(walk.translation, space)


def _covered(found: Translation) -> int:
    return found.huge or found.page_size


def _bit_fields(found: Translation) -> Iterator[Line]:
    """Split the address: the bits above, an index per level, the offset."""
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
    """Name the entry in each table, and what the last one points to."""
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
    return f"the frame is mapped {number_of(count, 'time')}: {others}"


def _sizes(walk: Walk) -> Iterator[Line]:
    """Describe how much memory an entry of each level covers, and the size of all tables."""
    found = walk.translation
    for level, tone in zip(found.levels, _TONES, strict=False):
        yield _size_line(level, tone)
    yield line(span(table_line(walk.tables, found.page_size), Tone.DIM))


def _size_line(level: Level, tone: Tone) -> Line:
    last = level.shift + level.bits - 1
    neighbours = (1 << level.bits) - 1
    start = level.index * _ENTRY
    return line(
        span(f"{level.name:<4}", tone),
        span(f" bits {last:>2}-{level.shift:<2} entry {level.index:>3} at byte {hexadecimal(start):<5} of its table;"),
        span(f" an entry covers {size(1 << level.shift)}, the table has {neighbours:,} others", Tone.DIM),
    )


def _neighbours(found: Translation, space: AddressSpace) -> Iterator[Line]:
    """List, for each table below the top level, the other regions that have entries in it."""
    for level, tone in zip(found.levels[1:], _TONES[1:], strict=False):
        part = level.table_span(found.address)
        yield line(
            span(f"{level.name:<4}", tone),
            span(f" this table is for {address_range(*part)}, {size(part.size)}: "),
            span(_shared_with(found.address, overlapping(space.regions, part), space), Tone.DIM),
        )


def _shared_with(address: int, inside: range, space: AddressSpace) -> str:
    """Name the regions with these indices, or count them, apart from the one at `address`."""
    own = overlapping(space.regions, Range(address, address + 1))
    others = len(inside) - len(own)
    if not others:
        return "this region alone needs it"
    if others > _NEIGHBOURS_NAMED:
        return f"shared with {others:,} other regions"
    named = (space.regions[index] for index in inside if index not in own)
    return f"shared with {', '.join(region_phrase(region, space) for region in named)}"


def sharer_lines(walk: Walk, sharers: Sequence[Sharer], *, ended: bool) -> Iterator[Line]:
    """List the processes that map the frame, each with its share of the page; together they make Pss."""
    if isinstance(walk.translation.frame, Unavailable):
        yield line(span(f"who has this page: {walk.translation.frame}", Tone.DIM))
        return
    page, found = walk.translation.page_size, len(sharers)
    mapped = max(walk.mapped if isinstance(walk.mapped, int) else 0, found, 1)
    state = "" if ended else ", still looking"
    yield line(span(f"{found:,} of {number_of(mapped, 'mapping')} of this frame found{state}", Tone.BRIGHT))
    for sharer in sharers[:_SHARERS_SHOWN]:
        share = f"{page:,} / {mapped:,} = {page / mapped:,.0f} bytes"
        yield line(span(f"  process {sharer.pid} at {sharer.address:x}: {share} of its Pss"))
    if found > _SHARERS_SHOWN:
        yield line(span(f"  and {found - _SHARERS_SHOWN:,} more", Tone.DIM))
    if found:
        whole = "the whole page" if found == mapped else f"of the page's {page:,}"
        yield line(span(f"  together {page * found / mapped:,.0f} bytes, {whole}", Tone.BRIGHT))
    if ended and found < mapped:
        yield line(span("  the others are at other addresses, or in processes that we may not read", Tone.DIM))
