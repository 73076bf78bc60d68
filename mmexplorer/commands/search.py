"""`mmexplorer search PID PATTERN`: where text, bytes or pointers occur in a process's memory."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from itertools import islice

from mmexplorer.commands.shared.exit import CANNOT_READ, DONE, WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.inspected import Inspected, inspect, range_in
from mmexplorer.kernel.process.search import search_dump, search_memory
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.address import NoAddress
from mmexplorer.model.memory.bytes import parse_pattern
from mmexplorer.model.memory.inspection import Found
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.memory import search_document
from mmexplorer.present.region.address import region_phrase
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import address_range

_MATCHES_AT_MOST = 1 << 16


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process, the pattern and where to search."""
    parser.add_argument("pid", metavar="PID|NAME|FILE", help="a process, or a core file of one")
    parser.add_argument("pattern", metavar="PATTERN", help="text, hex:7f454c46, or ptr:[heap], a pointer into a region")
    parser.add_argument("--in", dest="part", metavar="ADDRESS", help="only in the region of this address")


def run(arguments: Namespace) -> int:
    """Print the matches; CANNOT_READ if there are none, as in grep(1)."""
    inspected = inspect(arguments.pid)
    matches = list(islice(_matches(inspected, arguments), _MATCHES_AT_MOST))
    if arguments.json:
        print(search_document(inspected.identity, matches))
    else:
        for match in matches:
            print(clean(_line(inspected, match)))
    if len(matches) == _MATCHES_AT_MOST:
        raise CommandFailure(f"these are the first {_MATCHES_AT_MOST:,} matches; the search ended there")
    if not matches:
        raise CommandFailure(f"{arguments.pattern} isn't in the memory that could be read", CANNOT_READ)
    return DONE


def _matches(inspected: Inspected, arguments: Namespace) -> Iterator[Found]:
    search = parse_pattern(arguments.pattern, lambda place: range_in(inspected, place))
    if isinstance(search, NoAddress):
        raise CommandFailure(search.sentence, WRONG_USAGE)
    regions = _regions(inspected, arguments.part)
    procfs = inspected.source.procfs
    if not isinstance(procfs, LiveProcfs):
        return search_dump(inspected.memory, inspected.memory_pid, regions, search)
    found = search_memory(procfs, inspected.memory_pid, regions, search)
    if isinstance(found, Unavailable):
        raise CommandFailure(f"{inspected.pid}: {found}")
    return found


def _regions(inspected: Inspected, part: str | None) -> tuple[Region, ...]:
    regions = inspected.space.regions
    if part is None:
        return regions
    wanted = range_in(inspected, part)
    return tuple(region for region in regions if region.start < wanted.end and wanted.start < region.end)


def _line(inspected: Inspected, match: Found) -> str:
    address, region = match
    offset = address - region.start
    place = f"{region_phrase(region, inspected.space)} ({address_range(*region.range)})"
    return f"{address:08x} {offset:#x} bytes into {place}"
