"""An address as a person types it, and its place in an address space."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter

from mmexplorer.model.elf.layout import Layout, LoadedImage, Match
from mmexplorer.model.region import Range, Region
from mmexplorer.model.value import NamedTuple

_SPACE = 1 << 64
_HEX = r"(?ai)(0x)?[0-9a-f]{1,64}"
_DIGITS = r"(?a)\d{1,64}"
_MAPS_DIGITS = range(8, 13)
"""How many digits the addresses of a program have in /proc/PID/maps."""

_BY_START = attrgetter("start")
_BY_END = attrgetter("end")


class NoAddress(NamedTuple):
    """Why a text is not an address."""

    sentence: str
    """Lower case, no full stop. Contains the typed text; not cleaned."""


class Inside(NamedTuple):
    """An address inside a region."""

    region: Region
    offset: int
    """Bytes from the start of the region."""


class Between(NamedTuple):
    """An address in no region."""

    below: Region | None
    after_below: int
    """Bytes from the end of `below`: 0 for the first address after it."""
    above: Region | None
    before_above: int
    """Bytes to the start of `above`, at least 1."""


def parse_address(text: str, regions: Sequence[Region], layout: Layout) -> int | NoAddress:
    """Parse an address: `0x7f3a4c1d0bc8`, `7f3a4c1d0bc8`, `139888`, or an offset from something with a name.

    `exe+0x1139`, `libc.so.6+0x27370`: the number after the plus is an address in the ELF file; `exe` is the program,
    other images are named by their file or the beginning of its name. `[heap]+8`: bytes into the region of that name.
    `libc.so.6@0x1cf8d0`: where that byte of a mapped file is in memory. `0x7f3a4c1d0000+0x10`, `0x7f3a4c1d0000-16`:
    arithmetic.

    Digits alone could be in either base. gdb reads them as decimal, and so do we, unless only the hexadecimal reading
    lies in a region, or neither does and there are as many digits as in maps, where an address may contain no letter.
    """
    typed = text.strip()
    for sign, counted_from in (("+", _plus), ("@", _in_file), ("-", _minus)):
        name, found, offset = typed.rpartition(sign)
        if found and not (sign == "-" and _number(offset.strip()) is None):
            return counted_from(name.strip(), offset.strip(), regions, layout)
    return _plain(typed, regions)


def _plain(typed: str, regions: Sequence[Region]) -> int | NoAddress:
    named = _named(typed, regions)
    if named:
        return named[0].start
    if re.fullmatch(_DIGITS, typed):
        decimal, hexadecimal = int(typed), int(typed, 16)
        as_in_maps = _covered(regions, hexadecimal) or len(typed) in _MAPS_DIGITS
        return _bounded(typed, hexadecimal if as_in_maps and not _covered(regions, decimal) else decimal)
    number = _number(typed)
    if number is None:
        return NoAddress(f"{typed or 'nothing'} is no address: 0x7f3a..., a decimal or exe+0x1139")
    return _bounded(typed, number)


def locate(regions: Sequence[Region], address: int) -> Inside | Between:
    """Find the region that covers `address`, or its neighbours; `regions` are ascending and don't overlap."""
    index = bisect_right(regions, address, key=_BY_START)
    below = regions[index - 1] if index else None
    above = regions[index] if index < len(regions) else None
    if below is not None and address < below.end:
        return Inside(below, address - below.start)
    return Between(
        below, address - below.end if below is not None else 0, above, above.start - address if above is not None else 0
    )


def overlapping(regions: Sequence[Region], wanted: Range) -> range:
    """Return the indices of the `regions`, ascending and without overlaps, that overlap `wanted`.

    If there are none, the empty range is where one would stand.
    """
    first = bisect_right(regions, wanted.start, key=_BY_END)
    return range(first, bisect_left(regions, wanted.end, lo=first, key=_BY_START))


def match_at(address: int, regions: Sequence[Region], layout: Layout) -> Match | None:
    """Return what of a loaded file is at `address`; None outside of one."""
    place = locate(regions, address)
    return layout.matches.get(place.region.start) if isinstance(place, Inside) else None


def file_address(text: str) -> int | None:
    """Parse an address in a file, which tools write in hexadecimal with or without 0x; None for anything else."""
    typed = text.strip()
    address = int(typed, 16) if re.fullmatch(_HEX, typed) else _SPACE
    return address if address < _SPACE else None


def image_name(loaded: LoadedImage) -> str:
    """Return the last part of the file's path, `[vdso]` for the vDSO; not cleaned."""
    return loaded.image.path.rpartition("/")[2]


def _covered(regions: Sequence[Region], address: int) -> bool:
    return isinstance(locate(regions, address), Inside)


def _number(text: str) -> int | None:
    """Read decimal digits as decimal, anything else as hexadecimal."""
    if re.fullmatch(_DIGITS, text):
        return int(text)
    return int(text, 16) if re.fullmatch(_HEX, text) else None


def _bounded(text: str, address: int) -> int | NoAddress:
    return address if address < _SPACE else NoAddress(f"{text} is beyond 64 bits")


def _plus(name: str, offset: str, regions: Sequence[Region], layout: Layout) -> int | NoAddress:
    number = _number(offset)
    if number is None:
        return NoAddress(f"{offset or 'nothing'} is no number: an address in the file follows the +, 0x1139 or 4409")
    if _named(name, regions) or _is_written_number(name):
        return _sum(_plain(name, regions), number)
    found = _images(name, layout)
    if not found:
        return _no_image(name, layout)
    if len(found) > 1:
        biases = ", ".join(f"{image_name(loaded)} at {loaded.load_bias:#x}" for loaded in found)
        return NoAddress(f"{name} could be {biases}: type the address itself")
    return (found[0].load_bias + number) % _SPACE


def _no_image(name: str, layout: Layout) -> NoAddress:
    if not name:
        return NoAddress("no image is named before the +")
    return NoAddress(f"no image {name} is loaded" if layout.images else "no image is known here")


def _minus(name: str, offset: str, regions: Sequence[Region], _layout: Layout) -> int | NoAddress:
    number = _number(offset)
    return _sum(_plain(name, regions), -(number or 0)) if name else NoAddress(f"-{offset} is no address")


def _sum(start: int | NoAddress, number: int) -> int | NoAddress:
    if isinstance(start, NoAddress):
        return start
    total = start + number
    return total if 0 <= total < _SPACE else NoAddress(f"{start:#x} and {number:#x} more leave the 64 bits")


def _in_file(name: str, offset: str, regions: Sequence[Region], layout: Layout) -> int | NoAddress:
    """Find where a byte of a mapped file is in memory; prefer the region that was loaded for it if two map its page."""
    number = _number(offset)
    if number is None:
        return NoAddress(
            f"{offset or 'nothing'} is no number: an offset in the file follows the @, 0x1cf8d0 or 1898704"
        )
    of_file = [region for region in regions if region.inode and name and name in (region.name, region.path)]
    if not of_file:
        return NoAddress(f"no file {name} is mapped" if name else "no file is named before the @")
    holding = [region for region in of_file if region.offset <= number < region.offset + region.size]
    found = [region for region in holding if _loaded_for(region, number, layout)] or holding
    if not found:
        return NoAddress(f"the byte at {number:#x} of {name} is not mapped")
    return found[0].start + number - found[0].offset


def _loaded_for(region: Region, offset: int, layout: Layout) -> bool:
    """Return whether the byte belongs to the segment `region` was loaded from, not just to a page they share."""
    match = layout.matches.get(region.start)
    if match is None:
        return False
    at = offset - match.loaded.image.header_offset
    return match.segment.offset <= at < match.segment.offset + match.segment.filesz


def _named(name: str, regions: Sequence[Region]) -> list[Region]:
    """Return the regions that the kernel calls `[heap]`, `[stack]`, `[vdso]` ..."""
    return [region for region in regions if region.path == name] if name.startswith("[") else []


def _is_written_number(text: str) -> bool:
    """Return whether the text can only be a number: `0x...` or digits. Letters alone may be a name."""
    hexadecimal = text[:2].lower() == "0x" and re.fullmatch(_HEX, text)
    return bool(hexadecimal or re.fullmatch(_DIGITS, text))


def _images(name: str, layout: Layout) -> list[LoadedImage]:
    if name == "exe":
        return [loaded for loaded in layout.images if loaded.role == "executable"]
    exact = [loaded for loaded in layout.images if image_name(loaded) == name]
    return exact or [loaded for loaded in layout.images if name and image_name(loaded).startswith(name)]


def region_range(text: str, regions: Sequence[Region], layout: Layout) -> Range | NoAddress:
    """Return the range of the region that contains the address `text`."""
    address = parse_address(text, regions, layout)
    if isinstance(address, NoAddress):
        return address
    place = locate(regions, address)
    return place.region.range if isinstance(place, Inside) else NoAddress(f"{text} lies in no region")
