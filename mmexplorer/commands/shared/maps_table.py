"""A process's regions as a table, filtered and sorted as requested."""

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence

from mmexplorer.commands.shared.found import Found, find_in_source
from mmexplorer.commands.shared.output import print_lines
from mmexplorer.commands.shared.sorting import filter_in, sort_in
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import replace
from mmexplorer.present.explore.process_details import remarks
from mmexplorer.present.explore.region_rows import RegionOptions, region_rows
from mmexplorer.present.explore.totals import group_sums, total_rows, totals, totals_line
from mmexplorer.present.region.fields import REGION_FIELDS
from mmexplorer.present.region.row import RegionFacts
from mmexplorer.present.region.table import REGION_COLUMNS
from mmexplorer.present.text.cells import size_cell
from mmexplorer.present.text.column import Column, table_lines
from mmexplorer.present.text.format import address, number_of
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


def print_chosen(arguments: Namespace, print_document: Callable[[Found, AddressSpace], None]) -> None:
    """Print the selected regions as a table with totals, or as a JSON document. Raises CommandFailure."""
    options = RegionOptions(filter_in(arguments.filter, REGION_FIELDS), *sort_in(arguments, MAPS_COLUMNS, "start"))
    found = find_in_source(arguments.pid, arguments)
    space = found.address_space(Request(counters_now=True))
    if arguments.json:
        print_document(found, _only(space, options))
        return
    print_lines(_lines(space, options))
    if found.source.kind != "live":
        from mmexplorer.commands.shared.sources import source_lines  # noqa: PLC0415 - see `find_in_source`

        print_lines(map(line, source_lines(found.source, space)))


def _only(space: AddressSpace, options: RegionOptions) -> AddressSpace:
    """Keep only the requested regions, in the requested order."""
    if options == RegionOptions():
        return space
    rows = region_rows(space, (), 0.0, options).shown.facts()
    return replace(space, regions=tuple(row.region for row in rows if row.region is not None))


def _lines(space: AddressSpace, options: RegionOptions) -> Iterator[Line]:
    process = space.process
    sums = line(str(space.unavailable)) if space.unavailable else _totals(space)
    yield line(span(f"{process.pid} "), span(process.name, Tone.BRIGHT), span(": "), *sums)
    if unusual := "; ".join(remarks(space)):
        yield line(span(unusual, Tone.WARN))
    if space.regions and isinstance(space.counters, Unavailable):
        yield line(f"counters: {space.counters}")
    if space.regions:
        rows = region_rows(space, (), 0.0, options).shown
        yield from table_lines(MAPS_COLUMNS, rows.facts(), sums=_sums(rows.facts(), len(space.regions)))


def _totals(space: AddressSpace) -> Line:
    """Return `61 regions · VSZ 113M ...`: the title of a pane of regions leaves out the word."""
    _, *amounts = totals_line(totals(space))
    return (span(number_of(len(space.regions), "region")), *amounts)


def _sums(rows: Iterable[RegionFacts], regions: int) -> Sequence[Line]:
    """Return the last line: the totals of the listed rows, in columns that can be added up."""
    total = next(iter(total_rows(group_sums(rows))), None)
    if total is None:
        return [line("no region matches") if column.key == "path" else EMPTY for column in MAPS_COLUMNS]
    whole = number_of(regions, "region")
    listed = whole if total.regions == regions else f"{total.regions:,} of {whole}"
    words = {"start": line(span("total", Tone.BRIGHT)), "path": line(span(listed, Tone.DIM))}
    counts = {"size": total.size, "rss": total.rss, "pss": total.pss, "dirty": total.dirty, "swap": total.swap}
    return [
        size_cell(counts[column.key], Tone.BRIGHT) if column.key in counts else words.get(column.key, EMPTY)
        for column in MAPS_COLUMNS
    ]


def _path(row: RegionFacts) -> Line:
    """Show the complete path, where the screen has space for the name only."""
    if row.region is None:
        return EMPTY
    deleted = line(span(" (deleted)", Tone.DIM)) if row.region.deleted else EMPTY
    return (span(row.region.path or row.name), *deleted)


def _whole(column: Column[RegionFacts]) -> Column[RegionFacts]:
    """Show all digits of an address, where the screen has space for 48 bits only."""
    whole = {"start": lambda row: line(address(row.start)), "end": lambda row: line(address(row.end))}
    return replace(column, text=whole.get(column.key, column.text))


_LEFT_OUT = frozenset({"growth", "sizegrowth", "delta", "what"})
"""What takes two looks, and the name, for which there is the whole path."""

MAPS_COLUMNS = (
    *(_whole(column) for column in REGION_COLUMNS if column.key not in _LEFT_OUT),
    Column("path", "PATH", 10, _path, sort=lambda row: row.name, flexible=True),
)
