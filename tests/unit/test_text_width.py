"""How many cells text takes, and what is written if an encoding lacks a character."""

import pytest
from rich.cells import cell_len

from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.column import Column, plain_table
from mmexplorer.present.text.line import line
from mmexplorer.present.text.width import cell_width, writable


@pytest.mark.parametrize("text", ["lib.so", "名前", "é", "e\u0301x", "—…▸", "ｶﾅ", "한글", "⏳", "\ufffd"])
def test_cells_are_those_of_the_screen(text: str) -> None:
    assert cell_width(text) == cell_len(text)


@pytest.mark.parametrize(
    "text", ["❤\ufe0f", "👍\U0001f3fd", "🇩🇪", "\u1112\u1161\u11ab", "1\ufe0f\u20e3", "कि", "👩\u200d🚀", "\U000e0101"]
)
def test_what_terminals_disagree_on_is_replaced_character_by_character(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert "\ufffd" in cleaned
    assert cell_width(cleaned) == sum(map(cell_width, cleaned)) == sum(map(cell_len, cleaned))


def test_a_table_stands_straight_beside_wide_names() -> None:
    name: Column[str] = Column("name", "NAME", 4, line)
    end: Column[str] = Column("end", "END", 3, lambda _row: line("|"), align="right")
    columns = [name, end]
    rows = list(plain_table(columns, ["名前", "e\u0301e\u0301", "ascii"]))
    assert [cell_width(row) for row in rows] == [9] * 4


def test_what_an_encoding_lacks_looks_alike_and_takes_as_many_cells() -> None:
    assert writable("a — b … é 名", "ascii") == "a - b . ? ??"
    assert writable("a — é", "latin-1") == "a - é"
    assert writable("│█░", "ascii") == "|#."
