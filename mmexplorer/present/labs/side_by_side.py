"""Maps read at different steps, side by side: which region is in which of them."""

from collections.abc import Iterator, Sequence

from mmexplorer.labs.lab import Lab
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.outcome import Outcome
from mmexplorer.model.region import Region
from mmexplorer.present.text.cells import ADDRESS_CELLS
from mmexplorer.present.text.format import address, size
from mmexplorer.present.text.line import Line, Tone, line, span

_REGION, _MAP = 24, 7
"""Cells of a region's start, permissions and size, and of each map's column; a pane is narrow."""


def maps_side_by_side(lab: Lab, outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """Yield a row for each region in any of the maps that `lab` compares, with a column for each map.

    Nothing until all of them have been read. Regions that are in every map with the same bounds and permissions are
    only counted, except beside one that isn't.
    """
    maps = list(_maps(lab, outcomes))
    if not maps or len(maps) < len(lab.compared):
        return
    titles = [title for title, _ in lab.compared]
    rows = sorted({(region.start, region.end, region.perms): region for each in maps for region in each}.values())
    places = [tuple(_is_in(region, each) for each in maps) for region in rows]
    differs = {index for index, inside in enumerate(places) if not all(inside)}
    shown = {near for index in differs for near in range(index - 1, index + 2)}
    yield line(span("the maps side by side", Tone.DIM))
    yield line(span(f"{'':{_REGION}}{''.join(f'{title:>{_MAP}}' for title in titles)}", Tone.DIM))
    skipped = 0
    for index, (region, inside) in enumerate(zip(rows, places, strict=True)):
        if index not in shown:
            skipped += 1
            continue
        yield from _skipped(skipped)
        skipped = 0
        yield _row(region, inside)
    yield from _skipped(skipped)
    total = "".join(f"{size(sum(region.size for region in each)):>{_MAP}}" for each in maps)
    yield line(span(f"{'in all':<{_REGION}}", Tone.DIM), span(total, Tone.BRIGHT))


def _maps(lab: Lab, outcomes: Sequence[Outcome]) -> Iterator[tuple[Region, ...]]:
    for _, index in lab.compared:
        after = outcomes[index].after if index < len(outcomes) else None
        if isinstance(after, Measurement):
            yield after.regions


def _is_in(region: Region, regions: Sequence[Region]) -> bool:
    return any((each.start, each.end, each.perms) == (region.start, region.end, region.perms) for each in regions)


def _skipped(count: int) -> Iterator[Line]:
    if count:
        yield line(span(f"... {count} region{'s' if count > 1 else ''} in each of them", Tone.DIM))


def _row(region: Region, inside: Sequence[bool]) -> Line:
    name = f"{address(region.start):>{ADDRESS_CELLS}} {region.perms} {size(region.size):>5}"
    cells = "".join(f"{'yes' if each else '-':>{_MAP}}" for each in inside)
    tone = Tone.NORMAL if all(inside) else Tone.ADDED
    return line(span(f"{name:<{_REGION}}", tone), span(cells, tone), span(f"  {region.path}".rstrip(), Tone.DIM))
