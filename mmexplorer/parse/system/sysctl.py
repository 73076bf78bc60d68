"""Files that hold one number: `sys/vm/swappiness`, `oom_score_adj`."""

import re

from mmexplorer.parse.error import ParseError

_INTEGER = re.compile(rb"-?[0-9]{1,20}")


def parse_integer(data: bytes) -> int | ParseError:
    """Read a decimal number of up to 20 digits (64 bits), optionally with a minus sign and surrounding blanks."""
    text = data.strip()
    return int(text) if _INTEGER.fullmatch(text) else ParseError(data[:80], "not a number")
