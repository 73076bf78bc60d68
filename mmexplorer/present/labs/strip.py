"""The lab process's address space, as the strip above it draws it."""

from collections.abc import Sequence

from mmexplorer.model.region import Region
from mmexplorer.model.region_kind import classify
from mmexplorer.present.region.address_strip import Extent, short_label


def map_extents(regions: Sequence[Region]) -> tuple[Extent, ...]:
    """Return what the address-space strip draws."""
    return tuple(
        Extent(region.range, classify(region, None, None), short_label(region.name))
        for region in regions
        if not region.kernels_own
    )
