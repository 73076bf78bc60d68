"""Searches across processes: which have regions that match a filter, how many, and of what size."""

from mmexplorer.model.query import Query
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.present.explore.hits import Hits
from mmexplorer.present.explore.region_rows import RegionOptions, region_rows
from mmexplorer.present.region.fields import COUNTER_FIELDS, NAMED_FIELDS
from mmexplorer.present.region.row import RegionRow


def request_for(query: Query) -> Request:
    """Request only what `query` needs: maps is the cheapest to read, the counters the most expensive."""
    counters = bool(query.fields & COUNTER_FIELDS)
    return Request(elf=bool(query.fields & NAMED_FIELDS), counters=counters, counters_now=counters)


def matching(space: AddressSpace, query: Query) -> tuple[Region, ...]:
    """Return the matching regions of a process, ascending; `space` was read with `request_for(query)`."""
    request = request_for(query)
    if request.elf or request.counters:
        rows = region_rows(space, (), 0.0, RegionOptions(query)).shown.facts()
        return tuple(row.region for row in rows if row.region is not None)
    return tuple(region for region in space.regions if query.matches(RegionRow(region.range, region, None)))


def hits(regions: tuple[Region, ...]) -> Hits:
    """Return the totals of the matches in one process."""
    return Hits(len(regions), sum(region.size for region in regions), regions[0].start if regions else None)
