from collections.abc import Iterable
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.query import Query, QueryError, Vocabulary, ordered, parse_query

FIELDS = Vocabulary(frozenset({"path"}), frozenset({"kind", "perm"}), frozenset({"size", "rss"}))


class Row(NamedTuple):
    """A row that may have one text and one number."""

    text: str | None
    amount: int | None

    def words(self) -> Iterable[str]:
        return () if self.text is None else (self.text,)

    def word(self, field: str) -> str | None:
        return self.text if field in FIELDS.contains | FIELDS.begins else None

    def number(self, field: str) -> float | None:
        return self.amount if field in FIELDS.numbers else None


rows = st.builds(Row, st.none() | st.text(max_size=8), st.none() | st.integers(0, 1 << 40))
pieces = st.sampled_from(
    [
        "size",
        "rss",
        "path",
        "perm",
        ":",
        ">",
        ">=",
        "<",
        "=",
        "!",
        '"',
        " ",
        "1",
        "4K",
        "1.5M",
        "0x",
        "rw",
        "?",
        "é",
        "\x1b",
    ]
)
texts = st.text(max_size=30) | st.lists(pieces, max_size=10).map("".join)


@given(texts, rows)
def test_any_text_is_a_query_or_an_error_with_a_place(text: str, row: Row) -> None:
    found = parse_query(text, FIELDS)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= len(text)
        assert found.sentence
    else:
        assert found.matches(row) in (True, False)


@given(st.integers(0, 1 << 41), st.sampled_from(["<", "<=", ">", ">=", "="]), rows)
def test_a_comparison_holds_or_its_negation_does_unless_the_value_is_unknown(bound: int, sign: str, row: Row) -> None:
    plain, negated = parse_query(f"size{sign}{bound}", FIELDS), parse_query(f"!size{sign}{bound}", FIELDS)
    assert isinstance(plain, Query)
    assert isinstance(negated, Query)
    if row.amount is None:
        assert not plain.matches(row)
        assert not negated.matches(row)
    else:
        assert plain.matches(row) is not negated.matches(row)


@given(st.text(st.characters(exclude_characters='"'), min_size=1, max_size=8), rows)
def test_a_quoted_text_is_looked_for_as_it_is(text: str, row: Row) -> None:
    found = parse_query(f'"{text}"', FIELDS)
    assert isinstance(found, Query)
    assert found.matches(row) is (row.text is not None and text.casefold() in row.text.casefold())


@given(st.lists(rows, max_size=20), st.booleans())
def test_sorting_loses_nothing_and_puts_the_unknown_last(unsorted: list[Row], descending: bool) -> None:  # noqa: FBT001 - drawn
    result = ordered(unsorted, lambda row: row.amount, descending=descending)
    assert sorted(result, key=repr) == sorted(unsorted, key=repr)
    counts = [row.amount for row in result if row.amount is not None]
    assert counts == sorted(counts, reverse=descending)
    assert all(row.amount is None for row in result[len(counts) :])
