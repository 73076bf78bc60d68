"""The lab process at one moment: its map, its counters, the pages of one range."""

from collections.abc import Iterator

from mmexplorer.kernel.pagemap import read_pages
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.labs.measurement import Measurement
from mmexplorer.model.pages import is_private_file
from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.maps import parse_maps
from mmexplorer.parse.smaps import parse_rollup, parse_smaps
from mmexplorer.parse.stat import parse_stat
from mmexplorer.parse.status import parse_status

_SIZES = ("VmSize", "VmPTE")


def measure(pid: int, watched: Range | None, procfs: Procfs | None = None) -> Measurement | Unavailable:
    """Look at the process once; it is ours and idle meanwhile, so the parts belong together."""
    files = procfs or Procfs()
    maps = files.read(f"{pid}/maps")
    if isinstance(maps, Unavailable):
        return maps
    regions = parse_maps(maps).regions
    pages = None if watched is None else read_pages(pid, watched, private_file=_private_file(regions, watched))
    return Measurement(regions, dict(_counters(files, pid)), pages, usage=_usage(files, pid, regions, watched))


def _usage(files: Procfs, pid: int, regions: tuple[Region, ...], watched: Range | None) -> Usage | None:
    """The counters of the watched range, where it is a region of its own and nothing else is counted with it."""
    if watched not in {region.range for region in regions}:
        return None
    smaps = files.read(f"{pid}/smaps")
    return None if isinstance(smaps, Unavailable) or watched is None else parse_smaps(smaps).get(watched)


def _counters(files: Procfs, pid: int) -> Iterator[tuple[str, int]]:
    status = files.read(f"{pid}/status")
    if isinstance(status, bytes):
        parsed = parse_status(status)
        for name in _SIZES:
            size = parsed.size(name)
            if size is not None:
                yield name, size
    rollup = files.read(f"{pid}/smaps_rollup")
    if isinstance(rollup, bytes):
        yield from parse_rollup(rollup)
    stat = files.parsed(f"{pid}/stat", parse_stat)
    if not isinstance(stat, Unavailable):
        yield "min_flt", stat.min_flt
        yield "maj_flt", stat.maj_flt


def _private_file(regions: tuple[Region, ...], watched: Range) -> bool:
    region = next((region for region in regions if region.start <= watched.start < region.end), None)
    return region is not None and is_private_file(region)
