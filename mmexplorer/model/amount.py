"""Numbers of bytes, or of anything, as a person types them: 4096, 0x1000, 64K, 1.5M, 2GiB."""

import re

_AMOUNT = re.compile(
    r"(?P<hex>0x[0-9a-f]{1,32})|(?P<digits>\d{1,32}(?:\.\d{1,32})?)(?P<unit>[kmgtpe]?)(?:i?b)?", re.ASCII
)
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50, "e": 60}
"""Powers of two."""


def parse_amount(text: str) -> float | None:
    """Read a number, K to E for powers of 1024, in large or small letters; None for what isn't one."""
    found = _AMOUNT.fullmatch(text.casefold())
    if found is None:
        return None
    if found["hex"]:
        return int(found["hex"], 16)
    number = float(found["digits"]) if "." in found["digits"] else int(found["digits"])
    return number * (1 << _UNITS[found["unit"]])
