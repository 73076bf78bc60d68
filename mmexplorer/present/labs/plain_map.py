"""The map before and after a step with the difference marked, as a diff shows it, and an address on the map."""

from collections.abc import Iterator, Mapping, Sequence

from mmexplorer.model.address import Inside, locate
from mmexplorer.model.changes import Change, diff
from mmexplorer.model.region import Region
from mmexplorer.present.region.changes import change_detail
from mmexplorer.present.text.format import address, address_range, signed_size, size
from mmexplorer.present.text.line import Line, Tone, line, span

_AROUND = 1
"""Unchanged rows shown above and below a change."""


def map_difference(before: Sequence[Region], after: Sequence[Region]) -> tuple[Line, ...]:
    """Give the rows of both maps: `-` only before, `+` only after, blank for both, most of them only counted."""
    changes = {region: change for change in diff(before, after) for region in (*change.before, *change.after)}
    rows = sorted({*before, *after}, key=lambda region: (region.start, region in changes and region in after))
    shown = {
        near
        for index, region in enumerate(rows)
        if region in changes
        for near in range(index - _AROUND, index + _AROUND + 1)
    }
    return tuple(_rows(rows, shown, changes, frozenset(after)))


def _rows(
    rows: Sequence[Region], shown: set[int], changes: Mapping[Region, Change], after: frozenset[Region]
) -> Iterator[Line]:
    left_out = 0
    for index, region in enumerate(rows):
        if index not in shown:
            left_out += 1
            continue
        yield from _left_out(left_out)
        left_out = 0
        yield _row(region, changes.get(region), present=region in after)
    yield from _left_out(left_out)


def map_around(regions: Sequence[Region], fault: int) -> tuple[Line, ...]:
    """Give the region that an address lies in, or its neighbours with the address between them."""
    place = locate(regions, fault)
    arrow = span(f"> {address(fault)}", Tone.WARN)
    if isinstance(place, Inside):
        return (_row(place.region, None, present=True), line(arrow, f" is in it, at +{place.offset:#x}"))
    below = [_row(place.below, None, present=True)] if place.below is not None else []
    above = [_row(place.above, None, present=True)] if place.above is not None else []
    return (*below, line(arrow, " is in no region"), *above)


def _left_out(count: int) -> Iterator[Line]:
    if count:
        yield line(span(f"  ... {count} unchanged region{'s' if count > 1 else ''}", Tone.DIM))


def _row(region: Region, change: Change | None, *, present: bool) -> Line:
    text = f"{address_range(*region.range)} {region.perms} {size(region.size):>5} {region.path}".rstrip(" ")
    if change is None:
        return line(f"  {text}")
    mark, tone = ("+", Tone.ADDED) if present else ("-", Tone.REMOVED)
    what = (
        f"   <- {change.kind.value}, {signed_size(change.delta)} ({change_detail(change)})"
        if present or not change.after
        else ""
    )
    return line(span(f"{mark} {text}", tone), span(what, Tone.CHANGED))
