"""Writes and reads the two JSON documents in a capture: `manifest.json`, and `moment.json`, which ends each moment."""

import json
import math
from collections.abc import Mapping

from mmexplorer.model.capture.moments import Answer, Clocks, Manifest, Moment, Place
from mmexplorer.model.typed import Any
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.error import ParseError

_SCHEMA = "mmexplorer/capture/"
_VERSION = 1
_PAGE_SIZES = frozenset(1 << bits for bits in range(12, 17))
_LATEST = 1e11
"""Seconds since the epoch, in the year 5138: later than any clock, but still a valid date."""


def manifest_json(manifest: Manifest) -> bytes:
    """Write the manifest in a form people can read."""
    fields = {
        "schema": f"{_SCHEMA}{_VERSION}",
        "host": manifest.host,
        "kernel": manifest.kernel,
        "boot_id": manifest.boot_id,
        "page_size": manifest.page_size,
        "clock_ticks": manifest.clock_ticks,
        "byte_order": manifest.byte_order,
        "machine": manifest.machine,
        "uid": manifest.uid,
        "started": manifest.started._asdict(),
        "options": dict(manifest.options),
    }
    return json.dumps(fields, indent=1).encode() + b"\n"


def moment_json(moment: Moment) -> bytes:
    """Write what was read at a moment."""
    refused = {
        name: [answer.cause.value, answer.reason, answer.remedy]
        for name, answer in moment.answers.items()
        if isinstance(answer, Unavailable)
    }
    given = {name: answer for name, answer in moment.answers.items() if not isinstance(answer, Unavailable)}
    fields = {
        **moment.clocks._asdict(),
        "seconds": round(moment.seconds, 6),
        "where": None if moment.where is None else {name: list(place) for name, place in moment.where.items()},
        "same": sorted(moment.same),
        "answers": given,
        "unavailable": refused,
    }
    return json.dumps(fields).encode() + b"\n"


def parse_manifest(data: bytes) -> Manifest | ParseError:
    """Read the manifest; reject newer formats by their number."""
    fields = _object(data)
    if fields is None:
        return ParseError(b"", "the manifest is no JSON object")
    schema = fields.get("schema")
    if not (isinstance(schema, str) and schema.startswith(_SCHEMA)):
        return ParseError(b"", "the manifest does not say that this is a capture")
    version = schema.removeprefix(_SCHEMA)
    if version != str(_VERSION):
        return ParseError(
            b"", f"a capture in format {version[:20]}, which is not the {_VERSION} that this version reads"
        )
    try:
        return _manifest(fields)
    except (KeyError, TypeError, ValueError) as error:
        return ParseError(b"", f"the manifest is wrong or incomplete: {str(error)[:80]}")


def _manifest(fields: Mapping[str, Any]) -> Manifest:
    page_size = fields["page_size"]
    if page_size not in _PAGE_SIZES:
        raise ValueError(f"a page of {str(page_size)[:20]} bytes")
    return Manifest(
        host=_text(fields["host"]),
        kernel=_text(fields["kernel"]),
        boot_id=_text(fields["boot_id"]),
        page_size=page_size,
        clock_ticks=_whole(fields["clock_ticks"]),
        byte_order=_text(fields["byte_order"]),
        machine=_text(fields["machine"]),
        uid=_whole(fields["uid"]),
        started=_clocks(fields["started"]),
        options={name: _text(value) for name, value in _mapping(fields["options"]).items()},
    )


def parse_moment(data: bytes) -> Moment | ParseError:
    """Read what was read at a moment."""
    fields = _object(data)
    if fields is None:
        return ParseError(b"", "not a JSON object")
    try:
        return Moment(
            clocks=_clocks(fields),
            seconds=_seconds(fields.get("seconds", 0)),
            where=_where(fields.get("where")),
            same=frozenset(_text(name) for name in fields.get("same", [])),
            answers=dict(_answers(fields)),
        )
    except (KeyError, TypeError, ValueError) as error:
        return ParseError(b"", f"wrong or incomplete: {str(error)[:80]}")


def _answers(fields: Mapping[str, Any]) -> dict[str, Answer]:
    given = _mapping(fields.get("answers", {}))
    answers = {name: _answer(name.partition("/")[0], value) for name, value in given.items()}
    refusals = _mapping(fields.get("unavailable", {}))
    return answers | {name: _refusal(*refusal) for name, refusal in refusals.items()}


def _answer(kind: str, value: Any) -> Answer:
    if kind == "list":
        return tuple(_whole(number) for number in value)
    if kind == "there":
        return value is True
    return _text(value)


def _refusal(cause: str, reason: Any, remedy: Any) -> Unavailable:
    return Unavailable(Cause(cause), _text(reason), _text(remedy))


def _where(value: Any) -> Mapping[str, Place] | None:
    if value is None:
        return None
    return {name: Place(_whole(changed), _whole(read)) for name, (changed, read) in _mapping(value).items()}


def _object(data: bytes) -> Mapping[str, Any] | None:
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object is missing")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 64:
        raise TypeError("a whole number is missing")
    return value


def _seconds(value: Any) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or abs(value) > _LATEST
    ):
        raise TypeError("a number of seconds is missing")
    return float(value)


def _clocks(fields: Any) -> Clocks:
    return Clocks(*(_seconds(_mapping(fields)[name]) for name in Clocks._fields))
