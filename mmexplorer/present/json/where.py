"""An address in JSON: `mmexplorer where --json`."""

from collections.abc import Mapping

from mmexplorer.model.elf.image import Section
from mmexplorer.model.elf.symbols import Symbol
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.whereabouts import Whereabouts
from mmexplorer.present.elf.demangle import demangle
from mmexplorer.present.json.document import document, record
from mmexplorer.present.json.maps import segment_json
from mmexplorer.present.text.format import hexadecimal


def where_document(
    whose: Mapping[str, object],
    place: Whereabouts,
    section: Section | None,
    symbol: Symbol | Unavailable | None,
    thread: int | None,
) -> str:
    """Return the document. `before` and `after` are the neighbours, each with its distance in bytes.

    `whose` has the fields of the process and its source.
    """
    offset = place.file_offset
    fields = {
        **whose,
        "address": hexadecimal(place.address),
        "verdict": place.verdict.value,
        "region": None if place.region is None else region_json(place.region),
        "before": _before(place),
        "after": _after(place),
        "segment": None if place.match is None else segment_json(place.match),
        "section": None if section is None else section.name,
        "file_offset": None if offset is None else hexadecimal(offset),
        "symbol": _symbol(place, symbol),
        "thread": thread,
    }
    return document("where", fields)


def region_json(region: Region) -> dict[str, object]:
    """Return the fields of a region in maps."""
    return record(
        {
            "start": hexadecimal(region.start),
            "end": hexadecimal(region.end),
            "perms": region.perms,
            "offset": hexadecimal(region.offset),
            "path": region.path,
            "deleted": region.deleted,
        }
    )


def _before(place: Whereabouts) -> dict[str, object] | None:
    if place.before is None:
        return None
    return region_json(place.before) | {"distance": place.address - place.before.end}


def _after(place: Whereabouts) -> dict[str, object] | None:
    if place.after is None:
        return None
    return region_json(place.after) | {"distance": place.after.start - place.address}


def _symbol(place: Whereabouts, symbol: Symbol | Unavailable | None) -> dict[str, object] | Unavailable | None:
    if symbol is None or isinstance(symbol, Unavailable) or place.match is None or place.file_address is None:
        return symbol if isinstance(symbol, Unavailable) else None
    return record(
        {
            "name": demangle(symbol.raw),
            "raw": symbol.raw,
            "offset": hexadecimal(place.file_address - symbol.address),
            "size": symbol.size,
            "file": place.match.loaded.image.path,
        }
    )
