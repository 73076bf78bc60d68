"""`mmexplorer ps [FILE]`: the processes of the machine, or those in a file."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from mmexplorer.commands.arguments.sort import add_sort_arguments
from mmexplorer.commands.arguments.source import add_source_arguments
from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.commands.shared.find_process import some_process
from mmexplorer.commands.shared.output import print_lines
from mmexplorer.commands.shared.sorting import filter_in, sort_in, sort_keys
from mmexplorer.kernel.process.hidden import hides_processes
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.model.query import ordered
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.explore.processes import HIDDEN, PROCESS_COLUMNS, PROCESS_FIELDS, ProcessRow
from mmexplorer.present.text.column import table_lines
from mmexplorer.present.text.line import line

_COLUMNS = [column for column in PROCESS_COLUMNS if column.key != "faults"]
_FIELDS = PROCESS_FIELDS._replace(numbers=PROCESS_FIELDS.numbers - {"faults"})
"""A rate needs two looks, and this is only one."""


class _LookedAt(NamedTuple):
    """The processes of the machine or of a file."""

    procfs: Procfs
    kind: str
    taken_at: float | Unavailable
    lines: Sequence[str]
    """Remarks about the file."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the file to read instead of the machine, the order, and what is left out."""
    parser.add_argument("file", nargs="?", metavar="FILE", help="a capture, a core file, a text; - for stdin")
    add_sort_arguments(parser, sort_keys(_COLUMNS))
    parser.add_argument("--filter", metavar="EXPR", default="", help="only these: 'user:root rss>100M', 'name:ssh' ...")
    parser.add_argument("-k", "--kernel-threads", action="store_true", help="the kernel's own threads too")
    add_source_arguments(parser)


def run(arguments: Namespace) -> int:
    """Print the table, or the JSON document."""
    source = _looked_at(arguments)
    rows = _rows(source, arguments)
    hidden = HIDDEN if source.kind == "live" and hides_processes() else ""
    if arguments.json:
        _print_document(source, rows, hidden)
        return DONE
    print_lines(table_lines(_COLUMNS, rows))
    print_lines(map(line, source.lines))
    print_lines([line(hidden)] if hidden else [])
    return DONE


def _print_document(source: _LookedAt, rows: Sequence[ProcessRow], hidden: str) -> None:
    from mmexplorer.present.json.document import UNAVAILABLE, document  # noqa: PLC0415 - the table needs none
    from mmexplorer.present.json.processes import process_record  # noqa: PLC0415
    from mmexplorer.present.json.source import lacking, source_fields  # noqa: PLC0415

    records = [process_record(row.process, lacking(source.kind)) for row in rows]
    others = {UNAVAILABLE: {"other_processes": hidden}} if hidden else {}
    print(document("ps", {**source_fields(source.kind, source.taken_at), "processes": records, **others}))


def _looked_at(arguments: Namespace) -> _LookedAt:
    if (arguments.file, arguments.at, arguments.pid_in_file) == (None, None, None):
        return _LookedAt(LiveProcfs(), "live", time.time(), ())
    # This imports all that reads captures and core files.
    from mmexplorer.commands.shared.sources import find_source, source_lines  # noqa: PLC0415

    source = find_source(arguments.file, arguments)
    if source.kind == "live":
        raise CommandFailure(f"{arguments.file}: no capture, core file or text of that name")
    return _LookedAt(source.procfs, source.kind, source.taken_at, source_lines(source, None))


def _rows(source: _LookedAt, arguments: Namespace) -> Sequence[ProcessRow]:
    """Return the rows in the requested order. Kernel threads are hidden in the table, but not from programs."""
    processes = [sample.process for sample in ProcessTable(source.procfs).read().values()]
    if not processes and source.kind == "live":
        some_process(source.procfs)
    hidden = not (arguments.json or arguments.kernel_threads)
    query = filter_in(arguments.filter, _FIELDS)
    rows = [ProcessRow(process, None) for process in processes if not (hidden and process.kernel_thread)]
    rows = [row for row in rows if query.matches(row)]
    key, descending = sort_in(arguments, _COLUMNS, "pid")
    sort = next(column.sort for column in _COLUMNS if column.key == key and column.sort is not None)
    return ordered(rows, sort, descending=descending)
