"""Finding rows again by their keys."""

import pytest

from mmexplorer.ui.widgets.table.rows import Rows


def rows(text: str) -> Rows[str]:
    return Rows(text, key=str)


@pytest.mark.parametrize(
    ("before", "index", "after", "now"),
    [
        ("abcde", 2, "abcde", 2),
        ("abcde", 2, "edcba", 2),
        ("abcde", 1, "edcba", 3),
        ("abcde", 2, "abde", 2),
        ("abcde", 2, "abe", 1),
        ("abcde", 4, "abcd", 3),
        ("abcde", 0, "bcde", 0),
        ("abcde", 2, "xaye", 3),
        ("abcde", 4, "xy", 1),
        ("abcde", 1, "uvwxyz", 1),
        ("a", 0, "b", 0),
    ],
)
def test_a_row_is_followed_or_its_nearest_neighbour(before: str, index: int, after: str, now: int) -> None:
    assert rows(after).follow(rows(before), index) == now


def test_a_right_hint_asks_for_one_key() -> None:
    asked: list[int] = []

    def key(row: int) -> int:
        asked.append(row)
        return row

    found = Rows(range(65_000), key).find(64_000, hint=64_000)
    assert (found, asked) == (64_000, [64_000])


def test_a_key_that_is_not_there() -> None:
    assert rows("abc").find("x") is None
    assert rows("").find("x") is None
