"""Wrapping lines at words, with their tones."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.present.text.line import Tone, line, plain, span
from mmexplorer.present.text.wrap import flowed, folded, indented, wrapped


def test_words_keep_their_tones_and_stay_whole_over_spans() -> None:
    text = line("a ", span("page fault", Tone.ACCENT), ", and more")
    rows = list(wrapped(text, 8))
    assert [plain(row) for row in rows] == ["a page", "fault,", "and more"]
    assert rows[1] == (span("fault", Tone.ACCENT), span(","))


def test_what_stands_first_indents_the_rest() -> None:
    rows = wrapped(line("one two three"), 9, line("a) "))
    assert [plain(row) for row in rows] == ["a) one", "   two", "   three"]


def test_a_line_that_fits_is_left_as_it_is() -> None:
    text = line(" best |AA..CC|  ")
    assert list(wrapped(text, 40)) == [text]


def test_a_row_that_is_too_long_goes_on_below_its_own_text() -> None:
    code = line(span("▸ ", Tone.ACCENT), span("7  "), span("    memory = mmap(NULL, SIZE);"))
    rows = [line("short  as  it is"), code]
    assert [plain(row) for row in folded(rows, 27)] == [
        "short  as  it is",
        "▸ 7      memory =",
        "         mmap(NULL, SIZE);",
    ]


def test_a_number_stays_with_its_per_cent() -> None:
    split = line("in memory: ", span("99", Tone.ACCENT), " %, or 7 %")
    assert [plain(row) for row in wrapped(split, 14)] == ["in memory:", "99 %, or 7 %"]
    assert [plain(row) for row in wrapped(line("sort by %CPU"), 9)] == ["sort by", "%CPU"]


@pytest.mark.parametrize("unit", ["%", "kB", "KiB", "MiB", "GB", "s", "ms", "µs", "min", "h", "B"])
def test_a_number_stays_with_its_unit(unit: str) -> None:
    text = line("it is ", span("10"), span(f" {unit}"))
    assert [plain(row) for row in wrapped(text, len("it is 10"))] == ["it is", f"10 {unit}"]


@pytest.mark.parametrize("word", ["more", "hours", "small", "Bytes", "M"])
def test_a_number_does_not_stay_with_a_word(word: str) -> None:
    assert [plain(row) for row in wrapped(line(f"it is 10 {word}"), len("it is 10"))] == ["it is 10", word]


def test_no_text_is_one_empty_line() -> None:
    assert list(wrapped((), 10)) == [()]


@given(st.lists(st.text("abc", min_size=1, max_size=12), max_size=20), st.integers(1, 30))
def test_it_breaks_as_textwrap_does(words: list[str], width: int) -> None:
    text = " ".join(words)
    expected = textwrap.wrap(text, width, break_long_words=False) or [""]
    assert [plain(row) for row in wrapped(line(span(text)), width)] == expected


def test_items_are_set_whole_in_as_few_lines_as_it_takes() -> None:
    items = [line("one"), line("two"), line("three")]
    assert [plain(row) for row in flowed(items, 9)] == ["one · two", "three"]
    assert [plain(row) for row in flowed(items, 40, "  ")] == ["one  two  three"]
    assert list(flowed([], 9)) == []


def test_rows_that_are_broken_keep_their_indentation() -> None:
    rows = (line("since 09:00: SIZE +0"), line("  anon: 12 came +48M, ", span("9 went -36M", Tone.DIM)))
    assert [plain(row) for row in indented(rows, 24)] == [
        "since 09:00: SIZE +0",
        "  anon: 12 came +48M, 9",
        "  went -36M",
    ]
