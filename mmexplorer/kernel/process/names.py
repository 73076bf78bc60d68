"""What maps can't say about names: whether ` (deleted)` was added by the kernel or is how the file is called."""

import os

from mmexplorer.model.region import Region
from mmexplorer.parse.maps import DELETED


def true_name(root: str, pid: int, region: Region) -> Region:
    """Correct a region that maps calls deleted, if a file of that very name, suffix included, is the one mapped.

    The comparison is by device and inode: with what map_files leads to, or where it can't be had, with maps itself
    (kernel.md 1). A region that is not called deleted comes back as it is.
    """
    if not (region.deleted and region.path.startswith("/")):
        return region
    literal = region.path + DELETED
    name = with_newlines(literal)
    named = _identity(f"{root}/{pid}/root{name}", follow=False)
    if named is None:
        return region
    mapped = _identity(f"{root}/{pid}/map_files/{region.start:x}-{region.end:x}", follow=True)
    same = named == (mapped or _identity_in_maps(region))
    return region._replace(path=literal, deleted=False) if same else region


def with_newlines(name: str) -> str:
    """Undo what maps does to a newline. A name that really holds those four characters is looked for in vain."""
    return name.replace("\\012", "\n")


def _identity(path: str, *, follow: bool) -> tuple[int, int] | None:
    try:
        found = os.stat(path, follow_symlinks=follow)  # noqa: PTH116 - the name may not be text a Path can hold
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _identity_in_maps(region: Region) -> tuple[int, int]:
    major, minor = (int(part, 16) for part in region.dev.split(":"))
    return os.makedev(major, minor), region.inode
