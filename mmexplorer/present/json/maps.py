"""The memory of a process in JSON: `mmexplorer maps --json`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import mul
from types import MappingProxyType

from mmexplorer.model.elf.layout import Match
from mmexplorer.model.region import Region, RegionKind, Usage
from mmexplorer.model.region_kind import classify
from mmexplorer.model.role import Role
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.document import document, record, snake, text, written
from mmexplorer.present.json.source import lacking_of_region, no_start_time, source_fields
from mmexplorer.present.text.format import hexadecimal

_NOTHING: Mapping[str, object] = MappingProxyType({})
_SIZE = "Size"
"""The field of smaps; `size` is the same, with or without smaps."""

_ELSEWHERE = frozenset({_SIZE, "Pss_Anon", "Pss_File", "Pss_Shmem"})
"""Not counters of a region here; the last three are only in smaps_rollup."""

_NO_SUMS = frozenset({_SIZE, "KernelPageSize", "MMUPageSize"})
"""Can't be added up: the page size doesn't depend on the number of regions."""

_NOT_IN_SMAPS = Unavailable(Cause.NOT_READ, "this region was not there when smaps was read")
_NO_FLAGS = Unavailable(Cause.UNSUPPORTED, "this kernel's smaps has no VmFlags")


def maps_document(
    space: AddressSpace, page_size: int, kind: str, taken_at: float | Unavailable, more: Mapping[str, object] = _NOTHING
) -> Iterator[str]:
    """Yield the document in parts; `page_size` in bytes, `kind` and `taken_at` of the source, `more` from a core."""
    usages = _usages(space.regions, space.counters)
    fields = {
        "pid": space.process.pid,
        "start_time": space.process.start_time,
        "exe": space.exe,
        "page_size": page_size,
        **source_fields(kind, taken_at),
        "regions": [],
        "totals": _totals(space, usages),
        **more,
    }
    # Inside a string the quotes would be escaped.
    before, regions, after = document("maps", fields | dict(no_start_time(kind))).partition('"regions": [')
    yield before + regions
    write = _RegionWriter(space, lacking_of_region(kind))
    separator = ""
    for region, usage in zip(space.regions, usages, strict=True):
        yield separator + write(region, usage)
        separator = ", "
    yield after


def region_record(region: Region, space: AddressSpace, unknown: Mapping[str, Unavailable]) -> dict[str, object]:
    """Return one region; the source can't know the fields in `unknown`."""
    match = space.layout.matches.get(region.start)
    usage = _usage(region, space.counters)
    return record(
        {
            **_line(region),
            "kind": _kind(region, space, None if isinstance(usage, Unavailable) else usage).value,
            "vm_flags": _flags(usage),
            "segment": None if match is None else segment_json(match),
            **_counters(usage),
            **unknown,
        }
    )


_REMEMBERED = 1 << 12
"""How many texts of anonymous regions are remembered, of about a kilobyte."""


class _RegionWriter:
    """Writes the same as `region_record`, but only once what many regions have in common."""

    def __init__(self, space: AddressSpace, unknown: Mapping[str, Unavailable]) -> None:
        self._space = space
        self._unknown = unknown
        self._templates: dict[int, str] = {}
        """By the identity of the fields, which the records of one reading share, and which `space` keeps alive."""
        self._anonymous: dict[tuple[object, ...], str] = {}
        """By all that the text from `perms` on depends on: the same for most of a process's thousands of regions."""
        self._text = cache(lambda value: written(text(value)))
        self._flags = cache(lambda flags: written([text(flag) for flag in flags]))

    def __call__(self, region: Region, usage: Usage | Unavailable) -> str:
        if isinstance(usage, Unavailable) or usage.vm_flags is None or self._unknown:
            return written(region_record(region, self._space, self._unknown))
        start, end = region[:2]
        match, role = self._space.layout.matches.get(start), self._space.roles.get(start)
        if region.inode or match is not None:
            rest = self._from_perms(region, usage, match, role)
        else:
            alike = (region[2:], id(usage), role)
            known = self._anonymous.get(alike)
            rest = known or self._from_perms(region, usage, match, role)
            if known is None and len(self._anonymous) < _REMEMBERED:
                self._anonymous[alike] = rest
        return f'{{"start": "{start:#x}", "end": "{end:#x}", "size": {end - start}, {rest}'

    def _from_perms(self, region: Region, usage: Usage, match: Match | None, role: Role | None) -> str:
        kind = classify(region, match, usage, role)
        segment = "null" if match is None else written(segment_json(match))
        return (
            f'"perms": {self._text(region.perms)}, "offset": "{region.offset:#x}", "dev": {self._text(region.dev)},'
            f' "inode": {region.inode}, "path": {self._text(region.path)},'
            f' "deleted": {"true" if region.deleted else "false"}, "kind": "{kind.value}",'
            f' "vm_flags": {self._flags(usage.vm_flags)}, "segment": {segment}{self._counters(usage)}}}'
        )

    def _counters(self, usage: Usage) -> str:
        template = self._templates.get(id(usage.fields))
        if template is None:
            template = self._templates[id(usage.fields)] = _template(usage.fields)
        return template.format(*usage.values)


def _template(fields: Mapping[str, int]) -> str:
    """Return the text of all counters, each behind a comma, with places for their values."""
    places = {snake(name): place for name, place in fields.items() if name != _SIZE}
    names = {name: written(name).replace("{", "{{").replace("}", "}}") for name in places}
    return "".join(f", {names[name]}: {{{place}}}" for name, place in places.items())


def _line(region: Region) -> dict[str, object]:
    """Return the fields of a line of maps."""
    return {
        "start": hexadecimal(region.start),
        "end": hexadecimal(region.end),
        "size": region.size,
        "perms": region.perms,
        "offset": hexadecimal(region.offset),
        "dev": region.dev,
        "inode": region.inode,
        "path": region.path,
        "deleted": region.deleted,
    }


def found_record(space: AddressSpace, regions: Sequence[Region]) -> dict[str, object]:
    """Return the matching regions of one process in a search, with what was read about them."""
    process = space.process
    return record(
        {
            "pid": process.pid,
            "start_time": process.start_time,
            "name": process.name,
            "count": len(regions),
            "size": sum(region.size for region in regions),
            "regions": [_found_region(region, space) for region in regions],
        }
    )


def _found_region(region: Region, space: AddressSpace) -> dict[str, object]:
    if isinstance(space.exe, Unavailable) and space.exe.cause is Cause.NOT_READ:
        return record(_line(region))
    usage = _usage(region, space.counters)
    known = None if isinstance(usage, Unavailable) else usage
    counters = {} if known is None else _counters(known)
    return record({**_line(region), "kind": _kind(region, space, known).value, **counters})


def _kind(region: Region, space: AddressSpace, usage: Usage | None) -> RegionKind:
    return classify(region, space.layout.matches.get(region.start), usage, space.roles.get(region.start))


def _usage(region: Region, counters: Counters | Unavailable) -> Usage | Unavailable:
    return counters if isinstance(counters, Unavailable) else counters.by_range.of(region) or _NOT_IN_SMAPS


def _usages(regions: Sequence[Region], counters: Counters | Unavailable) -> Sequence[Usage | Unavailable]:
    if isinstance(counters, Unavailable):
        return [counters] * len(regions)
    return [usage or _NOT_IN_SMAPS for usage in counters.by_range.of_each(regions)]


def _flags(usage: Usage | Unavailable) -> tuple[str, ...] | Unavailable:
    if isinstance(usage, Unavailable):
        return usage
    return _NO_FLAGS if usage.vm_flags is None else usage.vm_flags


def _counters(usage: Usage | Unavailable) -> Mapping[str, int | Unavailable]:
    """Return every counter of this kernel; if smaps can't be read, every counter that a kernel may have."""
    if isinstance(usage, Unavailable):
        from mmexplorer.present.region.kernel_words import COUNTERS  # noqa: PLC0415 - rarely needed, and long

        return {snake(name): usage for name in COUNTERS if name not in _ELSEWHERE}
    return {snake(name): count for name, count in usage if name != _SIZE}


def segment_json(match: Match) -> dict[str, object]:
    """Return the segment that a region was loaded from."""
    return record(
        {
            "file": match.loaded.image.path,
            "index": match.index,
            "indices": match.indices,
            "type": match.segment.type,
            "load_bias": hexadecimal(match.loaded.load_bias),
            "label": match.label.value,
        }
    )


def _totals(space: AddressSpace, usages: Iterable[Usage | Unavailable]) -> dict[str, object]:
    """Add up all regions as pmap -XX does: including `[vsyscall]`, unlike VmSize and the VSZ on the screen."""
    size = {"size": sum(end - start for start, end, _, _ in space.regions)}
    if isinstance(space.counters, Unavailable):
        return record(size | dict(_counters(space.counters)))
    return record(size | _sums([usage for usage in usages if not isinstance(usage, Unavailable)]))


def _sums(usages: Sequence[Usage]) -> dict[str, int]:
    """Add up each counter over the regions that have it; equal usages share one object, which is read once."""
    known = {id(usage): usage for usage in usages}
    times = Counter(map(id, usages))
    by_fields: dict[int, list[Usage]] = {}
    for usage in known.values():
        by_fields.setdefault(id(usage.fields), []).append(usage)
    sums: Counter[str] = Counter()
    for alike in by_fields.values():
        weights = [times[id(usage)] for usage in alike]
        columns = zip(*(usage.values for usage in alike), strict=True)
        for name, column in zip(alike[0].fields, columns, strict=True):
            sums[name] += sum(map(mul, column, weights))
    return {snake(name): count for name, count in sums.items() if name not in _NO_SUMS}
