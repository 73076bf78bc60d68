"""Work before the first frame is done only once."""

from collections.abc import Iterable
from typing import Any

import pytest
from textual._context import active_app
from textual.css.parse import parse
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

from mmexplorer.ui.terminal.compositor import PartCompositor
from mmexplorer.ui.terminal.stylesheet import ParsedOnce
from mmexplorer.ui.widgets.table.table import Table
from tests.support.pilots.app import WIDE
from tests.support.pilots.explore import explore


async def test_nothing_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[object] = []
    styled: list[DOMNode] = []
    held_up: list[int] = []
    update_nodes, paint = Stylesheet.update_nodes, PartCompositor.render_full_update

    def parse_one(scope: str, css: str, read_from: Any, **named: Any) -> object:
        parsed.append((read_from, scope, named["tie_breaker"]))
        return parse(scope, css, read_from, **named)

    def style(self: Stylesheet, nodes: Iterable[DOMNode], **named: Any) -> None:
        styled.extend(found := list(nodes))
        update_nodes(self, found, **named)

    def paint_all(self: PartCompositor, simplify: bool = False) -> object:  # noqa: FBT001, FBT002
        held_up.append(active_app.get()._batch_count)
        return paint(self, simplify)

    monkeypatch.setattr("textual.css.stylesheet.parse", parse_one)
    monkeypatch.setattr(Stylesheet, "update_nodes", style)
    monkeypatch.setattr(PartCompositor, "render_full_update", paint_all)
    async with explore(WIDE) as it:
        await it.settle()
        assert parsed
        assert len(parsed) == len(set(parsed))
        assert styled
        assert styled.count(it.screen) <= 1
        assert held_up
        assert not any(held_up)


async def test_a_table_is_mounted_when_first_shown() -> None:
    async with explore(WIDE) as it:
        await it.settle()
        first = {"process-table", "region-table", "loader", "segments"}
        assert {table.id for table in it.screen.query(Table)} == first
        for part in ("sections", "symbols", "dynamic", "segments"):
            await it.press("e")
            assert {table.id for table in it.screen.query("ElfPane LateTabs Table") if table.display} == {part}
        await it.press("a", "b")
        shown = {*first, "sections", "symbols", "dynamic", "difference-table"}
        assert {table.id for table in it.screen.query(Table)} == shown
        assert it.focused == "difference-table"
        await it.press("b", "b", "e")
        assert {table.id for table in it.screen.query(Table)} == shown


def test_other_colours_are_parsed_again_and_the_same_are_not() -> None:
    sheet = ParsedOnce(variables={"mine": "red"})
    sheet.add_source("Static { color: $mine; }", read_from=("here", ""))
    (rule,) = sheet.rules
    sheet.set_variables({"mine": "red"})
    sheet.reparse()
    assert sheet.rules[0] is rule
    sheet.set_variables({"mine": "blue"})
    sheet.reparse()
    assert sheet.rules[0].styles.color.rgb == (0, 0, 255)
