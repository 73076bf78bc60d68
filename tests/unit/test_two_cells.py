"""A lab in the chapter's own language, whose characters take two cells: every row fits, and nothing is lost."""

import unicodedata
from collections.abc import Iterator

import pytest

from mmexplorer.labs.file.build import lab_from
from mmexplorer.labs.glossary import terms_on_screen
from mmexplorer.labs.registry import find_lesson
from mmexplorer.labs.text import without_marks
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.labs.lesson import notes_lines
from mmexplorer.present.labs.list import LISTING_COLUMNS, LabRow
from mmexplorer.present.labs.page import glossary_lines, intro_lines, outcome_lines, score_lines, step_lines
from mmexplorer.present.labs.plain import heading
from mmexplorer.present.labs.plain import outcome_lines as plain_outcome
from mmexplorer.present.text.column import plain_table
from mmexplorer.present.text.line import Line, line, plain
from mmexplorer.present.text.width import cell_width
from mmexplorer.present.text.wrap import flowed, wrapped
from tests.support.fakes.stage import as_it_should
from tests.support.specimens.korean_lab import KOREAN

LAB = lab_from(KOREAN)
NOT_HERE = Unavailable(Cause.UNSUPPORTED, "이 기계에서는 실행할 수 없습니다", "다른 실험을 보십시오")


def everything(width: int) -> Iterator[Line]:
    """Yield everything that a screen shows of the lab."""
    outcomes = [as_it_should(step, 1) for step in LAB.steps]
    yield from intro_lines(LAB, NOT_HERE, width)
    for step, outcome in zip(LAB.steps, outcomes, strict=True):
        yield from step_lines(step, 1, outcome, width)
        yield from outcome_lines(outcome, width)
        yield from glossary_lines(terms_on_screen(LAB, step, outcome), width)
    yield from score_lines(LAB, outcomes, width)
    yield from notes_lines(LAB, LAB.steps[0].title, 3, width)


@pytest.mark.parametrize("width", [40, 52, 76])
def test_no_row_is_wider_than_its_place(width: int) -> None:
    rows = [plain(row) for row in everything(width)]
    assert any(unicodedata.east_asian_width(char) == "W" for row in rows for char in row)
    assert [row for row in rows if cell_width(row) > width] == []


@pytest.mark.parametrize("width", [40, 52, 76])
def test_every_word_of_a_text_is_there(width: int) -> None:
    told = "".join("".join(plain(row).split()) for row in everything(width))
    for text in (LAB.title, LAB.learn, *(step.text for step in LAB.steps)):
        assert "".join(without_marks(text).split()) in told


def test_the_same_in_plain_text() -> None:
    rows = [*heading(LAB), *(row for step in LAB.steps for row in plain_outcome(as_it_should(step, 0)))]
    assert [row for row in rows if cell_width(row) > 100 and row.count(" ") > 12 and not row.startswith("  ")] == []


def test_a_table_stays_in_line() -> None:
    other = find_lesson("20")
    assert other is not None
    rows = list(plain_table(LISTING_COLUMNS, [LabRow(1, LAB), LabRow(2, LAB, NOT_HERE)]))
    [at] = {cell_width(row[: row.index(word)]) for row, word in zip(rows[1:], ("yes", "no:"), strict=True)}
    assert at == rows[0].index("RUNS HERE")


def test_items_flow_by_cells() -> None:
    items = [line("가상 주소"), line("물리 메모리"), line("페이지")]
    assert [plain(row) for row in flowed(items, 24)] == ["가상 주소 · 물리 메모리", "페이지"]
    assert [plain(row) for row in wrapped(line("가상 주소 공간은 크다"), 10)] == ["가상 주소", "공간은", "크다"]


def test_letters_written_in_parts_are_composed() -> None:
    apart = lab_from(unicodedata.normalize("NFD", KOREAN))
    assert (apart.title, apart.terms, apart.steps[0].text) == (LAB.title, LAB.terms, LAB.steps[0].text)
