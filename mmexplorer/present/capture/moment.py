"""A moment of a capture, as the user specifies it."""

import re
from datetime import datetime, timedelta

from mmexplorer.model.capture.moments import Moments
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.format import date_and_time

_INDEX = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_INTERVALS_AFTER_END = 3
"""By how many mean intervals a time may be later than the last moment."""
_TIME_OF_DAY = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2}.*)?(?:Z|[+-][0-9:]+)?)?", re.ASCII)
_DAY, _MINUTE, _SECOND = 86_400, 60, 1
"""Seconds."""


def moment_at(typed: str, moments: Moments, now: datetime) -> int | str:
    """Return the index of the moment meant by 22:31:07, 22:31, 2026-11-26T22:31Z, 12, or -1 (the last); else an error.

    A time means the moment shown then: the last one not later than it, or the first if the capture begins within the
    second, minute or day that is named. It must be within the capture. A time of day refers to the days of the capture;
    without an offset, a time is local: `now` supplies the time zone.
    """
    count = len(moments)
    if _INDEX.fullmatch(typed):
        index = int(typed) if int(typed) >= 0 else count + int(typed)
        return index if 0 <= index < count else f"there is no moment {typed}: they go from 0 to {count - 1}"
    times = [
        None if isinstance(each, Unavailable) else each.clocks.realtime for each in map(moments.moment, range(count))
    ]
    known = [at for at in times if at is not None]
    if not known:
        return "no moment of it can be read"
    named = _time(typed, known[0], now)
    if named is None:
        return f"{typed} is no moment: write 22:31:07, 2026-11-26T22:31:07, or 0 for the first"
    first, last = min(known), max(known)
    wanted, length = named
    tolerated = _INTERVALS_AFTER_END * (last - first) / max(1, len(known) - 1)
    if not first - length < wanted <= last + tolerated:
        return f"{typed} is outside it: it goes from {date_and_time(first)} to {date_and_time(last)}"
    by_then = [index for index, at in enumerate(times) if at is not None and at < wanted + _SECOND]
    return by_then[-1] if by_then else times.index(first)


def _length(typed: str) -> int:
    """Return the seconds that a date, or a date and time, lasts: a second unless only the minute or day is named."""
    found = _ISO.fullmatch(typed)
    if found is None or found[2]:
        return _SECOND
    return _MINUTE if found[1] else _DAY


def _time(typed: str, first: float, now: datetime) -> tuple[float, int] | None:
    """Return when it begins, and the seconds it lasts."""
    day = datetime.fromtimestamp(first, now.tzinfo)
    found = _TIME_OF_DAY.fullmatch(typed)
    try:
        if found is None:
            at = datetime.fromisoformat(typed)
            return (at if at.tzinfo else at.replace(tzinfo=now.tzinfo)).timestamp(), _length(typed)
        at = day.replace(hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0), microsecond=0)
    except ValueError:
        return None
    length = _SECOND if found[3] else _MINUTE
    if at.timestamp() + length <= first:
        at += timedelta(days=1)
    return at.timestamp(), length
