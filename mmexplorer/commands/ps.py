"""`mmexplorer ps [FILE]`: the processes of the machine, or of a file."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.exit import DONE, CommandFailure
from mmexplorer.commands.find_process import some_process
from mmexplorer.commands.sources import add_source_arguments, find_source, source_lines
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.present.explore.processes import PROCESS_COLUMNS, ProcessRow
from mmexplorer.present.json.document import document
from mmexplorer.present.json.processes import process_record
from mmexplorer.present.json.source import lacking, source_fields
from mmexplorer.present.text.column import plain_table

_COLUMNS = [column for column in PROCESS_COLUMNS if column.key != "faults"]
"""A rate takes two looks, and this is one."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the file that is looked at instead of the machine."""
    parser.add_argument("file", nargs="?", metavar="FILE", help="a capture, a core file, a text; - for stdin")
    add_source_arguments(parser)


def run(arguments: Namespace) -> int:
    """Print the table, kernel threads and all, or the JSON document."""
    source = find_source(arguments.file, arguments)
    if arguments.file is not None and source.kind == "live":
        raise CommandFailure(f"{arguments.file}: no capture, core file or text of that name")
    processes = [sample.process for sample in ProcessTable(source.procfs).read().values()]
    if not processes and source.kind == "live":
        some_process(source.procfs)
    if arguments.json:
        records = [process_record(process, lacking(source.kind)) for process in processes]
        print(document("ps", {**source_fields(source.kind, source.taken_at), "processes": records}))
        return DONE
    for line in plain_table(_COLUMNS, (ProcessRow(process, None) for process in processes)):
        print(line)
    for line in source_lines(source, None):
        print(line)
    return DONE
