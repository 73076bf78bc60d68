"""Where an address lies: its region or the hole around it, and its position in a file."""

from collections.abc import Sequence
from enum import Enum

from mmexplorer.model.address import Inside, locate, overlapping
from mmexplorer.model.elf.image import Section
from mmexplorer.model.elf.layout import Layout, Match, link_time_address
from mmexplorer.model.region import Range, Region
from mmexplorer.model.value import frozen


class Verdict(Enum):
    """What an address refers to in an address space."""

    INSIDE = "inside"
    HOLE = "hole"
    BELOW_FIRST = "below_first"
    ABOVE_LAST = "above_last"
    NON_CANONICAL = "non_canonical"
    """The processor rejects it: its upper bits don't all equal the highest translated bit."""


@frozen
class Whereabouts:
    """Where an address is."""

    address: int
    verdict: Verdict
    region: Region | None
    """The region that covers it."""
    before: Region | None
    """The region below it, or below its region."""
    after: Region | None
    """The region above it, or above its region."""
    match: Match | None = None
    """The segment its region was loaded from."""

    @property
    def file_offset(self) -> int | None:
        """The offset in the mapped file; None for memory without a file."""
        region = self.region
        return region.offset + self.address - region.start if region is not None and region.inode else None

    @property
    def file_address(self) -> int | None:
        """The address in the ELF file; None outside a loaded image."""
        return None if self.match is None else link_time_address(self.match.loaded, self.address)


def whereabouts(address: int, regions: Sequence[Region], layout: Layout, address_bits: int) -> Whereabouts:
    """Locate `address`; `address_bits` is as in `model.translation.Paging`."""
    place = locate(regions, address)
    if isinstance(place, Inside):
        at = overlapping(regions, Range(address, address + 1)).start
        before = regions[at - 1] if at else None
        after = regions[at + 1] if at + 1 < len(regions) else None
        match = layout.matches.get(place.region.start)
        return Whereabouts(address, Verdict.INSIDE, place.region, before, after, match)
    if not is_canonical(address, address_bits):
        verdict = Verdict.NON_CANONICAL
    elif place.below is None:
        verdict = Verdict.BELOW_FIRST
    else:
        verdict = Verdict.HOLE if place.above is not None and _user(place.above, address_bits) else Verdict.ABOVE_LAST
    return Whereabouts(address, verdict, None, place.below, place.above)


def is_canonical(address: int, address_bits: int) -> bool:
    """Return whether all bits from the highest translated one up are equal."""
    upper = address >> (address_bits - 1)
    return upper in (0, (1 << (65 - address_bits)) - 1)


def _user(region: Region, address_bits: int) -> bool:
    """Return whether the region is in the lower half: the kernel's `[vsyscall]` doesn't bound a hole there."""
    return region.start < 1 << (address_bits - 1)


def section_at(sections: Sequence[Section], address: int) -> Section | None:
    """Find the section that contains an address of the file; None between two. Thread-local zeros have no address."""
    for section in sections:
        placed = "A" in section.flags and not ("T" in section.flags and section.type == "NOBITS")
        if placed and section.address <= address < section.address + section.size:
            return section
    return None
