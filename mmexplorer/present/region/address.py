"""How a sentence names a region, and where an address lies."""

import re

from mmexplorer.model.address import Between, Inside, image_name, locate
from mmexplorer.model.elf.layout import Match
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.region_kind import classify
from mmexplorer.model.role import Role
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.text.format import address as written
from mmexplorer.present.text.format import address_range, hexadecimal, size
from mmexplorer.present.text.line import Line, Tone, line, span

_ABI = re.compile(r"\.(?:cpython|pypy|abi)[^/]*\.so\Z")
"""The suffix of a Python extension module (PEP 3149)."""
_MINOR = re.compile(r"(\.so\.[0-9]+)(?:\.[0-9]+)+\Z")
"""The version of a library; programs link against its first part."""

_PHRASES = {
    RegionKind.CODE: ("code", "the code of {}"),
    RegionKind.RODATA: ("read-only data", "the read-only data of {}"),
    RegionKind.DATA: ("data", "the data of {}"),
    RegionKind.RELRO: ("relocated read-only data", "the relocated read-only data (RELRO) of {}"),
    RegionKind.BSS: ("zeroed data", "the zeroed data (bss) of {}"),
    RegionKind.HEAP: ("the heap", "the heap"),
    RegionKind.STACK: ("a stack", "the stack"),
    RegionKind.ARENA: ("a malloc arena", "a {}"),
    RegionKind.JIT: ("code generated at run time", "code generated at run time {}"),
    RegionKind.ANON: ("anonymous memory", "anonymous memory {}"),
    RegionKind.FILE: ("a file", "the file {}"),
    RegionKind.SHM: ("shared memory", "shared memory {}"),
    RegionKind.MEMFD: ("an in-memory file", "the in-memory file {}"),
    RegionKind.GUARD: ("a guard", "the guard of {}"),
    RegionKind.RESERVE: ("reserved address space", "reserved address space {}"),
    RegionKind.ARENA_RESERVE: ("the reserve of a malloc arena", "the reserve of a {}"),
    RegionKind.DEVICE: ("a device", "the device {}"),
    RegionKind.HUGETLB: ("hugetlbfs memory", "hugetlbfs memory {}"),
    RegionKind.VDSO: ("the vdso", "the vdso"),
    RegionKind.VVAR: ("the vdso's data", "the vdso's data {}"),
    RegionKind.VSYSCALL: ("the vsyscall page", "the vsyscall page"),
    RegionKind.OTHER: ("a mapping", "a mapping named {}"),
}
"""The phrase without a name, and with one; all singular, since "is" precedes many."""
_LOOKS_LIKE = "looks like "
_GUESSED = frozenset({RegionKind.STACK, RegionKind.ANON, RegionKind.JIT})
"""The kinds whose role may be uncertain."""


def phrase(kind: RegionKind, name: str) -> str:
    """Name a region in a sentence: "the code of libc.so.6", "anonymous memory". Not cleaned."""
    nameless, named = _PHRASES[kind]
    if kind in _GUESSED and name.startswith(_LOOKS_LIKE):
        return f"what {name}" if kind is RegionKind.STACK else f"{nameless} that {name}"
    if kind is RegionKind.STACK and name and not name.startswith("["):
        return f"the stack of {name}"
    return named.format(name) if name else nameless


def region_name(region: Region, match: Match | None, role: Role | None = None) -> str:
    """Return the kernel's name or the file's; for anonymous memory that of its image, or of its role."""
    return region.name or (image_name(match.loaded) if match is not None else role_name(role))


def role_name(role: Role | None) -> str:
    """Name a region's role, inferred from neighbours, shape and threads; "" if that says no more than its kind."""
    if role is None:
        return ""
    if role.threads:
        return ", ".join(f"{each.name} ({each.tid})" if each.name else f"thread {each.tid}" for each in role.threads)
    if not role.name:
        return ""
    return role.name if role.sure else f"{_LOOKS_LIKE}{role.name}"


def short_file_name(name: str) -> str:
    """Shorten the name of a library for lack of room, by its minor versions and Python's ABI tag."""
    return _MINOR.sub(r"\1", _ABI.sub("….so", name))


def region_phrase(region: Region, space: AddressSpace) -> str:
    """Name a region of `space` in a sentence. Not cleaned."""
    match = space.layout.matches.get(region.start)
    role = space.roles.get(region.start)
    return phrase(classify(region, match, space.usage_of(region), role), region_name(region, match, role))


def address_line(address: int, space: AddressSpace) -> Line:
    """Describe which region of `space` contains `address`, or which two it lies between and how far from each."""
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
    """Describe the distance to the neighbours: " lies in no region: 24K after the end of the heap, 46T before ..."."""
    ends = []
    if place.below is not None:
        ends.append(f"{_distance(place.after_below)} after the end of {_neighbour(place.below, space)}")
    if place.above is not None and place.above.kernels_own and ends:
        ends.append(f"with only {_neighbour(place.above, space)} above it")
    elif place.above is not None:
        ends.append(f"{_distance(place.before_above)} before {_neighbour(place.above, space)}")
    return f" lies in no region: {', '.join(ends)}" if ends else " lies in no region: there are none"


def _neighbour(region: Region, space: AddressSpace) -> str:
    return f"{region_phrase(region, space)} ({address_range(*region.range)})"


def _distance(count: int) -> str:
    return f"{size(count)} bytes" if size(count).isdigit() else f"{size(count)} ({hexadecimal(count)})"
