"""The answer about an address, shown above the details: what it is and where it comes from."""

from mmexplorer.model.elf.image import Section
from mmexplorer.model.elf.symbols import Symbol
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.whereabouts import Whereabouts, section_at, whereabouts
from mmexplorer.present.region.whereabouts import whereabouts_lines
from mmexplorer.present.text.line import Line, Tone, line, span

_MOST_ADDRESS_BITS = 57
"""For a page table with five levels. With four, an address above them is still reported as above the last region."""


def place_of(address: int, space: AddressSpace) -> Whereabouts:
    """Return the place of `address`."""
    return whereabouts(address, space.regions, space.layout, _MOST_ADDRESS_BITS)


def section_of(place: Whereabouts, sections: tuple[Section, ...] | Unavailable) -> Section | None:
    """Return the section of the file that contains an address; None if there is none, or they aren't read."""
    if isinstance(sections, Unavailable) or place.file_address is None:
        return None
    return section_at(sections, place.file_address)


def answer_lines(
    place: Whereabouts, space: AddressSpace, section: Section | None, symbol: Symbol | None = None
) -> tuple[Line, ...]:
    """Return the answer, separated from what follows by a line."""
    first, *others = whereabouts_lines(place, space, section, symbol, _thread_at(place, space))
    head = line(span("asked for ", Tone.ACCENT), first)
    return (head, *(line(span("          "), each) for each in others), line(span("─" * 10, Tone.DIM)))


def _thread_at(place: Whereabouts, space: AddressSpace) -> int | None:
    """Return the thread whose stack contains an address."""
    region = place.region
    if region is None:
        return None
    return next((each.tid for each in space.threads if region.start <= (each.stack_pointer or 0) < region.end), None)


def answered_at(place: Whereabouts) -> int | None:
    """Return the start of the region under the cursor for an answer: for a hole, the region below, else above."""
    region = place.region or place.before or place.after
    return region.start if region is not None else None
