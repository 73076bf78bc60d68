"""Numbers for human readers. Every function accepts any integer it may get."""

import time

from mmexplorer.model.amount import format_size

size = format_size
"""Bytes in at most four characters: 0, 152K, 1.3M, 113M."""

_KIB = 1024
_TWO_MINUTES, _TWO_HOURS = 120, 7200
"""Seconds."""


def signed_size(count: int) -> str:
    """Return a signed difference in bytes: +100M, -4K, +0."""
    return f"+{size(count)}" if count >= 0 else size(count)


def size_range(low: int, high: int) -> str:
    """Return a range of sizes: 38M…41M, or just one if both look the same."""
    return size(high) if size(low) == size(high) else f"{size(low)}…{size(high)}"


def kilobytes(count: int) -> str:
    """Return bytes as the kernel's kB with separators: 102,400 kB."""
    return f"{count // _KIB:,} kB"


def number_of(count: int, what: str, plural: str = "") -> str:
    """Return `1 thread`, `2,048 threads`; `plural` where an s is not enough."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {plural or f'{what}s'}"


def address(value: int) -> str:
    """Return an address as in /proc/PID/maps: at least 8 hexadecimal digits without 0x."""
    return f"{value:08x}"


def address_range(start: int, end: int) -> str:
    """Return the addresses of a region as in /proc/PID/maps: the first, and the first after it."""
    return f"{address(start)}-{address(end)}"


def hexadecimal(value: int) -> str:
    """Return a file offset or a header field: 0x1c0000."""
    return f"{value:#x}"


def duration(seconds: float) -> str:
    """Return a duration in its largest unit: 45 s, 3 min, 2.5 h."""
    if seconds < _TWO_MINUTES:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < _TWO_HOURS else f"{seconds / 3600:.1f} h"


def time_of_day(at: float) -> str:
    """Return a time, in seconds since the epoch, as local time: 13:29:20."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def date_and_time(at: float) -> str:
    """Return the same with the date: 2026-11-26 13:29:20."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
