"""/proc/swaps: `proc_swaps(5)`."""

import re

from mmexplorer.model.system.swap import SwapArea
from mmexplorer.parse.error import ParseError

_ROW = re.compile(rb"(\S+)[ \t]+(\S+)[ \t]+([0-9]{1,20})[ \t]+([0-9]{1,20})[ \t]+(-?[0-9]{1,9})")
_KILOBYTE = 1024


def parse_swaps(data: bytes) -> tuple[SwapArea, ...] | ParseError:
    """Return the areas in the kernel's order; () if there are none."""
    header, _, body = data.partition(b"\n")
    if not header.startswith(b"Filename"):
        return ParseError(header, "swaps does not start with `Filename`")
    areas = []
    for text in body.split(b"\n"):
        found = _ROW.fullmatch(text)
        if found:
            name, kind, size, used, priority = found.groups()
            areas.append(
                SwapArea(_text(name), _text(kind), int(size) * _KILOBYTE, int(used) * _KILOBYTE, int(priority))
            )
        elif text:
            return ParseError(text, "not a swap area")
    return tuple(areas)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
