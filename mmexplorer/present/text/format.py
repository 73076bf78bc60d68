"""Numbers as a person reads them. Every function is total over the integers it may meet."""

from datetime import datetime

from mmexplorer.model.amount import parse_amount
from mmexplorer.present.text.line import Line, Tone, span

_UNITS = ("", "K", "M", "G", "T", "P", "E")
_STEP = 1024
_THREE_DIGITS = 999.5
_ONE_DECIMAL = 9.95


def size(count: int) -> str:
    """Write bytes in at most four characters, as `free -h` and htop do: 0, 152K, 1.3M, 113M."""
    number, unit = _scaled(count)
    return f"{number}{unit}"


def size_line(count: int, tone: Tone = Tone.NORMAL) -> Line:
    """Give the same with the unit dimmed, so that the number stands out."""
    number, unit = _scaled(count)
    return (span(number, tone), span(unit, Tone.DIM)) if unit else (span(number, Tone.DIM if count == 0 else tone),)


def _scaled(count: int) -> tuple[str, str]:
    value = float(abs(count))
    index = 0
    while value >= _THREE_DIGITS and index < len(_UNITS) - 1:
        value /= _STEP
        index += 1
    sign = "-" if count < 0 else ""
    if index and value < _ONE_DECIMAL and round(value, 1) != int(value):
        return f"{sign}{value:.1f}", _UNITS[index]
    return f"{sign}{value:.0f}", _UNITS[index]


def change(count: int) -> str:
    """Write a difference in bytes with its sign: +100M, -4K, +0."""
    return f"+{size(count)}" if count >= 0 else size(count)


def parse_size(text: str) -> int | None:
    """Read a number of bytes as a person types it: 4096, 0x1000, 64K, 1.5G, 2GiB; None for what isn't one."""
    amount = parse_amount(text.strip())
    return None if amount is None else int(amount)


def kilobytes(count: int) -> str:
    """Write bytes as the kernel's kB with separators: 102,400 kB."""
    return f"{count // _STEP:,} kB"


def address(value: int) -> str:
    """Write an address as /proc/PID/maps does, at least 8 hexadecimal digits and no 0x."""
    return f"{value:08x}"


def address_range(start: int, end: int) -> str:
    """Write the addresses of a region as /proc/PID/maps does: the first, and the first after it."""
    return f"{address(start)}-{address(end)}"


def hexadecimal(value: int) -> str:
    """Write a file offset or a number of a header: 0x1c0000."""
    return f"{value:#x}"


def time_of_day(at: float) -> str:
    """Write a time, in seconds since the epoch, by the clock on the wall: 13:29:20."""
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S")
