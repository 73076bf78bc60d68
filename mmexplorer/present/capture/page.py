"""A capture as one HTML page that needs nothing else: the course of memory, the map, its regions, what grows."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from mmexplorer.model.amount import format_size
from mmexplorer.model.capture.comparison import Compared, added
from mmexplorer.model.capture.growth import Growth
from mmexplorer.model.capture.moments import Manifest
from mmexplorer.model.region import RegionKind
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.capture.compared import compared
from mmexplorer.present.capture.export import Looked
from mmexplorer.present.capture.growth import GROWTH_COLUMNS
from mmexplorer.present.region.address import phrase
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import address, date_and_time
from mmexplorer.present.text.line import plain

_WIDTH, _HEIGHT = 1000, 160
_COLOURS = {
    RegionKind.CODE: "#4c78a8", RegionKind.RODATA: "#9ecae9", RegionKind.DATA: "#f58518", RegionKind.RELRO: "#ffbf79",
    RegionKind.BSS: "#d67195", RegionKind.HEAP: "#e45756", RegionKind.STACK: "#72b7b2", RegionKind.ANON: "#54a24b",
    RegionKind.GUARD: "#bbbbbb",
}  # fmt: skip
_OTHER = "#b279a2"
_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 1040px; color: #222; }
table { border-collapse: collapse; font: 12px/1.5 ui-monospace, monospace; }
td, th { padding: 0 .7em 0 0; text-align: right; white-space: nowrap; }
td:last-child, th:last-child { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.strip { display: flex; height: 28px; }
.strip i { min-width: 1px; }
svg { width: 100%; height: auto; background: #f7f7f7; }
@media (prefers-color-scheme: dark) { body { background: #1b1b1b; color: #ddd; } svg { background: #262626; } }
"""


def page_lines(manifest: Manifest, looked: Sequence[Looked], growths: Sequence[Growth]) -> Iterator[str]:
    """Write the page; whatever a process controls is cleaned and escaped."""
    last = looked[-1]
    process = last.space.process
    title = f"{process.name} ({process.pid}) on {manifest.host}"
    regions = compared(last.space)
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
    yield f"<title>{_text(title)}</title>\n<style>{_STYLE}</style></head><body>\n<h1>{_text(title)}</h1>\n"
    first, end = (date_and_time(each.clocks.realtime) for each in (looked[0], last))
    yield f"<p>{len(looked):,} moments from {first} to {end}; Linux {_text(manifest.kernel)}</p>\n"
    yield from _course(looked)
    yield "<h2>The map at the end</h2>\n"
    yield from _strip(regions)
    yield from _table(("START", "END", "PERM", "SIZE", "RSS", "PSS", "DIRTY", "SWAP", "WHAT"), map(_cells, regions))
    yield "<h2>What changed over time</h2>\n"
    growth = ([plain(column.text(each)) for column in GROWTH_COLUMNS] for each in growths)
    yield from _table([column.title for column in GROWTH_COLUMNS], growth)
    yield "</body></html>\n"


def _course(looked: Sequence[Looked]) -> Iterator[str]:
    """Draw size and RSS over time, each up to its own largest."""
    times = [each.clocks.boottime for each in looked]
    sizes = [sum(region.size for region in each.space.regions if not region.kernels_own) for each in looked]
    resident = [_resident(each.space) for each in looked]
    yield f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="VSZ and RSS over time">\n'
    for counts, colour, name, line in ((sizes, "#4c78a8", "VSZ", 16), (resident, "#e45756", "RSS", 32)):
        yield f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{_points(times, counts)}"/>\n'
        most = max((count for count in counts if count is not None), default=None)
        known = "not known" if most is None else f"up to {format_size(most)}"
        yield f'<text x="6" y="{line}" font-size="12" fill="{colour}">{name}: {known}</text>\n'
    yield "</svg>\n"


def _resident(space: AddressSpace) -> int | None:
    """Give what is in memory as statm says: of regions that changed since smaps was read the counters are missing."""
    known = space.process.rss
    if not isinstance(known, Unavailable):
        return known
    total = added(each.amounts for each in compared(space))
    return None if total is None else total.rss


def _points(times: Sequence[float], counts: Sequence[int | None]) -> str:
    span = (times[-1] - times[0]) or 1.0
    most = max((count for count in counts if count is not None), default=0) or 1
    places = (
        ((at - times[0]) / span * _WIDTH, _HEIGHT - 4 - count / most * (_HEIGHT - 8))
        for at, count in zip(times, counts, strict=True)
        if count is not None
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _strip(regions: Sequence[Compared]) -> Iterator[str]:
    """Draw each region as wide as its size has bits: kilobytes and gigabytes on one line."""
    yield '<div class="strip">'
    for each in regions:
        width = max(1, each.region.size.bit_length() - 11)
        name = f"{address(each.region.start)} {format_size(each.region.size)} {phrase(each.kind, each.name)}"
        colour = _COLOURS.get(each.kind, _OTHER)
        yield f'<i style="flex:{width};background:{colour}" title="{_text(name)}"></i>'
    yield "</div>\n"


def _cells(each: Compared) -> list[str]:
    region, counts = each.region, each.amounts
    sizes = ("—" if count is None else format_size(count) for count in counts)
    return [address(region.start), address(region.end), region.perms, *sizes, phrase(each.kind, each.name)]


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"<table><tr>{''.join(f'<th>{_text(title)}</th>' for title in titles)}</tr>\n"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>\n"
    yield "</table>\n"


def _text(value: str) -> str:
    return escape(clean(value))
