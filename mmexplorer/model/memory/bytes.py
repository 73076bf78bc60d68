"""Bytes of a process's memory: what was read of a range, from where, and how it differs from the file behind it."""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from mmexplorer.model.address import NoAddress
from mmexplorer.model.elf.layout import Label, Match
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable


class Origin(Enum):
    """Where bytes were read."""

    MEMORY = "memory"
    FILE = "file"
    """The page is not in the process's memory, and would be filled from there."""
    NOWHERE = "nowhere"


class Piece(NamedTuple):
    """Neighbouring bytes of one origin."""

    range: Range
    content: bytes | Unavailable
    origin: Origin


class Difference(NamedTuple):
    """Neighbouring bytes that are not those of the file."""

    range: Range
    here: bytes
    in_file: bytes


_BREAKPOINT = b"\xcc"
"""The instruction INT3 of x86, which a debugger writes over the first byte of another."""


def differences(start: int, here: bytes, in_file: bytes) -> Iterator[Difference]:
    """Find where bytes that begin at `start` differ from those of the file, as far as that reaches."""
    length = min(len(here), len(in_file))
    if here[:length] == in_file[:length]:
        return
    at = 0
    while at < length:
        if here[at] == in_file[at]:
            at += 1
            continue
        end = at + 1
        while end < length and here[end] != in_file[end]:
            end += 1
        yield Difference(Range(start + at, start + end), here[at:end], in_file[at:end])
        at = end


def why_different(difference: Difference, region: Region, match: Match | None) -> str:
    """Name what probably made the difference: "breakpoint", "relocation", "written", "patched"."""
    if "x" in region.perms and difference.here == _BREAKPOINT:
        return "breakpoint"
    if match is not None and match.label is Label.RELRO:
        return "relocation"
    if "w" in region.perms:
        return "written"
    return "patched"


class WordSearch(NamedTuple):
    """Looks for aligned words of 8 bytes, little endian, that point into a range."""

    target: Range

    def needles(self) -> tuple[bytes, ...]:
        """Give what each such word holds, without its lowest bytes and its zeroes: searched first, it is fast."""
        low = self._low_bytes
        shift = 8 * low
        last = self.target.end - 1 >> shift
        values = range(self.target.start >> shift, last + 1)
        return tuple(value.to_bytes(8 - low, "little").rstrip(b"\0") or b"\0" for value in values)

    @property
    def _low_bytes(self) -> int:
        """Bytes of a word that are not searched: as few as leave at most 16 needles."""
        low = 0
        while (self.target.end - 1 >> 8 * low) - (self.target.start >> 8 * low) >= 16 and low < 7:  # noqa: PLR2004
            low += 1
        return low

    def word_at(self, found: int) -> int:
        """Give where the word begins whose needle stands at `found`."""
        return found - self._low_bytes

    def holds(self, word: bytes) -> bool:
        """Whether the word points into the range."""
        return len(word) == 8 and self.target.start <= int.from_bytes(word, "little") < self.target.end  # noqa: PLR2004


class ByteSearch(NamedTuple):
    """Looks for bytes, wherever they stand."""

    needle: bytes


def parse_pattern(text: str, range_of: Callable[[str], Range | NoAddress]) -> ByteSearch | WordSearch | NoAddress:
    """Understand what to search for: `hex:7f 45 4c 46`, `ptr:[heap]` or another place, `text:...`, or plain text.

    `range_of` gives the range that a place stands for.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind == "hex":
        try:
            needle = bytes.fromhex(rest)
        except ValueError:
            return NoAddress(f"{rest} is not bytes in hexadecimal, such as 7f 45 4c 46")
        return ByteSearch(needle) if needle else NoAddress("no bytes to search for")
    if colon and kind == "ptr":
        target = range_of(rest)
        return target if isinstance(target, NoAddress) else WordSearch(target)
    needle = (rest if colon and kind == "text" else text).encode("utf-8", "surrogateescape")
    return ByteSearch(needle) if needle else NoAddress("nothing to search for")


def strings_in(start: int, content: bytes, shortest: int = 4) -> Iterator[tuple[int, bytes]]:
    """Give the runs of at least `shortest` printable ASCII characters, as strings(1) does, with their addresses."""
    at: int | None = None
    for index, byte in enumerate(content):
        printable = 0x20 <= byte < 0x7F or byte == 0x09  # noqa: PLR2004 - blank to tilde, and tab
        if printable and at is None:
            at = index
        elif not printable and at is not None:
            if index - at >= shortest:
                yield start + at, content[at:index]
            at = None
    if at is not None and len(content) - at >= shortest:
        yield start + at, content[at:]


def words_in(content: bytes) -> Sequence[int]:
    """Give the words of 8 bytes, little endian; a rest is left out."""
    return memoryview(content)[: len(content) - len(content) % 8].cast("Q")
