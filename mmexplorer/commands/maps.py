"""`mmexplorer maps PID|NAME|FILE`: the regions of a process with their counters."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from mmexplorer.commands.exit import DONE
from mmexplorer.commands.sources import add_source_arguments, find_in_source, source_lines
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.explore.process_details import remarks
from mmexplorer.present.explore.region_rows import RegionOptions, region_rows
from mmexplorer.present.explore.totals import totals, totals_line
from mmexplorer.present.json.maps import maps_document
from mmexplorer.present.json.source import core_fields
from mmexplorer.present.region.table import REGION_COLUMNS, RegionRow
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.column import Column, plain_table
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, plain, span


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process, or the file that shows one."""
    parser.add_argument("pid", metavar="PID|NAME|FILE", help="the process; or a capture, core or text, - for stdin")
    add_source_arguments(parser)


def run(arguments: Namespace) -> int:
    """Print the table and its sum, or the JSON document."""
    found = find_in_source(arguments.pid, arguments)
    space = found.address_space(Request(counters_now=True))
    source = found.source
    if arguments.json:
        more = {} if source.core is None else core_fields(source.core, space)
        print(maps_document(space, source.procfs.page_size, source.kind, source.taken_at, more))
        return DONE
    for text in (*_lines(space), *source_lines(source, space)):
        print(text)
    return DONE


def _lines(space: AddressSpace) -> Iterator[str]:
    process = space.process
    yield clean(f"{process.pid} {process.name}: {space.unavailable or plain(totals_line(totals(space)))}")
    if unusual := "; ".join(remarks(space)):
        yield clean(unusual)
    if space.regions and isinstance(space.counters, Unavailable):
        yield clean(f"counters: {space.counters}")
    if space.regions:
        yield from plain_table(_COLUMNS, region_rows(space, (), 0.0, RegionOptions(), {}).shown)


def _path(row: RegionRow) -> Line:
    """Show the whole path, where the screen has room for the name only."""
    if row.region is None:
        return EMPTY
    deleted = line(span(" (deleted)", Tone.DIM)) if row.region.deleted else EMPTY
    return (span(row.region.path or row.name), *deleted)


_COLUMNS = (*REGION_COLUMNS[:-1], Column("path", "PATH", 10, _path, flexible=True))
