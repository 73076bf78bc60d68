"""`mmexplorer maps PID|NAME|FILE`: a process's regions with their counters; `--all`: who has matching regions."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.arguments.sort import add_sort_arguments
from mmexplorer.commands.arguments.source import add_source_arguments
from mmexplorer.commands.shared.exit import DONE
from mmexplorer.commands.shared.found import Found, find_in_source
from mmexplorer.commands.shared.output import print_text
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.present.json.maps import maps_document

SORTED_BY = ("start", "end", "size", "perm", "rss", "pss", "dirty", "swap", "offset", "kind", "path")
"""The sortable columns; the table itself isn't imported yet."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process or file, the order and the filter."""
    parser.add_argument(
        "pid", nargs="?", metavar="PID|NAME|FILE", help="the process; or a capture, core or text, - for stdin"
    )
    parser.add_argument("--all", action="store_true", help="list the processes that have regions matching --filter")
    add_sort_arguments(parser, SORTED_BY)
    parser.add_argument(
        "--filter", default="", metavar="EXPR", help="only regions such as 'perm:wx', 'kind:heap', 'path:libc rss>1M'"
    )
    add_source_arguments(parser)
    parser.set_defaults(usage_error=parser.error)


def run(arguments: Namespace) -> int:
    """Print the table with totals, or the JSON document."""
    if arguments.all:
        from mmexplorer.commands.all_maps import print_all  # noqa: PLC0415 - only for many processes

        return print_all(arguments)
    if arguments.pid is None:
        arguments.usage_error("a PID, a NAME or a FILE is needed, or --all with a --filter")
    if arguments.json and not (arguments.filter or arguments.sort or arguments.reverse):
        found = find_in_source(arguments.pid, arguments)
        print_document(found, found.address_space(Request(counters_now=True)))
        return DONE
    from mmexplorer.commands.shared.maps_table import print_chosen  # noqa: PLC0415 - imports every row and column of the screen

    print_chosen(arguments, print_document)
    return DONE


def print_document(found: Found, space: AddressSpace) -> None:
    """Print all of `space`."""
    source, more = found.source, {}
    if source.core is not None:
        from mmexplorer.present.json.core import core_fields  # noqa: PLC0415 - only for core files

        more = core_fields(source.core, space)
    print_text(maps_document(space, source.procfs.page_size, source.kind, source.taken_at, more))
