"""The lines above the list of changes: their totals, and what polling can miss."""

from collections.abc import Iterator, Mapping

from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.growth import Tally, Track, Watch
from mmexplorer.model.process.process import Process
from mmexplorer.model.region import RegionKind
from mmexplorer.model.role import Role
from mmexplorer.present.region.address import region_name
from mmexplorer.present.text.format import address, duration, number_of, signed_size, size, time_of_day
from mmexplorer.present.text.line import EMPTY, Line, Span, Tone, line, span

FIRST_MOMENT = "this is the first moment: growth is the difference of two"
"""Why the growth of a region isn't known."""
_GROWERS = 3
"""Regions listed by name."""
_MISSED: Line = line(span("  Memory that comes and goes between two looks shows only in the faults.", Tone.DIM))
_WORTH = 1 << 12
"""Minimum bytes for which a region gets a line."""


def growth_lines(
    watch: Watch, process: Process, vsz: int, layout: Layout, roles: Mapping[int, Role], *, marked: bool = False
) -> tuple[Line, ...]:
    """Summarize the changes of `process`, which now has `vsz` bytes, with the regions that gained most first."""
    return (_sums(watch, process, vsz, marked=marked), *_growers(watch, layout, roles), *_came_and_went(watch), _MISSED)


def _sums(watch: Watch, process: Process, vsz: int, *, marked: bool) -> Line:
    origin = watch.origin
    parts: list[Span] = [*since(watch, marked=marked)]
    parts += (span("SIZE ", Tone.DIM), span(signed_size(vsz - origin.vsz), Tone.BRIGHT))
    if isinstance(process.rss, int) and origin.rss is not None:
        parts += (span("  RSS ", Tone.DIM), span(signed_size(process.rss - origin.rss), Tone.BRIGHT))
    faults = process.min_flt + process.maj_flt - origin.faults
    parts += (span("  faults ", Tone.DIM), span(f"{faults:,}"))
    parts.append(span(f"  in {number_of(watch.looks, 'look')}", Tone.DIM))
    return tuple(parts)


def since(watch: Watch, *, marked: bool) -> Line:
    """Return the start and length of the measurement: "since 22:31:07, 3 min: "."""
    start = f"{'mark' if marked else 'since'} {time_of_day(watch.origin.taken_at)}"
    passed = duration(watch.clock - watch.origin.clock)
    return line(span(start, Tone.ACCENT), span(f", {passed}: ", Tone.DIM))


def _growers(watch: Watch, layout: Layout, roles: Mapping[int, Role]) -> Iterator[Line]:
    changed = sorted((track for track in watch.tracks.values() if _weight(track)), key=_weight, reverse=True)
    named = [track for track in changed[:_GROWERS] if _weight(track) >= _WORTH]
    for track in named:
        start = track.region.start
        name = region_name(track.region, layout.matches.get(start), roles.get(start)) or "anon"
        yield (span(f"  {address(track.region.start)} "), span(name, Tone.BRIGHT), span("  "), *gained(watch, track))
    others = changed[len(named) :]
    sums = sum(track.size for track in others), sum(track.rss for track in others)
    if any(sums):
        yield (span(f"  {number_of(len(others), 'other')}  "), *_named("SIZE ", sums[0]), *_named("RSS ", sums[1]))


def gained(watch: Watch, track: Track) -> Line:
    """Return what a region gained: "SIZE +61M  RSS +61M  +20M a minute"."""
    growth = watch.growth(track)
    rate = growth.size_per_minute if abs(track.size) >= abs(track.rss) else growth.rss_per_minute
    return (
        *_named("SIZE ", track.size),
        *_named("RSS ", track.rss),
        *(line(span(f"{signed_size(round(rate))} a minute", Tone.CHANGED)) if rate else EMPTY),
    )


def _weight(track: Track) -> int:
    return max(abs(track.size), abs(track.rss))


def _named(name: str, count: int) -> Line:
    return line(span(name, Tone.DIM), f"{signed_size(count)}  ") if count else EMPTY


def _came_and_went(watch: Watch) -> Iterator[Line]:
    parts = [_tallies(kind, watch) for kind in RegionKind if kind in watch.came or kind in watch.went]
    if parts:
        yield line(span(f"  {'; '.join(parts)}"))


def _tallies(kind: RegionKind, watch: Watch) -> str:
    """Return "anon: 12 came +48M, 9 went -36M (10M of it gained before), net +22M"."""
    came, went = watch.came.get(kind, Tally()), watch.went.get(kind, Tally())
    before = f" ({size(went.gained)} of it gained before)" if went.gained > 0 else ""
    parts = [f"{came.regions:,} came {signed_size(came.size)}"] if came.regions else []
    parts += [f"{went.regions:,} went {signed_size(-went.size)}{before}"] if went.regions else []
    net = came.size - went.size + went.gained
    parts += [f"net {signed_size(net)}"] if (came.regions and went.regions) or went.gained else []
    return f"{kind.value}: {', '.join(parts)}"
