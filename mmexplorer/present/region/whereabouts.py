"""An address as text: its region or its neighbours, then a line for each fact known about it."""

from collections.abc import Iterator

from mmexplorer.model.address import image_name
from mmexplorer.model.elf.image import Section
from mmexplorer.model.elf.symbols import Symbol
from mmexplorer.model.process.fault import LOWEST
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.whereabouts import Verdict, Whereabouts
from mmexplorer.present.elf.symbols import symbol_at
from mmexplorer.present.region.address import address_line
from mmexplorer.present.region.match_reason import match_reason
from mmexplorer.present.text.format import hexadecimal
from mmexplorer.present.text.line import plain

_REMARKS = {
    Verdict.NON_CANONICAL: "non-canonical: its upper bits are not all alike, and the processor refuses every access",
    Verdict.BELOW_FIRST: "below the first region: every access is a fault",
    Verdict.ABOVE_LAST: "above the last region of the process",
    Verdict.HOLE: "in a hole: every access is a fault",
}
_NULL = "below the first region: a pointer that is NULL, or a member of what it points to"


def whereabouts_lines(
    place: Whereabouts,
    space: AddressSpace,
    section: Section | None,
    symbol: Symbol | Unavailable | None,
    thread: int | None,
) -> Iterator[str]:
    """Yield everything known. Not cleaned."""
    yield plain(address_line(place.address, space))
    if place.verdict in _REMARKS:
        yield _NULL if place.address < LOWEST else _REMARKS[place.verdict]
    if place.region is not None:
        yield f"permissions {place.region.perms}"
    if place.file_offset is not None and place.region is not None:
        yield f"file offset {hexadecimal(place.file_offset)} of {place.region.path}"
    if place.match is not None and place.region is not None:
        yield f"segment: {match_reason(place.match, place.region)}"
    if section is not None and place.file_address is not None:
        yield f"section {section.name}+{hexadecimal(place.file_address - section.address)}"
    yield from _symbol(place, symbol)
    if thread is not None:
        yield f"the stack of thread {thread}"


def _symbol(place: Whereabouts, symbol: Symbol | Unavailable | None) -> Iterator[str]:
    if isinstance(symbol, Unavailable):
        yield f"symbol: {symbol}"
    elif symbol is not None and place.match is not None and place.file_address is not None:
        yield f"symbol {image_name(place.match.loaded)}: {symbol_at(symbol, place.file_address)}"
