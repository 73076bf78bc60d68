"""`mmexplorer translate PID ADDRESS`: the walk through the page tables, and who else has the page."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from mmexplorer.commands.exit import DONE, CommandFailure
from mmexplorer.commands.inspected import Inspected, address_in, inspect, region_at
from mmexplorer.kernel.frames import read_counts, sharers
from mmexplorer.kernel.translation import read_entries, read_paging, translate
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import Counters
from mmexplorer.model.translation import Translation, page_tables
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.status import parse_status
from mmexplorer.present.json.translate import translate_document
from mmexplorer.present.region.address import address_line
from mmexplorer.present.region.translation import table_line, translation_lines
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.line import plain

_HUGETLB = "ht"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process and the address."""
    parser.add_argument("pid", metavar="PID|NAME", help="the process")
    parser.add_argument("address", metavar="ADDRESS", help="0x7f..., [heap]+8, libc.so.6+0x27410, libc.so.6@0x1cf8d0")


def run(arguments: Namespace) -> int:
    """Print the walk. Raises CommandFailure for an address that no region covers."""
    inspected = inspect(arguments.pid, counters=True)
    address = address_in(inspected, arguments.address)
    region = region_at(inspected, address)
    found = translate(inspected.procfs, inspected.memory_pid, address, _hugetlb_size(inspected, region))
    if isinstance(found, Unavailable):
        raise CommandFailure(f"{inspected.pid}: {found}")
    if arguments.json:
        print(translate_document(inspected.pid, found))
        return DONE
    print(clean(plain(address_line(address, inspected.space))))
    for text in (*translation_lines(found), *_sharing(inspected, region, found), _tables(inspected)):
        print(clean(text))
    return DONE


def _hugetlb_size(inspected: Inspected, region: Region) -> int | None:
    """Give the size of the pages of a hugetlb region; None for any other."""
    counters = inspected.space.counters
    usage = counters.by_range.get(region.range) if isinstance(counters, Counters) else None
    return usage.get("KernelPageSize") if usage is not None and _HUGETLB in (usage.vm_flags or ()) else None


def _sharing(inspected: Inspected, region: Region, found: Translation) -> Iterator[str]:
    """Say how often the frame is mapped, and by whom."""
    if isinstance(found.frame, Unavailable):
        return
    counts = read_counts(inspected.procfs, (found.frame,))
    if isinstance(counts, Unavailable):
        yield f"how often it is mapped: {counts}"
        return
    yield f"the frame is mapped {counts.get(found.frame, 0):,} times"
    for sharer in sharers(inspected.procfs, region, found.address, found.frame):
        yield f"  by {sharer.pid} at {sharer.address:x}"


def _tables(inspected: Inspected) -> str:
    regions = inspected.space.regions
    hugetlb = [region.range for region in regions if _hugetlb_size(inspected, region)]
    entries = read_entries(inspected.procfs, inspected.memory_pid, regions, hugetlb)
    if isinstance(entries, Unavailable):
        return f"page tables: {entries}"
    counts = page_tables(entries, read_paging(inspected.procfs))
    return table_line(counts, inspected.procfs.page_size, _vm_pte(inspected))


def _vm_pte(inspected: Inspected) -> int | Unavailable:
    status = inspected.procfs.read(f"{inspected.memory_pid}/status")
    if isinstance(status, Unavailable):
        return status
    size = parse_status(status).size("VmPTE")
    return Unavailable(Cause.UNSUPPORTED, "this kernel's status has no VmPTE") if size is None else size
