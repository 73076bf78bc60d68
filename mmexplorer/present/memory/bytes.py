"""Bytes of memory as text: as xxd(1) writes them, as words, pointers, strings or instructions."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from mmexplorer.model.memory.bytes import Difference, Origin, Piece, strings_in, words_in
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.elf.machine_code import Instruction, disassemble
from mmexplorer.present.text.format import address_range

_ACROSS = 16
_GROUP = 2
_WORDS = 2
_WORD = 8
_SHOWN = 16

Name = Callable[[int], str]
"""Names an address by its symbol or its region; "" if it is in neither."""


def dump_lines(pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield the bytes as xxd does, 16 per line, with a line for each unreadable range and each read from a file."""
    for piece in pieces:
        if isinstance(piece.content, Unavailable):
            yield f"{address_range(*piece.range)}: {piece.content}"
            continue
        if piece.origin is Origin.FILE:
            yield f"{address_range(*piece.range)}: not in memory, or not dumped; from the file:"
        for at in range(0, len(piece.content), _ACROSS):
            yield _dump_line(piece.range.start + at, piece.content[at : at + _ACROSS])


def _dump_line(address: int, content: bytes) -> str:
    groups = " ".join(content[at : at + _GROUP].hex() for at in range(0, len(content), _GROUP))
    letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in content)  # noqa: PLR2004 - ASCII
    return f"{address:08x}: {groups:<{_ACROSS // _GROUP * (2 * _GROUP + 1) - 1}}  {letters}"


def word_lines(pieces: Iterable[Piece]) -> Iterator[str]:
    """Yield words of 8 bytes as gdb's `x/gx` does, two per line."""
    for start, words in _words(pieces):
        for at in range(0, len(words), _WORDS):
            yield f"0x{start + at * _WORD:x}: " + " ".join(f"0x{word:016x}" for word in words[at : at + _WORDS])


def pointer_lines(pieces: Iterable[Piece], name: Name) -> Iterator[str]:
    """Yield the words that are valid pointers, with their targets."""
    for start, words in _words(pieces):
        for at, word in enumerate(words):
            if leads := name(word):
                yield f"{start + at * _WORD:08x}: 0x{word:016x} -> {leads}"


def _words(pieces: Iterable[Piece]) -> Iterator[tuple[int, Sequence[int]]]:
    for piece in pieces:
        if isinstance(piece.content, bytes):
            skipped = -piece.range.start % _WORD
            yield piece.range.start + skipped, words_in(piece.content[skipped:])


def code_lines(pieces: Iterable[Piece], machine: str, name: Name) -> Iterator[str]:
    """Yield instructions as objdump(1) does; calls and jumps with the names of their targets."""
    for piece in pieces:
        if isinstance(piece.content, Unavailable):
            yield f"{address_range(*piece.range)}: {piece.content}"
            continue
        decoded = disassemble(piece.content, piece.range.start, machine)
        if isinstance(decoded, Unavailable):
            yield str(decoded)
            return
        for each in decoded:
            text = f"{each.address:8x}:\t{each.content.hex(' '):<21}\t{each.mnemonic} {each.operands}".rstrip()
            yield f"{text}{_target(each, name)}".expandtabs()


def _target(instruction: Instruction, name: Name) -> str:
    """Name the target of a call or jump."""
    if not instruction.operands.startswith("0x"):
        return ""
    known = name(int(instruction.operands, 16))
    return f" <{known}>" if known else ""


def string_lines(pieces: Iterable[Piece]) -> Iterator[str]:
    """Yield text as `strings -t x` does. Not cleaned."""
    for piece in pieces:
        if isinstance(piece.content, bytes):
            for at, text in strings_in(piece.range.start, piece.content):
                yield f"{at:x} {text.decode('ascii')}"


def difference_line(difference: Difference, why: str) -> str:
    """Describe how bytes differ from the file's: `7f..: 1 byte differs from the file: 90 for 55 (patched)`."""
    here, in_file = _shortened(difference.here), _shortened(difference.in_file)
    count = len(difference.here)
    what = "1 byte differs" if count == 1 else f"{count:,} bytes differ"
    return f"{difference.range.start:08x}: {what} from the file: {here} for {in_file} ({why})"


def _shortened(content: bytes) -> str:
    return content[:_SHOWN].hex() + ("..." if len(content) > _SHOWN else "")


def hex_text(pieces: Iterable[Piece]) -> str:
    """Return all bytes as one string of digits, with `..` for each that can't be read."""
    return "".join(
        piece.content.hex() if isinstance(piece.content, bytes) else ".." * piece.range.size for piece in pieces
    )


def reasons(pieces: Iterable[Piece]) -> str:
    """Return why bytes are missing, each reason once with the first range it applies to; "" if none are."""
    told: dict[str, Range] = {}
    for piece in pieces:
        if isinstance(piece.content, Unavailable):
            told.setdefault(str(piece.content), piece.range)
    return "; ".join(f"{address_range(*span)}: {reason}" for reason, span in told.items())
