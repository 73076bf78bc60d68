"""Compresses the texts of a moment, of which most are short."""

import zlib

_SHORT_WBITS, _SHORT_MEMORY = 13, 5
"""zlib's window of 8 KiB, and memory to match: a text that fits becomes as small as with the usual 32 KiB.

Preparing those, for each text, takes ten times as long as compressing the stat of a process.
"""


def deflated(content: bytes, level: int, *, raw: bool = False) -> bytes:
    """Compress a text; `raw` leaves out zlib's header and checksum (RFC 1951 rather than 1950)."""
    short = len(content) <= 1 << _SHORT_WBITS
    wbits, memory = (_SHORT_WBITS, _SHORT_MEMORY) if short else (zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL)
    deflate = zlib.compressobj(level, zlib.DEFLATED, -wbits if raw else wbits, memory)
    return deflate.compress(content) + deflate.flush()
