"""Which segment holds which section: the rules of `readelf -l`, binutils' ELF_SECTION_IN_SEGMENT_STRICT."""

from collections.abc import Sequence
from dataclasses import replace

from mmexplorer.model.elf import Section, Segment

_HOLD_TLS = frozenset({"TLS", "GNU_RELRO", "LOAD"})
_HOLD_ONLY_ALLOC = frozenset({"LOAD", "DYNAMIC", "GNU_EH_FRAME", "GNU_STACK", "GNU_RELRO"})
_HOLD_NO_EMPTY_EDGES = frozenset({"DYNAMIC", "NOTE"})


def with_sections(segments: Sequence[Segment], sections: Sequence[Section]) -> tuple[Segment, ...]:
    """Give the segments with the names of the sections they hold; section 0 is no section and in none."""
    return tuple(
        replace(segment, sections=tuple(section.name for section in sections[1:] if holds(segment, section)))
        for segment in segments
    )


def holds(segment: Segment, section: Section) -> bool:
    """Whether `segment` holds `section`, as `readelf -l` answers it."""
    return (
        _kinds_fit(segment, section)
        and _within(section.type == "NOBITS", section.offset - segment.offset, section.size, segment.filesz)
        and _within("A" not in section.flags, section.address - segment.vaddr, section.size, segment.memsz)
        and not _empty_at_edge(segment, section)
    )


def _kinds_fit(segment: Segment, section: Section) -> bool:
    if "T" in section.flags:
        # .tbss takes no room in a LOAD: each thread gets its own copy, so only TLS holds it.
        if section.type == "NOBITS":
            return segment.type == "TLS"
        return segment.type in _HOLD_TLS
    if segment.type in {"TLS", "PHDR"}:
        return False
    return "A" in section.flags or segment.type not in _HOLD_ONLY_ALLOC


def _within(exempt: bool, distance: int, size: int, room: int) -> bool:  # noqa: FBT001 -- a value, not a mode
    # Without room the strict upper bound, `room - 1` in unsigned arithmetic, bounds nothing.
    return exempt or (distance >= 0 and (room == 0 or distance < room) and distance + size <= room)


def _empty_at_edge(segment: Segment, section: Section) -> bool:
    """Whether an empty section stands at the first or past the last byte of a segment that must not count it."""
    if segment.type not in _HOLD_NO_EMPTY_EDGES or section.size or not segment.memsz:
        return False
    in_file = section.type == "NOBITS" or 0 < section.offset - segment.offset < segment.filesz
    in_memory = "A" not in section.flags or 0 < section.address - segment.vaddr < segment.memsz
    return not (in_file and in_memory)
