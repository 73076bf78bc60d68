"""`mmexplorer pages PID [ADDRESS|START-END]`: the state of each page of a process, region or range."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.commands.shared.inspected import Inspected, inspect, range_in
from mmexplorer.kernel.pages.frames import count_flags
from mmexplorer.kernel.pages.pagemap import read_pages
from mmexplorer.model.memory.pages import PageStates, is_private_file
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import Counters
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.pages import pages_document
from mmexplorer.present.memory.pages import REGION_PAGES_COLUMNS, RUN_COLUMNS, RegionPages, total_lines
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.column import plain_table

_ENTRIES_AT_MOST = 1 << 24
"""The most present pages that are read: 64 GiB's worth. The user asked for them, and accepts the time it takes."""
_HUGETLB = "ht"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process and the part of it to show."""
    parser.add_argument("pid", metavar="PID|NAME", help="the process")
    parser.add_argument("part", nargs="?", metavar="ADDRESS|START-END", help="[heap], 0x7f..., or a range as in maps")


def run(arguments: Namespace) -> int:
    """Print the runs of a part, or a line per region of the complete process; then the totals."""
    inspected = inspect(arguments.pid, counters=True)
    regions = inspected.space.regions
    whole = Range(regions[0].start, regions[-1].end)
    part = whole if arguments.part is None else range_in(inspected, arguments.part)
    found = list(_read(inspected, part))
    states = [pages for _, pages in found]
    flags = _flags(inspected, states)
    if arguments.json:
        print(pages_document(inspected.pid, part, inspected.procfs.page_size, states, flags))
        return DONE
    if arguments.part is None:
        rows = plain_table(REGION_PAGES_COLUMNS, found)
    else:
        rows = plain_table(RUN_COLUMNS, chain.from_iterable(pages.runs for pages in states))
    for text in chain(rows, _totals(inspected.space.counters, found, part, flags)):
        print(clean(text))
    return DONE


def _read(inspected: Inspected, part: Range) -> Iterator[RegionPages]:
    """Read the regions that overlap `part`, as far as it covers them."""
    for region in inspected.space.regions:
        wanted = Range(max(region.start, part.start), min(region.end, part.end))
        if wanted.size <= 0 or region.kernels_own:
            continue
        pages = read_pages(
            inspected.procfs,
            inspected.memory_pid,
            wanted,
            private_file=is_private_file(region),
            at_most=_ENTRIES_AT_MOST,
        )
        if isinstance(pages, Unavailable):
            raise CommandFailure(f"{inspected.pid}: {pages}")
        yield region, pages


def _flags(inspected: Inspected, states: Sequence[PageStates]) -> Mapping[str, int] | Unavailable:
    runs = (run for pages in states for run in pages.runs if run.state.in_rss)
    return count_flags(inspected.procfs, inspected.memory_pid, runs)


def _totals(
    counters: Counters | Unavailable,
    found: Sequence[RegionPages],
    part: Range,
    flags: Mapping[str, int] | Unavailable,
) -> Iterator[str]:
    """Compare completely covered regions with smaps; hugetlb pages count in no Rss."""
    usual = [(region, pages) for region, pages in found if not _is_hugetlb(region, counters)]
    rss, swap = (_counted(counters, [region for region, _ in usual], part, name) for name in ("Rss", "Swap"))
    yield from total_lines([pages for _, pages in usual], rss, swap, flags)
    if len(usual) < len(found):
        yield "regions of hugetlb are not in these sums: Rss doesn't count their pages"


def _is_hugetlb(region: Region, counters: Counters | Unavailable) -> bool:
    usage = counters.by_range.of(region) if isinstance(counters, Counters) else None
    return usage is not None and _HUGETLB in (usage.vm_flags or ())


def _counted(counters: Counters | Unavailable, regions: Sequence[Region], part: Range, name: str) -> int | Unavailable:
    if isinstance(counters, Unavailable):
        return counters
    if any(region.start < part.start or part.end < region.end for region in regions):
        return Unavailable(Cause.UNSUPPORTED, "it has no sums of a part of a region")
    usages = counters.by_range.of_each(regions)
    return sum(usage.get(name) or 0 for usage in usages if usage is not None)
