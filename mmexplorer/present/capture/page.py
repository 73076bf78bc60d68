"""A capture as one self-contained HTML page: memory over time, the map, its regions, what grows."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from mmexplorer.model.amount import format_size
from mmexplorer.model.capture.comparison import Amounts, Compared, added
from mmexplorer.model.capture.growth import Growth
from mmexplorer.model.capture.moments import Manifest
from mmexplorer.model.capture.timeline import Tick, Timeline
from mmexplorer.model.region import RegionKind
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.capture.compared import compared
from mmexplorer.present.capture.export import Looked
from mmexplorer.present.capture.growth import GROWTH_COLUMNS
from mmexplorer.present.region.address import phrase
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import address, date_and_time, duration, number_of, time_of_day
from mmexplorer.present.text.line import plain

_WIDTH, _HEIGHT = 1000, 160
_COLOURS = {
    RegionKind.CODE: "#4c78a8", RegionKind.RODATA: "#9ecae9", RegionKind.DATA: "#f58518", RegionKind.RELRO: "#ffbf79",
    RegionKind.BSS: "#d67195", RegionKind.HEAP: "#e45756", RegionKind.STACK: "#72b7b2", RegionKind.ARENA: "#ff9d98",
    RegionKind.JIT: "#439894", RegionKind.ANON: "#54a24b", RegionKind.FILE: "#b279a2", RegionKind.SHM: "#d6a5c9",
    RegionKind.MEMFD: "#d6a5c9", RegionKind.GUARD: "#bbbbbb", RegionKind.RESERVE: "#cccccc",
    RegionKind.ARENA_RESERVE: "#cccccc", RegionKind.HUGETLB: "#88d27a",
}  # fmt: skip
_OTHER = "#9d755d"
_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 1040px; padding: 0 1em; color: #222; }
table { border-collapse: collapse; font: 12px/1.5 ui-monospace, monospace; }
td, th { padding: 0 .7em 0 0; text-align: right; white-space: nowrap; vertical-align: top; }
td:last-child, th:last-child { text-align: left; white-space: normal; overflow-wrap: anywhere; }
tfoot td { font-weight: bold; }
.wide { overflow-x: auto; }
.strip { display: flex; height: 28px; overflow: hidden; }
.key { margin: .3em 0 1em; }
.key span { display: inline-block; margin-right: 1em; }
.key i { display: inline-block; width: .9em; height: .9em; margin-right: .3em; vertical-align: -.1em; }
h1 { overflow-wrap: anywhere; }
svg { width: 100%; height: auto; background: #f7f7f7; }
@media (prefers-color-scheme: dark) { body { background: #1b1b1b; color: #ddd; } svg { background: #262626; } }
"""


class Seen(NamedTuple):
    """What a page shows of a process."""

    course: Timeline
    """Its moments."""
    last: Looked
    growths: Sequence[Growth]


def course_tick(looked: Looked) -> Tick:
    """Return what the chart shows of a moment."""
    sizes = (region.size for region in looked.space.regions if not region.kernels_own)
    return Tick(looked.clocks, _resident(looked.space), sum(sizes))


def page_lines(manifest: Manifest, seen: Seen) -> Iterator[str]:
    """Yield the page; all text that a process controls is cleaned and escaped."""
    ticks, space = seen.course.ticks, seen.last.space
    title = f"{space.process.name} ({space.process.pid}) on {manifest.host}"
    regions = compared(space)
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width">\n'
    yield f"<title>{_text(title)}</title>\n<style>{_STYLE}</style></head><body>\n<h1>{_text(title)}</h1>\n"
    first, end = (date_and_time(each.clocks.realtime) for each in (ticks[0], ticks[-1]))
    between = f"at {end}" if len(ticks) == 1 else f"from {first} to {end}"
    yield f"<p>{number_of(len(ticks), 'moment')} {between}; Linux {_text(manifest.kernel)}</p>\n"
    yield from _course(seen.course)
    yield "<h2>The map at the end</h2>\n"
    yield from _strip(regions)
    if isinstance(space.counters, Unavailable):
        yield f"<p>RSS, PSS, DIRTY and SWAP: {_text(space.counters.reason)}</p>\n"
    sums = added(each.amounts for each in regions if not each.region.kernels_own)
    foot = [] if sums is None else ["", "", "", *_sizes(sums), number_of(len(regions), "region")]
    yield from _table(
        ("START", "END", "PERM", "SIZE", "RSS", "PSS", "DIRTY", "SWAP", "WHAT"), map(_cells, regions), foot
    )
    yield "<h2>What changed over time</h2>\n"
    growth = [[plain(column.text(each)) for column in GROWTH_COLUMNS] for each in seen.growths]
    yield from _table([column.title for column in GROWTH_COLUMNS], growth) if growth else ("<p>Nothing.</p>\n",)
    yield "</body></html>\n"


def _course(course: Timeline) -> Iterator[str]:
    """Draw VSZ and RSS over time, each with its own scale: VSZ is often a thousand times RSS."""
    ticks = course.ticks
    yield f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 20}" role="img" aria-label="VSZ and RSS over time">\n'
    for name, colour, line in (("VSZ", "#4c78a8", 16), ("RSS", "#e45756", 32)):
        counts = [getattr(tick, name.lower()) for tick in ticks]
        most = max((count for count in counts if count is not None), default=None)
        for points in _unbroken(course, counts, most or 1):
            yield f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points}"/>\n'
        known = "not known" if most is None else f"0 to {format_size(most)}"
        yield f'<text x="6" y="{line}" font-size="12" fill="{colour}">{name}: {known}</text>\n'
    first, last = ticks[0].clocks, ticks[-1].clocks
    ends = ((6, "start", first, ""), (_WIDTH - 6, "end", last, f" (+{duration(last.boottime - first.boottime)})"))
    for x, anchor, clocks, more in ends:
        words = f"{time_of_day(clocks.realtime)}{more}"
        yield f'<text x="{x}" y="{_HEIGHT + 14}" font-size="12" text-anchor="{anchor}" fill="#888">{words}</text>\n'
    yield "</svg>\n"


def _resident(space: AddressSpace) -> int | None:
    """Return the RSS from statm: the counters lack regions that changed since smaps was read."""
    known = space.process.rss
    if not isinstance(known, Unavailable):
        return known
    total = added(each.amounts for each in compared(space))
    return None if total is None else total.rss


def _unbroken(course: Timeline, counts: Sequence[int | None], most: int) -> Iterator[str]:
    """Yield the points of each stretch without missing values; a single point becomes a short line."""
    begin = course.ticks[0].clocks.boottime
    span = (course.ticks[-1].clocks.boottime - begin) or 1.0
    places = [
        None
        if count is None
        else ((tick.clocks.boottime - begin) / span * _WIDTH, _HEIGHT - 4 - count / most * (_HEIGHT - 8))
        for tick, count in zip(course.ticks, counts, strict=True)
    ]
    for stretch in course.unbroken():
        for _, run in groupby(places[stretch.start : stretch.stop], key=lambda place: place is None):
            points = [place for place in run if place is not None]
            if len(points) == 1:
                points.append((points[0][0] + 2, points[0][1]))
            if points:
                yield " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _strip(regions: Sequence[Compared]) -> Iterator[str]:
    """Draw each region with a width proportional to the bits of its size: kilobytes and gigabytes on one line."""
    yield '<div class="strip">'
    for each in regions:
        width = max(1, each.region.size.bit_length() - 11)
        name = f"{address(each.region.start)} {format_size(each.region.size)} {phrase(each.kind, each.name)}"
        yield f'<i style="flex:{width};background:{_colour(each.kind)}" title="{_text(name)}"></i>'
    yield '</div>\n<p class="key">'
    there = {each.kind for each in regions}
    for kind in RegionKind:
        if kind in there:
            yield f'<span><i style="background:{_colour(kind)}"></i>{kind.value}</span> '
    yield "</p>\n"


def _colour(kind: RegionKind) -> str:
    return _COLOURS.get(kind, _OTHER)


def _cells(each: Compared) -> list[str]:
    region = each.region
    what = phrase(each.kind, each.name)
    return [address(region.start), address(region.end), region.perms, *_sizes(each.amounts), what]


def _sizes(amounts: Amounts) -> Iterator[str]:
    return ("—" if count is None else format_size(count) for count in amounts)


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], foot: Sequence[str] = ()) -> Iterator[str]:
    yield f'<div class="wide"><table><tr>{_row("th", titles)}</tr>\n'
    for row in rows:
        yield f"<tr>{_row('td', row)}</tr>\n"
    if foot:
        yield f"<tfoot><tr>{_row('td', foot)}</tr></tfoot>\n"
    yield "</table></div>\n"


def _row(tag: str, cells: Iterable[str]) -> str:
    return "".join(f"<{tag}>{_text(cell)}</{tag}>" for cell in cells)


def _text(value: str) -> str:
    return escape(clean(value))
