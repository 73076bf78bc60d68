"""The Region tab: everything known about one row of the table, in sentences and figures."""

from collections.abc import Iterator
from functools import lru_cache

from mmexplorer.model.address import Between, locate
from mmexplorer.model.carried import Known
from mmexplorer.model.elf.layout import Match
from mmexplorer.model.growth import UNMEASURED, Growth
from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.explore.growth import FIRST_MOMENT
from mmexplorer.present.explore.process_details import state_lines, what_can_be_seen
from mmexplorer.present.region.address import between_text, phrase
from mmexplorer.present.region.kernel_words import KINDS, counter_words, flag_words, perm_words
from mmexplorer.present.region.match_reason import match_reason
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.region.table import change_note, region_tone
from mmexplorer.present.text.cells import size_line
from mmexplorer.present.text.format import address, address_range, duration, hexadecimal, signed_size, size
from mmexplorer.present.text.line import EMPTY, Line, Span, Tone, line, plain, span
from mmexplorer.present.text.wrap import flowed

_PLAIN = frozenset({"THPeligible", "ProtectionKey"})
"""The counters that aren't in bytes."""
_VALUE = 5
_AGAIN = "r reads now"
_CHANGED = Unavailable(Cause.NOT_READ, "not read since this region changed", _AGAIN)
_GUESS = "A core file names no heap: this is the first writable memory without a file above the program."
_LOWER_HALF = 1 << 56
"""No user address exists above it, with four or five levels of page tables."""
_BETWEEN_CELLS = 3
_TENTH = 0.1
_ONE_PERCENT = 0.01


def details_lines(
    row: RegionRow | None, space: AddressSpace, clock: float, width: int, *, live: bool = True
) -> tuple[Line, ...]:
    """Describe anything unusual about the process, then `row`; without a row, what is known about the process.

    `clock` is the current time (monotonic), `live` whether it can be read again.
    """
    about = what_can_be_seen(space) if row is None else region_lines(row, space, clock, width, live=live)
    return (*state_lines(space), *about)


def region_lines(
    row: RegionRow, space: AddressSpace, clock: float, width: int, *, live: bool = True
) -> tuple[Line, ...]:
    """Describe `row`. The block of counters fits into `width` cells; sentences are wrapped later."""
    if row.region is None or row.kind is None:
        return _hole(row, space)
    lines = [_headline(row, row.region)]
    if row.change is not None:
        lines.append(line(span(change_note(row.change, row.delta, row.age), region_tone(row) or Tone.NORMAL)))
    if row.ghost:
        return tuple(lines)
    if row.region.is_inferred:
        lines.append(line(span("a guess   ", Tone.DIM), _GUESS))
    if row.growth is UNMEASURED:
        lines.append(line(span("growth    ", Tone.DIM), span(f"— {FIRST_MOMENT}", Tone.DIM)))
    elif row.growth is not None and (row.growth.size or row.growth.rss):
        lines.append(_growth(row.growth))
    if row.match is not None:
        lines.append(line(span("why here  ", Tone.DIM), match_reason(row.match, row.region)))
    lines.append(line(span("purpose   ", Tone.DIM), KINDS[row.kind]))
    return (*lines, *_usage(row, space, clock, width, live=live))


def _growth(growth: Growth) -> Line:
    rates = [
        f"{name} {signed_size(count)}, {signed_size(round(rate))} a minute"
        for name, count, rate in (
            ("SIZE", growth.size, growth.size_per_minute),
            ("RSS", growth.rss, growth.rss_per_minute),
        )
        if count and rate is not None
    ]
    return line(span("growth    ", Tone.DIM), f"{'; '.join(rates) or 'none yet'}, in {duration(growth.seconds)}")


def _hole(row: RegionRow, space: AddressSpace) -> tuple[Line, ...]:
    place = locate(space.regions, row.range.start)
    above = place.above if isinstance(place, Between) else None
    hole = line(
        span(address_range(*row.range), Tone.BRIGHT),
        f" is a hole of {size(row.range.size)}: no region covers it. {_touching_a_hole(row.range, above)}",
    )
    if not isinstance(place, Between):
        return (hole,)
    return (hole, line(span(f"Its first byte{between_text(place, space)}.", Tone.DIM)))


def _touching_a_hole(hole: Range, above: Region | None) -> str:
    """Describe the effect of an access there: a stack grows down into the hole, and not every number is an address."""
    if above is not None and above.path == "[stack]":
        return (
            "The stack above grows down into it when touched, as far as its limit (RLIMIT_STACK) and a gap to the"
            " region below allow; further down, touching it is a fault (SEGV_MAPERR)."
        )
    if hole.end > _LOWER_HALF:
        return (
            "Most of it is no address at all: where the upper bits aren't all alike, the processor refuses the access"
            " (SIGSEGV with SI_KERNEL and no si_addr). What lies below is a fault (SEGV_MAPERR)."
        )
    return "Touching it is a fault (SEGV_MAPERR)."


def _headline(row: RegionRow, region: Region) -> Line:
    called = phrase(row.kind, row.name) if row.kind is not None else ""
    return line(
        span(address(region.start), Tone.BRIGHT),
        f" {'was' if row.ghost else 'looks like' if region.is_inferred else 'is'} {called}",
        span(" (deleted)" if region.deleted else "", Tone.DIM),
        _origin(region, row.match),
        f".  {perm_words(region.perms, row.usage.vm_flags if row.usage is not None else None)}.",
    )


def _origin(region: Region, match: Match | None) -> str:
    """Describe the source of its bytes: ": LOAD #3, file bytes 0x26000-0x17afff at bias 7f3a4c000000"."""
    bytes_of_file = f"file bytes {hexadecimal(region.offset)}-{hexadecimal(region.offset + region.size - 1)}"
    if match is None:
        return f": {bytes_of_file}" if region.inode else ""
    what = bytes_of_file if region.inode else "no bytes of the file"
    places = ", ".join(f"#{index}" for index in match.indices)
    return f": {match.segment.type} {places}, {what} at bias {address(match.loaded.load_bias)}"


def _usage(row: RegionRow, space: AddressSpace, clock: float, width: int, *, live: bool) -> Iterator[Line]:
    if row.usage is None or not row.usage.fields:
        yield line(span("counters  ", Tone.DIM), span(f"— {_why_unknown(space, live=live)}", Tone.WARN))
        return
    if row.known is not None:
        yield line(span("counters  ", Tone.DIM), span(f"{_how_known(row.known, space, clock, live=live)}", Tone.WARN))
    yield from _in_memory(row, row.usage)
    yield EMPTY
    yield from _counters(tuple(row.usage.fields), row.usage.values, width)
    if row.known is None or row.known.carried:
        yield from _flags(row.usage.vm_flags, width)
    yield EMPTY
    yield from _meanings(tuple(row.usage.fields))


def _how_known(known: Known, space: AddressSpace, clock: float, *, live: bool) -> str:
    """Describe the age of the counters: "Rss, Swap and Anonymous were counted ...; the others are 7 s old ..."."""
    parts = ["Rss, Swap and Anonymous were counted from pagemap"] if known.counted else []
    counters, again = space.counters, _AGAIN
    if isinstance(counters, Unavailable):
        parts.append(f"the others are {counters.reason}" if counters.cause is Cause.NOT_READ else counters.reason)
        again = counters.remedy
    elif known.carried:
        others = "the others" if parts else "they"
        parts.append(f"{others} are {max(0.0, clock - counters.taken_at):.0f} s old, of the memory it covers")
    else:
        parts.append("the others are not known yet")
    return "; ".join([*parts, again] if live and again else parts)


def _why_unknown(space: AddressSpace, *, live: bool) -> str:
    """Return the reason, and what can be done about it."""
    why = space.counters if isinstance(space.counters, Unavailable) else _CHANGED
    return str(why) if live else why.reason


def _in_memory(row: RegionRow, usage: Usage) -> Iterator[Line]:
    rss, pss = usage.get("Rss"), usage.get("Pss")
    if rss is None:
        return
    sentence: Line = line(
        span("in memory ", Tone.DIM),
        span(size(rss), Tone.BRIGHT),
        f" of {size(row.range.size)}{_share(rss, row.range.size)}",
    )
    if rss and pss is not None:
        sentence += line("; its fair share (Pss) is ", span(size(pss), Tone.BRIGHT), _sharing(rss, pss))
    yield sentence


def _share(part: int, whole: int) -> str:
    if not part:
        return ""
    return f" ({100 * part / whole:.0f} %)" if part / whole >= _ONE_PERCENT else " (under 1 %)"


def _sharing(rss: int, pss: int) -> str:
    if pss >= rss:
        return ": nobody else maps these pages"
    if not pss:
        return f", less than 1K: each page is mapped more than {rss >> 10} times"
    # The kernel truncates Pss to whole kB: from a few kB no number of mappings follows.
    least, most = rss / (pss + 1024), rss / pss
    if most - least >= _TENTH:
        return f": as if each page were mapped {least:.0f} to {most:.0f} times"
    return f": as if each page were mapped {most:.1f} times"


@lru_cache(maxsize=4)
def _counters(names: tuple[str, ...], values: tuple[int, ...], width: int) -> tuple[Line, ...]:
    """Lay out the counters in columns, from left to right in the kernel's order."""
    cells = [_counter(name, value) for name, value in zip(names, values, strict=True)]
    lines: list[Line] = []
    cell = max(map(len, names)) + 1 + _VALUE
    across = max(1, (width + _BETWEEN_CELLS) // (cell + _BETWEEN_CELLS))
    for first in range(0, len(cells), across):
        parts: list[Span] = []
        for place, (name, value) in enumerate(cells[first : first + across]):
            blank = " " * (cell - len(name) - len(plain(value)))
            parts += (span(" " * _BETWEEN_CELLS if place else ""), span(name + blank, Tone.DIM), *value)
        lines.append(tuple(parts))
    return tuple(lines)


def _counter(name: str, value: int) -> tuple[str, Line]:
    return name, line(str(value)) if name in _PLAIN else size_line(value)


@lru_cache(maxsize=4)
def _meanings(counters: tuple[str, ...]) -> tuple[Line, ...]:
    """Explain each counter, below the figures, so that those who know them can skip it."""
    explained = [name for name in counters if counter_words(name)]
    width = max(map(len, explained), default=0)
    return tuple(line(span(name.ljust(width), Tone.DIM), f"  {counter_words(name)}") for name in explained)


@lru_cache(maxsize=4)
def _flags(flags: tuple[str, ...] | None, width: int) -> tuple[Line, ...]:
    if flags is None:
        return (line(span("VmFlags   ", Tone.DIM), span("— this kernel doesn't give them", Tone.WARN)),)
    if not flags:
        return (line(span("VmFlags   ", Tone.DIM), "none"),)
    return tuple(flowed([_flag(flag) for flag in flags], width))


def _flag(flag: str) -> Line:
    words = flag_words(flag)
    return line(span(flag, Tone.ACCENT), span(f" {words}" if words != flag else " (unknown)"))
