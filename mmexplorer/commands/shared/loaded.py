"""`mmexplorer elf -p PID`: everything a process has loaded, live or in a capture, a core file, a text."""

from argparse import Namespace

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.commands.shared.found import find_in_source
from mmexplorer.commands.shared.output import print_lines
from mmexplorer.commands.shared.sources import other_files
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.elf.plain import image_lines
from mmexplorer.present.json.document import UNAVAILABLE, document, text
from mmexplorer.present.json.loaded import loaded_json
from mmexplorer.present.json.source import no_start_time, source_fields
from mmexplorer.present.text.line import EMPTY, line


def print_loaded(arguments: Namespace) -> None:
    """Print what `arguments.pid` has loaded. Raises CommandFailure."""
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
    """Return the name and the reason for each mapped file that could not be opened."""
    paths = {region.file: region.path for region in space.regions}
    return [
        f"{paths[file]}: {image}"
        for file, image in space.files.items()
        if isinstance(image, Unavailable) and image.cause is not Cause.MALFORMED
    ]
