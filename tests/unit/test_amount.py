"""Numbers as typed into the filter and for the size that the lab process maps."""

import pytest

from mmexplorer.model.amount import parse_amount, parse_size


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("4096", 4096),
        ("0x1000", 4096),
        ("64K", 64 << 10),
        ("64kb", 64 << 10),
        ("1.5G", 3 << 29),
        ("2GiB", 2 << 30),
        ("1e", 1 << 60),
        ("9007199254740993", 9007199254740993),
    ],
)
def test_an_amount_is_read_in_every_notation(text: str, count: int) -> None:
    assert parse_amount(text) == count
    assert parse_size(f" {text} ") == count


@pytest.mark.parametrize("text", ["", "K", "-1", "1.", ".5", "1X", "0x", "0x10K", "1 K", "٤"])
def test_what_is_no_amount(text: str) -> None:
    assert parse_amount(text) is None
    assert parse_size(text) is None


def test_bytes_are_whole() -> None:
    assert parse_amount("0.5") == 0.5
    assert parse_size("0.5") == 0
    assert isinstance(parse_size("1.5G"), int)
