"""The answer to an address that was asked for, as it stands above the details: what it is and where it comes from."""

from mmexplorer.model.elf.image import Section
from mmexplorer.model.elf.symbols import Symbol
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.whereabouts import Whereabouts, section_at, whereabouts
from mmexplorer.present.region.whereabouts import whereabouts_lines
from mmexplorer.present.text.line import Line, Tone, line, span

_MOST_ADDRESS_BITS = 57
"""Of a page table with five levels. With four, what lies above them is still above the last region, as is said."""


def place_of(address: int, space: AddressSpace) -> Whereabouts:
    """Find the place of `address`."""
    return whereabouts(address, space.regions, space.layout, _MOST_ADDRESS_BITS)


def section_of(place: Whereabouts, sections: tuple[Section, ...] | Unavailable) -> Section | None:
    """Find the section of the file that an address is in; None where the file has none there, or they aren't read."""
    if isinstance(sections, Unavailable) or place.file_address is None:
        return None
    return section_at(sections, place.file_address)


def answer_lines(
    place: Whereabouts, space: AddressSpace, section: Section | None, symbol: Symbol | None = None
) -> tuple[Line, ...]:
    """Say what was asked for, set off from what follows by a line."""
    first, *others = whereabouts_lines(place, space, section, symbol, _thread_at(place, space))
    head = line(span("asked for ", Tone.ACCENT), first)
    return (head, *(line(span("          "), each) for each in others), line(span("─" * 10, Tone.DIM)))


def _thread_at(place: Whereabouts, space: AddressSpace) -> int | None:
    """Give the thread whose stack an address is on."""
    region = place.region
    if region is None:
        return None
    return next((each.tid for each in space.threads if region.start <= (each.stack_pointer or 0) < region.end), None)


def answered_at(place: Whereabouts) -> int | None:
    """Give the start of the region on which the cursor stands at the answer: of a hole the one below, else above."""
    region = place.region or place.before or place.after
    return region.start if region is not None else None
