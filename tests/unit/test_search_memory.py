"""A search of memory in chunks finds the same as a search of all of it at once."""

import hashlib
import re

import pytest

from mmexplorer.kernel.process.search import search_dump
from mmexplorer.model.memory.bytes import ByteSearch
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from tests.support.fakes.spaces import anonymous

START, CHUNK = 0x7F3A_4580_0000, 1 << 20


class Dump:
    """A fake `MemoryBytes`."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, _pid: int, wanted: Range) -> bytes | Unavailable:
        return self._content[wanted.start - START : wanted.end - START]


def planted(needle: bytes) -> bytes:
    """Return a little over two chunks, with needles across every boundary: of chunks, their halves, and the whole."""
    content = bytearray(hashlib.shake_128(b"memory").digest(2 * CHUNK + 4096))
    for border in (CHUNK // 2, CHUNK, 3 * CHUNK // 2, 2 * CHUNK, 2 * CHUNK + 2048):
        content[border - 4 * len(needle) : border + 4 * len(needle)] = 8 * needle
    content[: len(needle)] = content[-len(needle) :] = needle
    return bytes(content)


@pytest.mark.parametrize("needle", [b"a", b"aa", b"ab", b"aab", b"abab", b"abcabcabc"])
def test_nothing_is_missed_or_found_twice_at_the_borders(needle: bytes) -> None:
    content = planted(needle)
    region = anonymous(START, START + len(content))
    found = [match.address - START for match in search_dump(Dump(content), 1, (region,), ByteSearch(needle))]
    assert found == [match.start() for match in re.finditer(b"(?=" + needle + b")", content)]
