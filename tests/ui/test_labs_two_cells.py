"""A lab in wide characters: the borders of the panes are where they belong."""

import pytest

from mmexplorer.labs.file.build import lab_from
from mmexplorer.present.text.width import cell_width
from mmexplorer.ui.modes import LabsStart
from mmexplorer.ui.widgets.pane import Pane
from tests.support.fakes.stage import FakeStage
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.labs import Learner, labs
from tests.support.specimens.korean_lab import KOREAN

LAB = lab_from(KOREAN)
_LEFT, _RIGHT = set("│╭╰"), set("│╮╯")


def cells(row: str, width: int) -> list[str]:
    """Return the contents of each cell in a row; "" in the second one of a wide character."""
    found = [cell for char in row for cell in (char, *("",) * (cell_width(char) - 1))]
    return [*found, *" " * (width - len(found))]


def crooked(learner: Learner) -> list[str]:
    """Return the rows in which a border is misplaced."""
    width = learner.screen.size.width
    rows = [cells(row, width) for row in learner.lines]
    wrong = [learner.lines[y] for y, row in enumerate(rows) if len(row) != width]
    for pane in learner.screen.query(Pane):
        edges = pane.region
        if edges.area:
            lines = range(edges.y, edges.bottom)
            left = [y for y in lines if rows[y][edges.x] not in _LEFT]
            right = [y for y in lines if rows[y][edges.right - 1] not in _RIGHT]
            wrong += [learner.lines[y] for y in (*left, *right)]
    return wrong


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_every_row_is_in_line(size: tuple[int, int]) -> None:
    async with labs(FakeStage(), size, LabsStart(LAB.name, own=LAB)) as learner:
        assert crooked(learner) == []
        await learner.press("enter")
        assert "가상 주소" in learner.step
        assert crooked(learner) == []
        await learner.press("b", "enter")
        assert "what happened" in learner.step
        assert crooked(learner) == []
        await learner.press("t")
        assert "프로세스가 사용하는 주소입니다." in learner.text
        await learner.press("t")
        learner.screen._focus_pane("labs")
        await learner.press("z")
        assert crooked(learner) == []
