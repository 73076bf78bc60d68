"""Finding rows again by their keys."""

from collections.abc import Hashable

import pytest

from mmexplorer.present.text.keyed_rows import KeyedRows
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


class _Numbers(KeyedRows[int]):
    """Makes each row when it is asked for, and counts them."""

    def __init__(self, numbers: range) -> None:
        self._numbers = numbers
        self.made = self.asked = 0

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> int:  # type: ignore[override] # nobody takes a slice
        self.made += 1
        return self._numbers[index]

    def key_at(self, index: int) -> int:
        self.asked += 1
        return self._numbers[index]

    def index_of(self, key: Hashable) -> int | None:
        self.asked += 1
        return self._numbers.index(key) if isinstance(key, int) and key in self._numbers else None


def test_a_row_is_followed_without_making_any() -> None:
    before, after = _Numbers(range(65_000)), _Numbers(range(20, 65_000))
    assert Rows(after, key=str).follow(Rows(before, key=str), 64_000) == 63_980
    assert Rows(after, key=str).follow(Rows(before, key=str), 3) == 0
    assert Rows(after, key=str).are(after)
    assert (before.made, after.made) == (0, 0)


@pytest.mark.parametrize(
    ("after", "index", "now"),
    [
        (range(100_000, 100_010), 9, 9),
        (range(60_000, 130_000), 5, 5),
        (range(500, 130_000), 5, 0),
        (range(64_000, 64_900), 7, 0),
        (range(10, 900), 64_000, 889),
    ],
)
def test_of_long_lists_few_rows_are_asked_for(after: range, index: int, now: int) -> None:
    before, later = _Numbers(range(65_000)), _Numbers(after)
    assert Rows(later, key=str).follow(Rows(before, key=str), index) == now
    assert before.asked + later.asked < 2_100
