"""What a refresh costs when nothing changed."""

from collections import Counter
from collections.abc import Callable

import pytest
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from mmexplorer.ui.widgets.table.painted_rows import PaintedRows
from tests.support.pilots.app import WIDE
from tests.support.pilots.explore import explore


async def test_no_widget_is_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: Counter[object] = Counter()
    search = DOMNode.query_one

    def count(node: DOMNode, *selectors: object) -> object:
        searched[selectors] += 1
        return search(node, *selectors)  # type: ignore[call-overload]

    async with explore(WIDE) as it:
        await it.settle()
        monkeypatch.setattr(DOMNode, "query_one", count)
        it.screen._paint(it.screen.view)  # type: ignore[arg-type] # it was shown
    assert not searched


async def test_what_is_shown_already_is_neither_composed_nor_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[object, ...]] = []

    def record(name: str, method: Callable[..., object]) -> Callable[..., object]:
        def recorded(self: object, *arguments: object, **options: object) -> object:
            done.append((name, self, arguments, options))
            return method(self, *arguments, **options)

        return recorded

    async with explore(WIDE) as it:
        await it.settle()
        monkeypatch.setattr(Widget, "_set_dirty", record("painted", Widget._set_dirty))
        monkeypatch.setattr(PaintedRows, "_compose", record("composed", PaintedRows._compose))
        monkeypatch.setattr(Screen, "post_message", record("told", Screen.post_message))
        it.screen._paint(it.screen.view)  # type: ignore[arg-type] # it was shown
        assert not done
        it.screen._top_line.update(None, None)
        assert [name for name, *_ in done] == ["painted", "told"]
        monkeypatch.undo()
