"""Bytes and matches in JSON: `mmexplorer bytes --json` and `mmexplorer search --json`."""

from collections.abc import Iterable, Mapping, Sequence

from mmexplorer.model.memory.bytes import Piece
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.document import UNAVAILABLE, document, text
from mmexplorer.present.json.where import region_json
from mmexplorer.present.memory.bytes import hex_text, reasons
from mmexplorer.present.text.format import hexadecimal


def bytes_document(whose: Mapping[str, object], wanted: Range, pieces: Sequence[Piece]) -> str:
    """Return the document: `hex` is null if no byte could be read. `whose` has the process and its source."""
    why = reasons(pieces)
    some = any(isinstance(piece.content, bytes) for piece in pieces)
    fields: dict[str, object] = {
        **whose,
        "address": hexadecimal(wanted.start),
        "length": sum(piece.range.size for piece in pieces),
        "hex": hex_text(pieces) if some else Unavailable(Cause.NOT_READ, why),
    }
    if some:
        fields[UNAVAILABLE] = {"hex": text(why)} if why else {}
    return document("bytes", fields)


def search_document(whose: Mapping[str, object], matches: Iterable[tuple[int, Region]]) -> str:
    """Return the document. `whose` has the process and its source."""
    found = [{"address": hexadecimal(address), "region": region_json(region)} for address, region in matches]
    return document("search", {**whose, "matches": found})
