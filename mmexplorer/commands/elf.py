"""`mmexplorer elf FILE | -p PID`: how an ELF file wants to be loaded, and where a process has it."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.arguments.source import add_source_arguments
from mmexplorer.commands.shared.exit import DONE, WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.output import print_lines
from mmexplorer.kernel.elf.file import read_file
from mmexplorer.kernel.machine import page_size
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.document import document
from mmexplorer.present.json.elf import image_json


def add_arguments(parser: ArgumentParser) -> None:
    """Declare either a file or a process."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", metavar="FILE", help="an ELF file")
    what.add_argument("-p", dest="pid", metavar="PID|NAME|FILE", help="a process; or a capture, a core file, a text")
    add_source_arguments(parser)


def run(arguments: Namespace) -> int:
    """Print one file, or all that a process has loaded. Raises CommandFailure if there is nothing to print."""
    if arguments.pid is not None:
        # This imports the code for captures and core files, which one file's headers don't need.
        from mmexplorer.commands.shared.loaded import print_loaded  # noqa: PLC0415

        print_loaded(arguments)
    else:
        if arguments.at is not None or arguments.pid_in_file is not None:
            raise CommandFailure("--at and --pid go with -p and a capture, a core file or a text", WRONG_USAGE)
        _file(arguments.file, as_json=arguments.json)
    return DONE


def _file(path: str, *, as_json: bool) -> None:
    image = read_file(path)
    if isinstance(image, Unavailable):
        raise CommandFailure(f"{path}: {image}")
    if as_json:
        print(document("elf", image_json(image, page_size())))
    else:
        from mmexplorer.present.elf.plain import image_lines  # noqa: PLC0415 - JSON needs no tables

        print_lines(image_lines(image, None, page_size()))
