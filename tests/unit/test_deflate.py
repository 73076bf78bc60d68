"""Compressing the texts of a moment."""

import zlib

import pytest

from mmexplorer.kernel.capture.deflate import deflated

_LINE = b"7f5a1c000000-7f5a1c021000 rw-p 00000000 00:00 0\n"
_STAT = (
    b"8402 (python3) S 1 8402 8402 34816 8402 4194304 1200 0 0 0 10 5 0 0 20 0 1 0 1234567 12345344 2100 0 0 0 0 0\n"
)
_LARGEST_SHORT = 1 << 13


@pytest.mark.parametrize("size", [0, 1, 200, _LARGEST_SHORT - 1, _LARGEST_SHORT, _LARGEST_SHORT + 1, 100_000])
@pytest.mark.parametrize("level", [3, 6])
def test_zlib_gives_back_what_was_compressed(size: int, level: int) -> None:
    text = b"".join(b"%x-%x\n" % (each, each + 7) for each in range(size))[:size]
    assert zlib.decompress(deflated(text, level)) == text
    assert zlib.decompress(deflated(text, level, raw=True), -zlib.MAX_WBITS) == text


@pytest.mark.parametrize("text", [_STAT, _LINE * 20, _LINE * 160, _LINE * 5000])
def test_a_small_window_makes_a_text_hardly_larger(text: bytes) -> None:
    assert len(deflated(text, 3)) <= 1.05 * len(zlib.compress(text, 3))


def test_a_short_text_gets_a_small_window() -> None:
    window = [deflated(text, 3)[0] >> 4 for text in (_STAT, _LINE * 5000)]
    assert window == [13 - 8, 15 - 8], "CINFO is the base-2 logarithm of the window, less eight (RFC 1950)"
