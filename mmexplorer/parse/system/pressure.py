"""/proc/pressure/memory: Documentation/accounting/psi.rst."""

import re

from mmexplorer.model.system.pressure import Pressure, Stall
from mmexplorer.parse.error import ParseError

_PERCENT = rb"([0-9]{1,9}\.[0-9]{1,9})"
_LINE = re.compile(
    rb"^(some|full) avg10=" + _PERCENT + rb" avg60=" + _PERCENT + rb" avg300=" + _PERCENT + rb" total=([0-9]{1,20})$",
    re.MULTILINE,
)


def parse_pressure(data: bytes) -> Pressure | ParseError:
    """Return both lines; the line `some` is required."""
    lines = {
        name: Stall(float(avg10), float(avg60), float(avg300), int(total))
        for name, avg10, avg60, avg300, total in _LINE.findall(data)
    }
    some = lines.get(b"some")
    return Pressure(some, lines.get(b"full")) if some else ParseError(data[:200], "no line `some avg10=...`")
