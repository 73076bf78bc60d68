"""`mmexplorer where PID ADDRESS`: what an address of a process is."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.arguments.address import add_address_argument
from mmexplorer.commands.shared.exit import DONE
from mmexplorer.commands.shared.inspected import Inspected, address_in, inspect
from mmexplorer.commands.shared.names import symbols_of
from mmexplorer.kernel.pages.translation import read_paging
from mmexplorer.kernel.process.threads import stack_pointers
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.image import Section
from mmexplorer.model.elf.symbols import Symbol
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.whereabouts import Whereabouts, section_at, whereabouts
from mmexplorer.present.json.where import where_document
from mmexplorer.present.region.whereabouts import whereabouts_lines
from mmexplorer.present.text.clean import clean

_USUAL_ADDRESS_BITS = 48
"""Assumed for files, which don't record how many levels the page tables had."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process and the address."""
    parser.add_argument("pid", metavar="PID|NAME|FILE", help="a process, or a capture, a core or a text of one")
    add_address_argument(parser)


def run(arguments: Namespace) -> int:
    """Print all that is known of the address, even if no region contains it."""
    inspected = inspect(arguments.pid, sections=True)
    space = inspected.space
    address = address_in(inspected, arguments.address)
    place = whereabouts(address, space.regions, space.layout, _address_bits(inspected))
    section = _section(place)
    symbol = _symbol(inspected, place)
    thread = _thread(inspected, place)
    if arguments.json:
        print(where_document(inspected.identity, place, section, symbol, thread))
    else:
        for text in whereabouts_lines(place, space, section, symbol, thread):
            print(clean(text))
    return DONE


def _address_bits(inspected: Inspected) -> int:
    procfs = inspected.source.procfs
    return read_paging(procfs).address_bits if isinstance(procfs, LiveProcfs) else _USUAL_ADDRESS_BITS


def _section(place: Whereabouts) -> Section | None:
    if place.match is None or place.file_address is None:
        return None
    sections = place.match.loaded.image.sections
    return None if isinstance(sections, Unavailable) else section_at(sections, place.file_address)


def _symbol(inspected: Inspected, place: Whereabouts) -> Symbol | Unavailable | None:
    if place.match is None or place.file_address is None:
        return None
    symbols = symbols_of(inspected, place.match.loaded)
    return symbols if isinstance(symbols, Unavailable) else symbols.nearest(place.file_address)


def _thread(inspected: Inspected, place: Whereabouts) -> int | None:
    """Return the thread whose stack pointer is in the same region."""
    region = place.region
    if region is None or region.inode:
        return None
    pointers = stack_pointers(inspected.source.procfs, inspected.memory_pid)
    return next((tid for tid, pointer in pointers.items() if region.start <= pointer < region.end), None)
