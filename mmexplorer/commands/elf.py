"""`mmexplorer elf FILE | -p PID`: what an ELF file asks for, and where a process got it."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.exit import DONE, CommandFailure
from mmexplorer.commands.find_process import find_process
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.process.address_space import without_memory
from mmexplorer.kernel.process.layout import read_layout
from mmexplorer.kernel.process.maps import MapsReader
from mmexplorer.kernel.process.table import command_only, read_process
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.layout import LoadedImage
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.elf.plain import image_text
from mmexplorer.present.json.document import UNAVAILABLE, document, text
from mmexplorer.present.json.elf import image_json, loaded_json
from mmexplorer.present.text.clean import clean


def add_arguments(parser: ArgumentParser) -> None:
    """Declare a file or a process, one of the two."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", metavar="FILE", help="an ELF file")
    what.add_argument("-p", dest="pid", metavar="PID|NAME", help="a process")


def run(arguments: Namespace) -> int:
    """Print a file, or all that a process loaded. Raises CommandFailure if there is nothing to print."""
    if arguments.pid is not None:
        _process(find_process(LiveProcfs(), arguments.pid), as_json=arguments.json)
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
        print("\n".join(image_text(image, None, page_size())))


def _process(key: ProcessKey, *, as_json: bool) -> None:
    looked = _look(key.pid)
    if isinstance(looked, Unavailable):
        raise CommandFailure(f"{key.pid}: {looked}")
    images, unread = looked
    if as_json:
        described = [loaded_json(loaded, page_size()) for loaded in images]
        fields = {"pid": key.pid, "start_time": key.start_time, "images": described}
        print(document("elf", fields | ({UNAVAILABLE: {"images": text("; ".join(unread))}} if unread else {})))
    else:
        parts = ["\n".join(image_text(loaded.image, loaded, page_size())) for loaded in images]
        print("\n\n".join([*parts, *map(clean, unread)]))


def _look(pid: int) -> tuple[tuple[LoadedImage, ...], list[str]] | Unavailable:
    """Give what a process loaded, and for each mapped file that could not be opened its name and the reason."""
    procfs = LiveProcfs()
    files = ElfCache(procfs)
    sample = read_process(procfs, pid, command_only(procfs))
    if isinstance(sample, Unavailable):
        return sample
    regions = MapsReader(procfs, files).read(sample.memory_pid)
    if isinstance(regions, Unavailable):
        return regions
    if not regions:
        return without_memory(sample.process)
    layout, images = read_layout(procfs, files, sample.memory_pid, regions, sections=True)
    paths = {region.file: region.path for region in regions}
    return layout.images, [
        f"{paths[file]}: {image}"
        for file, image in images.items()
        if isinstance(image, Unavailable) and image.cause is not Cause.MALFORMED
    ]
