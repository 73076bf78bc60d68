"""A region without an ELF file, in the third pane: how much of it is in memory and where, its neighbours, its growth.

If there is an ELF file, the pane shows that instead.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from mmexplorer.model.address import overlapping
from mmexplorer.model.growth import Point, Watch
from mmexplorer.model.memory.pages import PageState, PageStates
from mmexplorer.model.region import Range
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.explore.growth import FIRST_MOMENT, gained, since
from mmexplorer.present.memory.page_grid import grid_lines
from mmexplorer.present.region.address import region_phrase
from mmexplorer.present.region.match_reason import no_elf_reason
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.text.braille import fitted
from mmexplorer.present.text.format import duration, size, size_range
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped

_LEAST_LOOKS = 3
"""Two, as at the first and a later moment of a capture, don't tell what the course was between them."""
_CHART_ROWS = 3
_GRID_ROWS = range(2, 13)
_LEGEND_ROWS = 5
"""Usually the rows of the scale and the legend."""


class RegionMemory(NamedTuple):
    """What is known about the memory of a region."""

    row: RegionRow
    space: AddressSpace
    states: PageStates | Unavailable | None
    """The states of all its pages; None until they are read."""
    watch: Watch | None
    """How the regions changed since they have been watched, or since the mark."""
    marked: bool = False
    """Whether that is since the mark."""
    held: int | None = None
    """Bytes in memory when it was last looked at, of a region that is gone; None if not known."""

    @property
    def title(self) -> Line:
        """The title of the border."""
        name = self.row.name or (self.row.kind.value if self.row.kind is not None else "hole")
        return line(span("Memory ", Tone.DIM), span(name, Tone.BRIGHT))


def memory_lines(memory: RegionMemory, width: int, height: int) -> tuple[Line, ...]:
    """Return lines for `width` cells; sentences are wrapped by the widget, and the grid gets the remaining rows."""
    if memory.row.region is not None and memory.row.region.kernels_own:
        return (no_elf_reason(memory.row, memory.space),)  # pagemap ends below it, and nothing is next to it
    if memory.row.ghost:
        return (_removed(memory),)
    below, above = _neighbours(memory.row.range, memory.space)
    head = (
        no_elf_reason(memory.row, memory.space),
        *_region_lines(memory, width),
        EMPTY,
        line(span("before  ", Tone.DIM), below),
    )
    last = line(span("after   ", Tone.DIM), above)
    if not isinstance(memory.states, PageStates):
        return (*head, last)
    room = height - _LEGEND_ROWS - sum(len(tuple(wrapped(each, width))) for each in (*head, last))
    rows = min(max(_GRID_ROWS.start, room), _GRID_ROWS.stop - 1)
    return (*head, *grid_lines(memory.states, width, rows), last)


def _removed(memory: RegionMemory) -> Line:
    """Return "removed 3 s ago; 20M of 100M were in memory"."""
    when = line(span(f"removed {memory.row.age} s ago", Tone.REMOVED))
    held = memory.held
    return when if held is None else (*when, span(f"; {size(held)} of {size(memory.row.range.size)} were in memory"))


def _region_lines(memory: RegionMemory, width: int) -> Iterator[Line]:
    if memory.row.region is not None:
        yield _in_memory(memory)
        if memory.watch is not None:
            yield from _growth(memory, memory.watch, width)


def _in_memory(memory: RegionMemory) -> Line:
    states, whole = memory.states, memory.row.range.size
    if states is None:
        return line(span("its pages are being read ...", Tone.DIM))
    if isinstance(states, Unavailable):
        return line(span(f"— {states}", Tone.WARN))
    counts = states.counts()
    there = states.page_size * sum(count for state, count in counts.items() if state.in_rss)
    swapped = states.page_size * counts[PageState.SWAPPED]
    unread = states.page_size * counts[PageState.NOT_READ]
    percent = "less than 1" if 0 < 100 * there < whole else f"{100 * there // max(1, whole)}"
    share = "" if unread else f", {percent} %"
    return (
        *(line(span("at least ", Tone.WARN)) if unread else EMPTY),
        span(size(there), Tone.BRIGHT),
        span(f" of {size(whole)} in memory{share}"),
        *(line(span(f" · {size(swapped)} swapped out", Tone.STACK)) if swapped else EMPTY),
        *(line(span(f" · {size(unread)} not read (?): too many pages", Tone.DIM)) if unread else EMPTY),
    )


def _neighbours(place: Range, space: AddressSpace) -> tuple[str, str]:
    """Describe what is below a range and what is above it, and how far away."""
    regions = space.regions
    inside = overlapping(regions, place)
    below = regions[inside.start - 1] if inside.start else None
    above = regions[inside.stop] if inside.stop < len(regions) and not regions[inside.stop].kernels_own else None
    return (
        "nothing: it is the lowest"
        if below is None
        else f"{_distance(place.start - below.end)}{region_phrase(below, space)}, {size(below.size)}",
        "nothing: it is the highest"
        if above is None
        else f"{_distance(above.start - place.end)}{region_phrase(above, space)}, {size(above.size)}",
    )


def _distance(count: int) -> str:
    return f"a hole of {size(count)}, then " if count else ""


def _growth(memory: RegionMemory, watch: Watch, width: int) -> Iterator[Line]:
    head = since(watch, marked=memory.marked)
    if watch.looks == 1:
        marked = (*head, span("nothing was read since", Tone.DIM))
        yield marked if memory.marked else line(span(f"— {FIRST_MOMENT}", Tone.DIM))
        return
    track = watch.tracks.get(memory.row.range.start)
    if track is None:
        yield (*head, span("it stayed as it was", Tone.DIM))
        return
    came = track.since > watch.origin.clock
    born = line(span(f"came {duration(watch.clock - track.since)} ago  ", Tone.ADDED)) if came else EMPTY
    yield (*head, *born, *gained(watch, track))
    name = "rss" if any(point.rss is not None for point in track.points) else "size"
    known = [value for point in track.points if (value := getattr(point, name)) is not None]
    if watch.looks >= _LEAST_LOOKS and known and min(known) < max(known):
        low, high = min(known), max(known)
        values = _at_even_times(track.points, watch.clock, 2 * width, name)
        for row in fitted(values, width, _CHART_ROWS, low, high):
            yield line(span(row, Tone.HEAP))
        yield line(span(f"{name.upper()} {size_range(low, high)}", Tone.DIM))


def _at_even_times(points: Sequence[Point], now: float, columns: int, name: str) -> Sequence[int | None]:
    """Return the size of the region at that many evenly spaced times, from its first point until now."""
    first = points[0].clock
    step = (now - first) / max(1, columns - 1)
    clocks = [point.clock for point in points]
    return [getattr(points[bisect_right(clocks, first + step * at) - 1], name) for at in range(columns)]
