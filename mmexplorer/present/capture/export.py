"""A capture as rows for other programs: one row per region and moment."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from mmexplorer.model.capture.comparison import FIELDS, Compared, added, identity
from mmexplorer.model.capture.moments import Clocks, Manifest
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.capture.compared import compared
from mmexplorer.present.json.document import text
from mmexplorer.present.region.address import phrase
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import hexadecimal

COLUMNS = (
    "host", "boot_id", "pid", "start_time", "moment", "taken_at", "region_id", "what", "kind", "start", "end", "perms",
    "path", *FIELDS,
)  # fmt: skip

_FREE = frozenset({"region_id", "what", "path"})
"""Columns of text that a process controls."""
_MICROSECONDS = 1_000_000
_TRACKS = 40
"""The largest regions, which get a track of their own; the others are only in the totals."""


class Looked(NamedTuple):
    """A process at one moment."""

    moment: int
    clocks: Clocks
    space: AddressSpace


def region_id(each: Compared, space: AddressSpace) -> str:
    """Return an identity that survives another run or host, where addresses differ.

    It consists of build-id and program header for a part of an ELF file, so that another build is something else; of
    kind and size class for anonymous memory; and of kind and name for anything else.
    """
    match = space.layout.matches.get(each.region.start)
    if match is not None and match.loaded.image.build_id:
        return f"elf {match.loaded.image.build_id} #{match.index} {match.label.value}"
    return identity(each)


def rows(manifest: Manifest, looked: Iterable[Looked]) -> Iterator[dict[str, object]]:
    """Yield a row for each region at each moment; text is as in JSON, with bytes that aren't UTF-8 escaped."""
    for moment, clocks, space in looked:
        common = {
            "host": manifest.host,
            "boot_id": manifest.boot_id,
            "pid": space.process.pid,
            "start_time": space.process.start_time,
            "moment": moment,
            "taken_at": round(clocks.realtime, 3),
        }
        for each in compared(space):
            yield common | _row(each, space)


def _row(each: Compared, space: AddressSpace) -> dict[str, object]:
    region = each.region
    return {
        "region_id": text(region_id(each, space)),
        "what": text(phrase(each.kind, each.name)),
        "kind": each.kind.value,
        "start": hexadecimal(region.start),
        "end": hexadecimal(region.end),
        "perms": region.perms,
        "path": text(region.path),
        **each.amounts._asdict(),
    }


def csv_lines(table: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield CSV (RFC 4180); unknown values are empty. A quote keeps spreadsheets from evaluating text cells."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in chain([dict(zip(COLUMNS, COLUMNS, strict=True))], table):
        writer.writerow([_cell(row[name], free=name in _FREE) for name in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def json_lines(table: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield one JSON object per line."""
    for row in table:
        yield json.dumps(row).replace("\x7f", "\\u007f") + "\n"


def perfetto_lines(looked: Iterable[Looked]) -> Iterator[str]:
    """Yield the Chrome JSON trace format, which ui.perfetto.dev draws as counter tracks."""
    seen = list(looked)
    yield '{"displayTimeUnit": "ms", "traceEvents": [\n'
    separator = ""
    for event in _events(seen):
        yield separator + json.dumps(event)
        separator = ",\n"
    yield "\n]}\n"


def _events(seen: list[Looked]) -> Iterator[dict[str, object]]:
    if not seen:
        return
    process = seen[-1].space.process
    yield {"name": "process_name", "ph": "M", "pid": process.pid, "args": {"name": text(process.name)}}
    tracks, taken = _largest(seen), _taken(seen)
    for _, clocks, space in seen:
        regions = compared(space)
        sums = added(each.amounts for each in regions)
        known = {} if sums is None else {name: count for name, count in sums._asdict().items() if count is not None}
        for name, count in known.items():
            yield _counter(process.pid, clocks, f"all: {name}", count)
        for name in tracks:
            counts = [taken(each) for each in regions if region_id(each, space) == name]
            total = sum(count for count in counts if count is not None)
            if None not in counts:  # otherwise the track keeps its last known value
                yield _counter(process.pid, clocks, text(tracks[name]), total)


def _largest(seen: list[Looked]) -> dict[str, str]:
    """Return the names, by identity, of the regions that were ever the largest."""
    most: dict[str, tuple[int, str]] = {}
    taken = _taken(seen)
    for _, _, space in seen:
        for each in compared(space):
            key, count = region_id(each, space), taken(each)
            if count is not None and count > most.get(key, (0, ""))[0]:
                most[key] = count, phrase(each.kind, each.name)
    chosen = sorted(most, key=lambda key: -most[key][0])[:_TRACKS]
    names = [most[key][1] for key in chosen]
    return {key: name if names.count(name) == 1 else f"{name} ({key})" for key, name in zip(chosen, names, strict=True)}


def _taken(seen: list[Looked]) -> Callable[[Compared], int | None]:
    """Return what measures a region: its RSS, or its size if nothing was counted at any moment."""
    counted = any(isinstance(space.counters, Counters) for _, _, space in seen)
    return (lambda each: each.amounts.rss) if counted else (lambda each: each.region.size)


def _counter(pid: int, clocks: Clocks, name: str, count: int) -> dict[str, object]:
    at = round(clocks.boottime * _MICROSECONDS)
    return {"name": name, "ph": "C", "ts": at, "pid": pid, "args": {"bytes": count}}


def _cell(value: object, *, free: bool) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    shown = clean(value)
    return f"'{shown}" if free and shown.startswith(("=", "+", "-", "@")) else shown
