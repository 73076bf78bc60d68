"""The auxiliary vector of a process: `proc_pid_auxv(5)`, pairs of words in the process's own word size."""

import struct

from mmexplorer.model.process.auxv import Auxv
from mmexplorer.parse.error import ParseError

_LARGEST_KEY = 0xFFFF
"""Far above any AT_ key, far below what two 32-bit words give when read as one 64-bit word."""


def parse_auxv(data: bytes) -> Auxv | ParseError:
    """Read the pairs up to AT_NULL, as 64-bit words or, if that makes no sense, as those of a 32-bit process.

    A process without an address space (kernel thread, zombie) has an empty vector, which is an error here.
    """
    for word_size, pair in ((8, "=QQ"), (4, "=II")):
        entries = _entries(data, pair)
        if entries is not None:
            return Auxv(entries, word_size)
    return ParseError(data, "not an auxiliary vector: it doesn't end in AT_NULL")


def _entries(data: bytes, pair: str) -> dict[int, int] | None:
    entries: dict[int, int] = {}
    whole = len(data) - len(data) % struct.calcsize(pair)
    for key, value in struct.iter_unpack(pair, data[:whole]):
        if key == 0:
            return entries or None
        if key > _LARGEST_KEY:
            return None
        entries[key] = value
    return None
