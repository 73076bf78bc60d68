"""`mmexplorer security PID|FILE`: what protects a process, as it is mapped, or what a file promises."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from mmexplorer.commands.exit import DONE, CommandFailure
from mmexplorer.commands.inspected import Inspected, inspect
from mmexplorer.kernel.elf.dynamic import read_hardening
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.elf.mapped_file import open_mapped
from mmexplorer.kernel.files import open_regular
from mmexplorer.model.layout import LoadedImage
from mmexplorer.model.security import Finding, Hardening, Verdict, mapped, promised, randomized, relro_applied
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.sysctl import parse_integer
from mmexplorer.present.elf.security import FINDING_COLUMNS
from mmexplorer.present.json.security import security_document
from mmexplorer.present.text.column import plain_table


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process or file."""
    parser.add_argument("what", metavar="PID|NAME|FILE", help="a process, or a file: a path with a slash in it")


def run(arguments: Namespace) -> int:
    """Print the findings."""
    findings = list(
        _of_file(arguments.what) if "/" in arguments.what else _of_process(inspect(arguments.what, counters=True))
    )
    if arguments.json:
        print(security_document(findings))
        return DONE
    for text in plain_table(FINDING_COLUMNS, findings):
        print(text)
    return DONE


def _of_file(path: str) -> Iterator[Finding]:
    image = ElfCache().open_path(path)
    opened = open_regular(path)
    if isinstance(image, Unavailable) or isinstance(opened, Unavailable):
        raise CommandFailure(f"{path}: {image if isinstance(image, Unavailable) else opened}")
    with opened:
        yield from _judged(path, read_hardening(opened, image))


def _judged(where: str, hardening: Hardening | Unavailable) -> Iterator[Finding]:
    if isinstance(hardening, Unavailable):
        yield Finding("headers", where, Verdict.UNKNOWN, str(hardening))
    else:
        yield from promised(where, hardening)


def _of_process(inspected: Inspected) -> Iterator[Finding]:
    procfs, space = inspected.procfs, inspected.space
    persona = procfs.parsed(f"{inspected.memory_pid}/personality", _hexadecimal)
    yield from randomized(persona, procfs.parsed("sys/kernel/randomize_va_space", parse_integer))
    yield from mapped(space)
    for loaded in space.layout.images:
        if loaded.file is None:
            continue
        yield from _judged(loaded.image.path, _hardening(inspected, loaded))
        applied = relro_applied(loaded, space.regions, procfs.page_size)
        if applied is not None:
            yield applied


def _hardening(inspected: Inspected, loaded: LoadedImage) -> Hardening | Unavailable:
    regions = [region for region in inspected.space.regions if region.file == loaded.file]
    opened = open_mapped(inspected.procfs, inspected.memory_pid, regions)
    if isinstance(opened, Unavailable):
        return opened
    with opened:
        return read_hardening(opened, loaded.image)


def _hexadecimal(data: bytes) -> int | ParseError:
    try:
        return int(data, 16)
    except ValueError:
        return ParseError(data, "not a hexadecimal number")
