"""Numbers of bytes, or of anything, as people type and read them: 4096, 0x1000, 64K, 1.5M, 2GiB."""

import re

_AMOUNT = r"(?a)(?P<hex>0x[0-9a-f]{1,32})|(?P<digits>\d{1,32}(?:\.\d{1,32})?)(?P<unit>[kmgtpe]?)(?:i?b)?"
_UNITS = ("", "K", "M", "G", "T", "P", "E")
"""Powers of 1024."""
_STEP = 1024
_THREE_DIGITS = 999.5
_ONE_DECIMAL = 9.95


def parse_amount(text: str) -> float | None:
    """Parse a number with an optional suffix K to E (powers of 1024, either case); None if it isn't a number."""
    found = re.fullmatch(_AMOUNT, text.casefold())
    if found is None:
        return None
    if found["hex"]:
        return int(found["hex"], 16)
    number = float(found["digits"]) if "." in found["digits"] else int(found["digits"])
    return number * (1 << 10 * _UNITS.index(found["unit"].upper()))


def parse_size(text: str) -> int | None:
    """Parse a number of bytes: 4096, 0x1000, 64K, 1.5G, 2GiB; None if it isn't one."""
    amount = parse_amount(text.strip())
    return None if amount is None else int(amount)


def format_size(count: int) -> str:
    """Format bytes in at most four characters, as `free -h` and htop do: 0, 152K, 1.3M, 113M."""
    number, unit = scaled(count)
    return f"{number}{unit}"


def scaled(count: int) -> tuple[str, str]:
    """Return the two parts of that: a number of at most three digits, and the unit ("" for bytes)."""
    value = float(abs(count))
    index = 0
    while value >= _THREE_DIGITS and index < len(_UNITS) - 1:
        value /= _STEP
        index += 1
    sign = "-" if count < 0 else ""
    if index and value < _ONE_DECIMAL and round(value, 1) != int(value):
        return f"{sign}{value:.1f}", _UNITS[index]
    return f"{sign}{value:.0f}", _UNITS[index]
