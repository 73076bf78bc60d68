"""`mmexplorer bytes PID ADDRESS [LENGTH]`: a hex dump of memory."""

import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence

from mmexplorer.commands.arguments.address import add_address_argument
from mmexplorer.commands.shared.exit import CANNOT_READ, DONE, WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.inspected import Inspected, address_in, inspect
from mmexplorer.commands.shared.names import names
from mmexplorer.kernel.capture.named_files import FileBytes
from mmexplorer.kernel.process.memory import BYTES_AT_MOST, Dump, file_differences, read_dumped, read_memory
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.amount import parse_size
from mmexplorer.model.memory.bytes import Piece
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.memory import bytes_document
from mmexplorer.present.memory.bytes import (
    code_lines,
    difference_line,
    dump_lines,
    pointer_lines,
    string_lines,
    word_lines,
)
from mmexplorer.present.region.names import machine_of
from mmexplorer.present.text.clean import clean

_LENGTH = 256
_DIFFERENCES_AT_MOST = 1 << 10


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process, the range and the notation."""
    parser.add_argument("pid", metavar="PID|NAME|FILE", help="a process, or a core file of one")
    add_address_argument(parser)
    parser.add_argument("length", nargs="?", metavar="LENGTH", help=f"bytes, 64, 0x40 or 4K (default {_LENGTH})")
    notations = ("hex", "words", "pointers", "strings", "code")
    parser.add_argument("--as", dest="notation", choices=notations, help="how to write them")
    parser.add_argument(
        "--fault-in",
        action="store_true",
        help="also read what is not in memory, which brings it in: the process grows",
    )


def run(arguments: Namespace) -> int:
    """Print the readable bytes; CANNOT_READ if there are none."""
    if arguments.json and arguments.notation not in (None, "hex"):
        raise CommandFailure("--as is for text: with --json the bytes are in hexadecimal", WRONG_USAGE)
    inspected = inspect(arguments.pid)
    wanted = _range(address_in(inspected, arguments.address), arguments.length)
    pieces = _read(inspected, wanted, fault_in=arguments.fault_in)
    if arguments.json:
        print(bytes_document(inspected.identity, wanted, pieces))
    else:
        for text in _lines(inspected, pieces, arguments.notation or "hex"):
            print(clean(text))
    return DONE if any(isinstance(piece.content, bytes) for piece in pieces) else CANNOT_READ


def _read(inspected: Inspected, wanted: Range, *, fault_in: bool) -> tuple[Piece, ...]:
    source, regions = inspected.source, inspected.space.regions
    if isinstance(source.procfs, LiveProcfs):
        return read_memory(source.procfs, inspected.memory_pid, regions, wanted, fault_in=fault_in)
    dump = Dump(inspected.memory, inspected.memory_pid, source.procfs.page_size, FileBytes(inspected.space))
    return read_dumped(dump, regions, wanted)


def _range(start: int, length: str | None) -> Range:
    size = _LENGTH if length is None else parse_size(length)
    if size is None or not 0 < size <= BYTES_AT_MOST:
        raise CommandFailure(f"{length}: no number of bytes from 1 to {BYTES_AT_MOST:,}", WRONG_USAGE)
    return Range(start, min(start + size, 1 << 64))


def _lines(inspected: Inspected, pieces: Sequence[Piece], notation: str) -> Iterator[str]:
    if notation == "words":
        yield from word_lines(pieces)
    elif notation == "pointers":
        yield from pointer_lines(pieces, names(inspected))
    elif notation == "code":
        yield from code_lines(
            pieces, machine_of(inspected.space, pieces[0].range.start, platform.machine()), names(inspected)
        )
    elif notation == "strings":
        yield from string_lines(pieces)
    else:
        yield from dump_lines(pieces)
        if isinstance(inspected.source.procfs, LiveProcfs):
            yield from _differences(inspected, pieces)


def _differences(inspected: Inspected, pieces: Sequence[Piece]) -> Iterator[str]:
    """Compare what is in memory with the file it came from."""
    found = file_differences(inspected.procfs, inspected.memory_pid, inspected.space, pieces)
    for count, each in enumerate(found, start=1):
        if count > _DIFFERENCES_AT_MOST:
            yield f"more than {_DIFFERENCES_AT_MOST:,} differences from the file"
            return
        yield f"not compared with the file: {each}" if isinstance(each, Unavailable) else difference_line(*each)
