"""`mmexplorer translate PID ADDRESS`: the walk through the page tables, and which processes share the page."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from mmexplorer.commands.arguments.address import add_address_argument
from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.commands.shared.inspected import Inspected, address_in, inspect, region_at
from mmexplorer.kernel.pages.frames import sharers
from mmexplorer.kernel.pages.translation import TableCounter, walk
from mmexplorer.model.memory.inspection import Walk
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.translate import translate_document
from mmexplorer.present.memory.translation import table_line, translation_lines
from mmexplorer.present.region.address import address_line
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import number_of
from mmexplorer.present.text.line import plain


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process and the address."""
    parser.add_argument("pid", metavar="PID|NAME", help="the process")
    add_address_argument(parser)


def run(arguments: Namespace) -> int:
    """Print the walk. Raises CommandFailure for an address in no region."""
    inspected = inspect(arguments.pid, counters=True)
    procfs = inspected.procfs
    address = address_in(inspected, arguments.address)
    region = region_at(inspected, address)
    found = walk(TableCounter(procfs), inspected.memory_pid, inspected.space, region, address)
    if isinstance(found, Unavailable):
        raise CommandFailure(f"{inspected.pid}: {found}")
    if arguments.json:
        print(translate_document(inspected.pid, found.translation))
        return DONE
    print(clean(plain(address_line(address, inspected.space))))
    tables = table_line(found.tables, procfs.page_size)
    for text in (*translation_lines(found.translation), *_sharing(inspected, region, found), tables):
        print(clean(text))
    return DONE


def _sharing(inspected: Inspected, region: Region, found: Walk) -> Iterator[str]:
    """Return how many times the frame is mapped, and by whom."""
    frame = found.translation.frame
    if isinstance(frame, Unavailable):
        return
    if isinstance(found.mapped, Unavailable):
        yield f"how often it is mapped: {found.mapped}"
        return
    yield f"the frame is mapped {number_of(found.mapped, 'time')}"
    for sharer in sharers(inspected.procfs, region, found.translation.address, frame):
        yield f"  by {sharer.pid} at {sharer.address:x}"
