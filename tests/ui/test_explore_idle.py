"""What a refresh costs when nothing changed."""

from collections import Counter

import pytest
from textual.dom import DOMNode

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
