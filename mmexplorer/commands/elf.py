"""`mmexplorer elf FILE | -p PID`: what an ELF file asks for, and where a process got it."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.commands.shared.output import print_lines
from mmexplorer.commands.source_arguments import add_source_arguments
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.machine import page_size
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.elf.plain import image_lines
from mmexplorer.present.json.document import UNAVAILABLE, document, text
from mmexplorer.present.json.elf import image_json, loaded_json
from mmexplorer.present.json.source import no_start_time, source_fields
from mmexplorer.present.text.line import EMPTY, line


def add_arguments(parser: ArgumentParser) -> None:
    """Declare a file or a process, one of the two."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", metavar="FILE", help="an ELF file")
    what.add_argument("-p", dest="pid", metavar="PID|NAME|FILE", help="a process; or a capture, a core file, a text")
    add_source_arguments(parser)


def run(arguments: Namespace) -> int:
    """Print a file, or all that a process loaded. Raises CommandFailure if there is nothing to print."""
    if arguments.pid is not None:
        _process(arguments)
    else:
        _file(arguments.file, as_json=arguments.json)
    return DONE


def _file(path: str, *, as_json: bool) -> None:
    image = ElfCache().open_path(path)
    if isinstance(image, Unavailable):
        raise CommandFailure(f"{path}: {image}")
    if as_json:
        print(document("elf", image_json(image, page_size())))
    else:
        print_lines(image_lines(image, None, page_size()))


def _process(arguments: Namespace) -> None:
    # Captures and core files come with it, which the headers of one file need not wait for.
    from mmexplorer.commands.shared.sources import find_in_source, other_files  # noqa: PLC0415

    found = find_in_source(arguments.pid, arguments)
    source, page_size = found.source, found.source.procfs.page_size
    space = found.address_space(Request(counters=False, sections=True))
    if space.unavailable:
        raise CommandFailure(f"{found.pid}: {space.unavailable}")
    images, unread = space.layout.images, [*_unread(space), *other_files(source)]
    if arguments.json:
        described = [loaded_json(loaded, page_size) for loaded in images]
        fields = {"pid": found.pid, "start_time": space.process.start_time, "images": described}
        fields |= source_fields(source.kind, source.taken_at) | dict(no_start_time(source.kind))
        print(document("elf", fields | ({UNAVAILABLE: {"images": text("; ".join(unread))}} if unread else {})))
    else:
        for loaded in images:
            print_lines((*image_lines(loaded.image, loaded, page_size), EMPTY))
        print_lines(map(line, unread))


def _unread(space: AddressSpace) -> list[str]:
    """Give for each mapped file that could not be opened its name and the reason."""
    paths = {region.file: region.path for region in space.regions}
    return [
        f"{paths[file]}: {image}"
        for file, image in space.files.items()
        if isinstance(image, Unavailable) and image.cause is not Cause.MALFORMED
    ]
