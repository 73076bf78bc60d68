r"""How values are written in JSON: the conventions of every `mmexplorer NAME --json`.

Addresses and file offsets are strings `"0x..."`, because JSON numbers lose bits above 2^53. A value that could not be
read is null, with its reason in the same object's `unavailable`. Bytes that aren't UTF-8 are escaped as `\xNN`.
"""

import re
from collections.abc import Mapping
from functools import cache

from mmexplorer.model.unavailable import Unavailable

_WORD_START = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
_UNUSUAL = {"THPeligible": "thp_eligible"}
"""An acronym directly followed by a lower-case word."""

UNAVAILABLE = "unavailable"
_MANY = 100
"""The length of a list from which `json` writes it."""


def text(value: str) -> str:
    r"""Escape the bytes that weren't UTF-8, which the model keeps as surrogates: `b"a\xff"` becomes `a\xff`."""
    if value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@cache
def snake(name: str) -> str:
    """Convert a counter's name to snake case: `Private_Dirty`, `AnonHugePages`, `MMUPageSize`, `THPeligible`."""
    return _UNUSUAL.get(name) or re.sub(_WORD_START, "_", name).lower()


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
    """Return the JSON of a value whose text is already escaped, as `json.dumps` does."""
    if type(value) is str and value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    if value is None or type(value) is bool:
        return "null" if value is None else str(value).lower()
    if type(value) in (int, float) and (number := repr(value))[-1].isdigit():
        return number
    if type(value) is dict and all(type(name) is str for name in value):
        return "{" + ", ".join([f"{written(name)}: {written(each)}" for name, each in value.items()]) + "}"
    if isinstance(value, list | tuple) and len(value) < _MANY:
        return "[" + ", ".join(map(written, value)) + "]"
    # What is long or unusual is worth the import, which takes a twentieth of a short command's time.
    import json  # noqa: PLC0415

    return json.dumps(value).replace("\x7f", "\\u007f")


def _value(value: object) -> object:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, tuple | list):
        return [_value(item) for item in value]
    return None if isinstance(value, Unavailable) else value
