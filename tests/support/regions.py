"""Regions made from the fields of a line of maps."""

from typing import Any

from mmexplorer.model.region import Region, Traits


def region_of(  # noqa: PLR0917 - the fields of maps, in its order
    start: int, end: int, perms: str, offset: int, dev: str, inode: int, path: str, *, deleted: bool = False
) -> Region:
    """Return a region whose traits are its own."""
    return Region(start, end, offset, Traits(perms, dev, inode, path, deleted))


def with_traits(region: Region, **changes: Any) -> Region:
    """Return a copy with some traits changed."""
    return region._replace(traits=region.traits._replace(**changes))
