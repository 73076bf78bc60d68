"""`mmexplorer where PID ADDRESS`: what an address of a process is."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.exit import DONE
from mmexplorer.commands.inspected import Inspected, address_in, inspect
from mmexplorer.kernel.elf.symbols import SymbolCache
from mmexplorer.kernel.pagemap import LiveMemory
from mmexplorer.kernel.process.threads import stack_pointers
from mmexplorer.kernel.translation import read_paging
from mmexplorer.model.elf import Section
from mmexplorer.model.symbols import Symbol
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.whereabouts import Whereabouts, section_at, whereabouts
from mmexplorer.present.json.where import where_document
from mmexplorer.present.region.whereabouts import whereabouts_lines
from mmexplorer.present.text.clean import clean


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process and the address."""
    parser.add_argument("pid", metavar="PID|NAME", help="the process")
    parser.add_argument("address", metavar="ADDRESS", help="0x7f..., [heap]+8, libc.so.6+0x27410, libc.so.6@0x1cf8d0")


def run(arguments: Namespace) -> int:
    """Print all that is known of the address; one that lies in no region is an answer too."""
    inspected = inspect(arguments.pid, sections=True)
    space = inspected.space
    address = address_in(inspected, arguments.address)
    place = whereabouts(address, space.regions, space.layout, read_paging(inspected.procfs).address_bits)
    section = _section(place)
    symbol = _symbol(inspected, place)
    thread = _thread(inspected, place)
    if arguments.json:
        print(where_document(inspected.pid, place, section, symbol, thread))
    else:
        for text in whereabouts_lines(place, space, section, symbol, thread):
            print(clean(text))
    return DONE


def _section(place: Whereabouts) -> Section | None:
    if place.match is None or place.file_address is None:
        return None
    sections = place.match.loaded.image.sections
    return None if isinstance(sections, Unavailable) else section_at(sections, place.file_address)


def _symbol(inspected: Inspected, place: Whereabouts) -> Symbol | Unavailable | None:
    if place.match is None or place.file_address is None:
        return None
    procfs = inspected.procfs
    memory = LiveMemory(procfs)
    regions = inspected.space.regions
    symbols = SymbolCache().of_loaded(procfs, memory, inspected.memory_pid, regions, place.match.loaded)
    return symbols if isinstance(symbols, Unavailable) else symbols.nearest(place.file_address)


def _thread(inspected: Inspected, place: Whereabouts) -> int | None:
    """Give the thread whose stack pointer is in the same region."""
    region = place.region
    if region is None or region.inode:
        return None
    pointers = stack_pointers(inspected.procfs, inspected.memory_pid)
    return next((tid for tid, pointer in pointers.items() if region.start <= pointer < region.end), None)
