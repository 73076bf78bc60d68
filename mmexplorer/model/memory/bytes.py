"""Bytes of a process's memory: what was read, from where, and how it differs from the file."""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from mmexplorer.model.address import NoAddress
from mmexplorer.model.elf.layout import Label, Match
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple


class Origin(Enum):
    """Where bytes were read from."""

    MEMORY = "memory"
    FILE = "file"
    """The page isn't in the process's memory, and would be filled from the file."""
    NOWHERE = "nowhere"


class Piece(NamedTuple):
    """Consecutive bytes with the same origin."""

    range: Range
    content: bytes | Unavailable
    origin: Origin


class Difference(NamedTuple):
    """Consecutive bytes that differ from the file."""

    range: Range
    here: bytes
    in_file: bytes


_BREAKPOINT = b"\xcc"
"""The x86 instruction INT3, which a debugger writes over an instruction's first byte."""


def differences(start: int, here: bytes, in_file: bytes) -> Iterator[Difference]:
    """Find where bytes that begin at `start` differ from the file's, as far as those reach."""
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
    """Name the probable cause of the difference: "breakpoint", "relocation", "written", "patched"."""
    if "x" in region.perms and difference.here == _BREAKPOINT:
        return "breakpoint"
    if match is not None and match.label is Label.RELRO:
        return "relocation"
    if "w" in region.perms:
        return "written"
    return "patched"


class WordSearch(NamedTuple):
    """A search for aligned 8-byte little-endian words that point into a range."""

    target: Range

    def needles(self) -> tuple[bytes, ...]:
        """The byte strings such words contain, without lowest bytes and zeros: quick to search for first."""
        low = self._low_bytes
        shift = 8 * low
        last = self.target.end - 1 >> shift
        values = range(self.target.start >> shift, last + 1)
        return tuple(value.to_bytes(8 - low, "little").rstrip(b"\0") or b"\0" for value in values)

    @property
    def _low_bytes(self) -> int:
        """How many low bytes are left out of the search: as few as give at most 16 needles."""
        low = 0
        while (self.target.end - 1 >> 8 * low) - (self.target.start >> 8 * low) >= 16 and low < 7:  # noqa: PLR2004
            low += 1
        return low

    def word_at(self, found: int) -> int:
        """Return the address of the word whose needle was found at `found`."""
        return found - self._low_bytes

    def holds(self, word: bytes) -> bool:
        """Return whether the word points into the range."""
        return len(word) == 8 and self.target.start <= int.from_bytes(word, "little") < self.target.end  # noqa: PLR2004


class ByteSearch(NamedTuple):
    """A search for bytes at any alignment."""

    needle: bytes


def parse_pattern(text: str, range_of: Callable[[str], Range | NoAddress]) -> ByteSearch | WordSearch | NoAddress:
    """Parse a search: `hex:7f 45 4c 46`, `ptr:[heap]` or another place, `text:...`, or plain text.

    `range_of` returns the range of a place.
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
    """Find runs of at least `shortest` printable ASCII characters, as strings(1) does, with their addresses."""
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
    """Split into 8-byte little-endian words; a remainder is dropped."""
    return memoryview(content)[: len(content) - len(content) % 8].cast("Q")
