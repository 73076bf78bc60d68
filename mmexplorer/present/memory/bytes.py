"""Bytes of memory as text: in the notation of xxd(1), as words, as pointers, as strings, as instructions."""

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
"""Names an address: by its symbol or its region; "" for one that lies nowhere."""


def dump_lines(pieces: Sequence[Piece]) -> Iterator[str]:
    """Write the bytes as xxd does, 16 a line; a line for each range that can't be had, and one where a file begins."""
    for piece in pieces:
        if isinstance(piece.content, Unavailable):
            yield f"{address_range(*piece.range)}: {piece.content}"
            continue
        if piece.origin is Origin.FILE:
            yield f"{address_range(*piece.range)}: not in memory; from the file:"
        for at in range(0, len(piece.content), _ACROSS):
            yield _dump_line(piece.range.start + at, piece.content[at : at + _ACROSS])


def _dump_line(address: int, content: bytes) -> str:
    groups = " ".join(content[at : at + _GROUP].hex() for at in range(0, len(content), _GROUP))
    letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in content)  # noqa: PLR2004 - ASCII
    return f"{address:08x}: {groups:<{_ACROSS // _GROUP * (2 * _GROUP + 1) - 1}}  {letters}"


def word_lines(pieces: Iterable[Piece]) -> Iterator[str]:
    """Write words of 8 bytes as `x/gx` of gdb does, two a line."""
    for start, words in _words(pieces):
        for at in range(0, len(words), _WORDS):
            yield f"0x{start + at * _WORD:x}: " + " ".join(f"0x{word:016x}" for word in words[at : at + _WORDS])


def pointer_lines(pieces: Iterable[Piece], name: Name) -> Iterator[str]:
    """Write the words that point somewhere, with where that is."""
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
    """Write instructions as objdump(1) does; calls and jumps with the name of what they lead to."""
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
    """Name what a call or jump leads to."""
    if not instruction.operands.startswith("0x"):
        return ""
    known = name(int(instruction.operands, 16))
    return f" <{known}>" if known else ""


def string_lines(pieces: Iterable[Piece]) -> Iterator[str]:
    """Write what is text, as `strings -t x` does. Not cleaned."""
    for piece in pieces:
        if isinstance(piece.content, bytes):
            for at, text in strings_in(piece.range.start, piece.content):
                yield f"{at:x} {text.decode('ascii')}"


def difference_line(difference: Difference, why: str) -> str:
    """Say how bytes differ from the file's: `7f..: differs from the file: 90 for 55 (patched)`."""
    here, in_file = _shortened(difference.here), _shortened(difference.in_file)
    count = f"{len(difference.here):,} bytes differ from the file"
    return f"{difference.range.start:08x}: {count}: {here} for {in_file} ({why})"


def _shortened(content: bytes) -> str:
    return content[:_SHOWN].hex() + ("..." if len(content) > _SHOWN else "")


def hex_text(pieces: Iterable[Piece]) -> str:
    """Write all bytes as one row of digits; `..` for each that can't be had."""
    return "".join(
        piece.content.hex() if isinstance(piece.content, bytes) else ".." * piece.range.size for piece in pieces
    )


def reasons(pieces: Iterable[Piece]) -> str:
    """Say why bytes are missing, each reason once with the first range that it is said of; "" if none are."""
    told: dict[str, Range] = {}
    for piece in pieces:
        if isinstance(piece.content, Unavailable):
            told.setdefault(str(piece.content), piece.range)
    return "; ".join(f"{address_range(*span)}: {reason}" for reason, span in told.items())
