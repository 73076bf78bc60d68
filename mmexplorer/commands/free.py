"""`mmexplorer free`: the table of free(1), or its figures as JSON."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.shared.exit import DONE, WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.output import print_lines
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.system.memory import Free, Size, free
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.system.meminfo import parse_meminfo


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the units, using the letters of free(1)."""
    units = parser.add_mutually_exclusive_group()
    for letter, unit in (("b", "bytes"), ("k", "KiB, the default"), ("m", "MiB"), ("g", "GiB"), ("h", "what fits")):
        units.add_argument(f"-{letter}", dest="unit", action="store_const", const=letter, help=f"in {unit}")
    parser.add_argument("-w", "--wide", action="store_true", help="buffers and cache in columns of their own")


def run(arguments: Namespace) -> int:
    """Print the machine's memory once. `arguments` has `unit` (a letter of `Unit`, or None), `wide` and `json`."""
    if arguments.json and arguments.unit not in (None, "b"):
        raise CommandFailure(f"--json is in bytes: leave out -{arguments.unit}", WRONG_USAGE)
    meminfo = LiveProcfs().parsed("meminfo", parse_meminfo)
    figures = meminfo if isinstance(meminfo, Unavailable) else free(meminfo)
    if isinstance(figures, Unavailable):
        raise CommandFailure(f"/proc/meminfo: {figures}")
    if arguments.json:
        from mmexplorer.present.json.document import document  # noqa: PLC0415 - the table needs none

        print(document("free", _fields(figures)))
        return DONE
    from mmexplorer.present.system.free import Unit, free_lines, free_notes  # noqa: PLC0415 - JSON needs no table

    print_lines((*free_lines(figures, Unit(arguments.unit or "k"), wide=arguments.wide), *free_notes(figures)))
    return DONE


def _fields(figures: Free) -> dict[str, Size]:
    return {
        "total": figures.total,
        "used": figures.used,
        "free": figures.free,
        "shared": figures.shared,
        "buffers": figures.buffers,
        "cache": figures.cache,
        "buff_cache": figures.buff_cache,
        "available": figures.available,
        "swap_total": figures.swap_total,
        "swap_used": figures.swap_used,
        "swap_free": figures.swap_free,
    }
