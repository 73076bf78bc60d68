r"""How values are written in JSON: the conventions of every `mmexplorer NAME --json`.

Addresses and file offsets are strings `"0x..."`, because JSON numbers lose bits above 2^53. A value that could not be
read is null, with its reason in the same object's `unavailable`. Bytes that aren't UTF-8 are escaped as `\xNN`.
"""

import json
import re
from collections.abc import Mapping
from functools import cache

from mmexplorer.model.unavailable import Unavailable

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNUSUAL = {"THPeligible": "thp_eligible"}
"""An acronym directly followed by a lower-case word."""

UNAVAILABLE = "unavailable"


def text(value: str) -> str:
    r"""Escape the bytes that weren't UTF-8, which the model keeps as surrogates: `b"a\xff"` becomes `a\xff`."""
    if value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@cache
def snake(name: str) -> str:
    """Convert a counter's name to snake case: `Private_Dirty`, `AnonHugePages`, `MMUPageSize`, `THPeligible`."""
    return _UNUSUAL.get(name) or _WORD_START.sub("_", name).lower()


def record(fields: Mapping[str, object]) -> dict[str, object]:
    """Return an object: `Unavailable` becomes null with its reason in `unavailable`; text is escaped."""
    reasons = {name: text(str(value)) for name, value in fields.items() if isinstance(value, Unavailable)}
    values = {name: _value(value) for name, value in fields.items()}
    return values | {UNAVAILABLE: _told(fields) | reasons} if reasons else values


def _told(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the reasons already in `unavailable`."""
    told = fields.get(UNAVAILABLE)
    return dict(told) if isinstance(told, Mapping) else {}


def document(name: str, fields: Mapping[str, object]) -> str:
    """Return the document of the command `name`, in ASCII, so that no text in it can affect a terminal."""
    return written({"schema": f"mmexplorer/{name}/1"} | record(fields))


def written(value: object) -> str:
    """Return the JSON of a value whose text is already escaped."""
    return json.dumps(value).replace("\x7f", "\\u007f")


def _value(value: object) -> object:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, tuple | list):
        return [_value(item) for item in value]
    return None if isinstance(value, Unavailable) else value
