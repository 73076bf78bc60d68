"""Page frame numbers from pagemap."""

import struct

import pytest

from mmexplorer.parse.process.pagemap import parse_frames

PRESENT, SWAPPED, EXCLUSIVE = 1 << 63, 1 << 62, 1 << 56


@pytest.mark.parametrize(
    ("entries", "frames"),
    [
        ((PRESENT | EXCLUSIVE | 0x1234, PRESENT | 0x7F_FFFF_FFFF_FFFF), (0x1234, 0x7F_FFFF_FFFF_FFFF)),
        ((0, SWAPPED | 5), (0, 0)),
        ((), ()),
        ((PRESENT | EXCLUSIVE, PRESENT | 9), None),
    ],
    ids=["frames", "nothing is there", "no pages", "hidden"],
)
def test_frames(entries: tuple[int, ...], frames: tuple[int, ...] | None) -> None:
    assert parse_frames(struct.pack(f"={len(entries)}Q", *entries) + b"broken"[: len(entries)]) == frames
