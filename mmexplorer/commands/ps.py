"""`mmexplorer ps`: the processes of the machine."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.exit import DONE
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.present.explore.processes import PROCESS_COLUMNS, ProcessRow
from mmexplorer.present.json.document import document
from mmexplorer.present.json.processes import process_record
from mmexplorer.present.text.plain_table import plain_table

_COLUMNS = [column for column in PROCESS_COLUMNS if column.key != "faults"]
"""A rate takes two looks, and this is one."""


def add_arguments(_parser: ArgumentParser) -> None:
    """There are none but `--json`."""


def run(arguments: Namespace) -> int:
    """Print the table, kernel threads and all, or the JSON document."""
    processes = [sample.process for sample in ProcessTable(LiveProcfs()).read().values()]
    if arguments.json:
        print(document("ps", {"processes": [process_record(process) for process in processes]}))
        return DONE
    for line in plain_table(_COLUMNS, (ProcessRow(process, None) for process in processes)):
        print(line)
    return DONE
