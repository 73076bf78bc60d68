"""Where a document comes from, and which fields such a source lacks."""

from collections.abc import Mapping, Sequence

from mmexplorer.model.unavailable import Cause, Unavailable

_NOT_TOLD = {
    "core": Unavailable(Cause.UNSUPPORTED, "not in a core file"),
    "text": Unavailable(Cause.UNSUPPORTED, "not in the text"),
}
_LACKING = {
    "core": ("start_time", "state", "min_flt", "maj_flt"),
    "text": ("start_time", "ppid", "state", "threads", "min_flt", "maj_flt"),
}
_LACKING_REGION: Mapping[str, Sequence[str]] = {"core": ("dev", "inode"), "text": ()}


def source_fields(kind: str, taken_at: float | Unavailable) -> dict[str, object]:
    """Return the kind of source, and when it was read, in seconds since the epoch."""
    return {"source": kind, "taken_at": taken_at if isinstance(taken_at, Unavailable) else round(taken_at, 3)}


def no_start_time(kind: str) -> Mapping[str, Unavailable]:
    """Return the reason for a null `start_time`, if such a source doesn't have it."""
    return {name: reason for name, reason in lacking(kind).items() if name == "start_time"}


def lacking(kind: str) -> Mapping[str, Unavailable]:
    """Return the fields of a process that such a source lacks, with the reason."""
    return _not_told(kind, _LACKING)


def lacking_of_region(kind: str) -> Mapping[str, Unavailable]:
    """Return the fields of a region that such a source lacks, with the reason."""
    return _not_told(kind, _LACKING_REGION)


def _not_told(kind: str, fields: Mapping[str, Sequence[str]]) -> Mapping[str, Unavailable]:
    return dict.fromkeys(fields[kind], _NOT_TOLD[kind]) if kind in _NOT_TOLD else {}
