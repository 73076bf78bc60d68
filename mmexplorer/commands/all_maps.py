"""`mmexplorer maps --all --filter EXPR`: which processes have matching regions."""

from argparse import Namespace
from collections.abc import Iterator

from mmexplorer.commands.shared.exit import DONE, WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.find_process import command_line, some_process
from mmexplorer.commands.shared.output import print_lines
from mmexplorer.commands.shared.sorting import filter_in
from mmexplorer.commands.shared.sources import find_source
from mmexplorer.kernel.process.address_space import look_into
from mmexplorer.kernel.process.table import ProcessSample, command_only, read_process
from mmexplorer.kernel.source import Source
from mmexplorer.model.process.process import Process
from mmexplorer.model.query import Query
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.explore.hits import Hits
from mmexplorer.present.explore.region_search import hits, matching, request_for
from mmexplorer.present.json.document import document, record
from mmexplorer.present.json.maps import found_record
from mmexplorer.present.json.source import source_fields
from mmexplorer.present.region.fields import REGION_FIELDS
from mmexplorer.present.text.cells import DASH, number_cell, size_cell
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.column import Column, table_lines
from mmexplorer.present.text.format import address, number_of
from mmexplorer.present.text.line import line, span

_LISTED = 10
"""How many unreadable processes are named."""


class _Found(NamedTuple):
    """A process with matching regions."""

    space: AddressSpace
    regions: tuple[Region, ...]

    @property
    def hits(self) -> Hits:
        """The totals of its matching regions."""
        return hits(self.regions)


class _Unread(NamedTuple):
    """A process whose regions could not be read."""

    process: Process
    reason: Unavailable


def print_all(arguments: Namespace) -> int:
    """Print the processes with number and total size of their matches, or the JSON document. Raises CommandFailure."""
    if not arguments.filter:
        raise CommandFailure("--all needs a --filter: maps --all --filter perm:wx", WRONG_USAGE)
    query = filter_in(arguments.filter, REGION_FIELDS)
    source = find_source(arguments.pid, arguments)
    if arguments.pid is not None and source.kind == "live":
        raise CommandFailure("--all is of all processes: leave out the one, or name a file", WRONG_USAGE)
    answers = list(_search(source, query))
    found = [each for each in answers if isinstance(each, _Found) and each.regions]
    unread = [each for each in answers if isinstance(each, _Unread)]
    if arguments.json:
        print(_document(source, arguments.filter, len(answers), found, unread))
        return DONE
    print_lines(table_lines(_COLUMNS, found))
    print(f"{len(found):,} of {number_of(len(answers), 'process', 'processes')}{_summed(found)}")
    for text in _unread_lines(unread):
        print(clean(text))
    return DONE


def _search(source: Source, query: Query) -> Iterator[_Found | _Unread]:
    """Search one process after another; those that have no memory of their own or have ended are skipped."""
    request = request_for(query)
    pids = source.procfs.numbers()
    if not pids:
        some_process(source.procfs)
    owner_of = command_only(source.procfs)
    for pid in pids:
        sample = read_process(source.procfs, pid, owner_of)
        if not isinstance(sample, ProcessSample) or sample.process.kernel_thread:
            continue
        space = look_into(source.procfs, source.files, sample, request)
        if isinstance(space, AddressSpace):
            yield _Found(space, matching(space, query))
        elif space.cause is not Cause.GONE:
            yield _Unread(sample.process, space)


def _document(source: Source, asked: str, looked_at: int, found: list[_Found], unread: list[_Unread]) -> str:
    fields = {
        **source_fields(source.kind, source.taken_at),
        "filter": asked,
        "looked_at": looked_at,
        "processes": [found_record(each.space, each.regions) for each in found],
        "unread": [
            record({"pid": each.process.pid, "name": each.process.name, "reason": str(each.reason)}) for each in unread
        ],
    }
    return document("maps", fields)


def _summed(found: list[_Found]) -> str:
    if not found:
        return ""
    regions = sum(each.hits.regions for each in found)
    return f", {number_of(regions, 'region')}, {sum(each.hits.size for each in found):,} bytes"


def _unread_lines(unread: list[_Unread]) -> Iterator[str]:
    if not unread:
        return
    yield f"not seen: {number_of(len(unread), 'process', 'processes')} whose maps can't be read"
    for each in unread[:_LISTED]:
        yield f"  {each.process.pid} {each.process.name}: {each.reason}"
    if len(unread) > _LISTED:
        yield f"  and {len(unread) - _LISTED:,} more"


_COLUMNS: tuple[Column[_Found], ...] = (
    Column("pid", "PID", 7, lambda row: line(str(row.space.process.pid)), align="right"),
    Column("regions", "REGIONS", 7, lambda row: number_cell(row.hits.regions), align="right"),
    Column("size", "SIZE", 5, lambda row: size_cell(row.hits.size), align="right"),
    Column(
        "first",
        "FIRST",
        12,
        lambda row: DASH if row.hits.first is None else line(address(row.hits.first)),
        align="right",
    ),
    Column("command", "COMMAND", 10, lambda row: line(span(command_line(row.space.process)))),
)
