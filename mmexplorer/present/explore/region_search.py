"""Questions across processes: which of them have regions that match a filter, how many, and of what size."""

from collections.abc import Iterable

from mmexplorer.model.query import Query
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.present.explore.hits import Hits
from mmexplorer.present.explore.region_rows import RegionOptions, region_rows
from mmexplorer.present.region.fields import COUNTER_FIELDS, NAMED_FIELDS
from mmexplorer.present.region.table import RegionRow


def request_for(query: Query) -> Request:
    """Ask for what `query` is about and no more: what maps says of a region costs the least, its counters the most."""
    counters = bool(query.fields & COUNTER_FIELDS)
    return Request(elf=bool(query.fields & NAMED_FIELDS), counters=counters, counters_now=counters)


def matching(space: AddressSpace, query: Query) -> tuple[Region, ...]:
    """Give the regions of a process that match, ascending; of `space` no more is known than was asked for."""
    request = request_for(query)
    if request.elf or request.counters:
        rows: Iterable[RegionRow] = region_rows(space, (), 0.0, RegionOptions(query)).shown
        return tuple(row.region for row in rows if row.region is not None)
    return tuple(region for region in space.regions if query.matches(RegionRow(region.range, region, None)))


def hits(regions: tuple[Region, ...]) -> Hits:
    """Sum up what matches in one process."""
    return Hits(len(regions), sum(region.size for region in regions), regions[0].start if regions else None)
