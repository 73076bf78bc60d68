"""Where an address lies, in a sentence."""

from mmexplorer.model.address import Between, Inside, locate
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.region.naming import region_phrase
from mmexplorer.present.text.format import address as written
from mmexplorer.present.text.format import address_range, hexadecimal, size
from mmexplorer.present.text.line import Line, Tone, line, span


def address_line(address: int, space: AddressSpace) -> Line:
    """Say which region of `space` covers `address`, or between which two it lies and how far from each."""
    place = locate(space.regions, address)
    found = _inside(address, place, space) if isinstance(place, Inside) else between_text(place, space)
    return line(span(written(address), Tone.BRIGHT), found)


def _inside(address: int, place: Inside, space: AddressSpace) -> str:
    region = place.region
    match = space.layout.matches.get(region.start)
    found = (
        f" is {hexadecimal(place.offset)} bytes into {region_phrase(region, space)} ({address_range(*region.range)})"
    )
    if match is None:
        return found
    in_file = (address - match.loaded.load_bias) % (1 << 64)
    return f"{found}; the file calls it {hexadecimal(in_file)}"


def between_text(place: Between, space: AddressSpace) -> str:
    """Say how far it is to the neighbours: " lies in no region: 24K after the end of the heap, 46T before ..."."""
    ends = []
    if place.below is not None:
        ends.append(f"{_distance(place.after_below)} after the end of {_neighbour(place.below, space)}")
    if place.above is not None:
        ends.append(f"{_distance(place.before_above)} before {_neighbour(place.above, space)}")
    return f" lies in no region: {', '.join(ends)}" if ends else " lies in no region: there are none"


def _neighbour(region: Region, space: AddressSpace) -> str:
    return f"{region_phrase(region, space)} ({address_range(*region.range)})"


def _distance(count: int) -> str:
    return f"{size(count)} bytes" if size(count).isdigit() else f"{size(count)} ({hexadecimal(count)})"
