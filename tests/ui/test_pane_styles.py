"""Which widgets Tab styles again: the panes, and not everything inside them."""

import pytest
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.widget import Widget

from mmexplorer.ui.paned_screen import PanedScreen
from tests.support.fakes.stage import FakeStage
from tests.support.pilots.app import MEDIUM, SMALL, WIDE, TerminalApp
from tests.support.pilots.explore import explore
from tests.support.pilots.labs import labs
from tests.support.pilots.system import watch


def _looks(it: TerminalApp) -> list[tuple[object, ...]]:
    return [(widget, widget.display, *sorted(widget.styles.get_rules().items())) for widget in it.screen.query(Widget)]


async def _tab_is_enough(it: TerminalApp) -> None:
    """Check that at each stop of Tab no widget looks different once every one is styled again."""
    screen = it.screen
    assert isinstance(screen, PanedScreen)
    stops = len(screen._stops)
    for size in (WIDE, MEDIUM, SMALL):
        await it.pilot.resize_terminal(*size)
        for key in (*("tab",) * stops, "z", "tab", "z"):
            await it.press(key)
            looks = _looks(it)
            it.screen.update_node_styles()
            assert _looks(it) == looks, (size, it.focused)


@pytest.mark.slow
async def test_a_tab_styles_all_that_it_changes() -> None:
    async with explore() as it:
        await _tab_is_enough(it)
        await it.press("a", "b")
        await _tab_is_enough(it)
    async with watch() as it:
        await _tab_is_enough(it)
    async with labs(FakeStage()) as it:
        await _tab_is_enough(it)


async def test_a_tab_styles_no_more_than_the_panes(monkeypatch: pytest.MonkeyPatch) -> None:
    styled: list[DOMNode] = []
    apply = Stylesheet.apply

    def noted(sheet: Stylesheet, node: DOMNode, **options: object) -> None:
        styled.append(node)
        apply(sheet, node, **options)  # type: ignore[arg-type] # as it came

    async with explore() as it:
        await it.press("tab")
        monkeypatch.setattr(Stylesheet, "apply", noted)
        await it.press("tab")
        assert it.focused == "region"
        widgets = [node for node in styled if isinstance(node, Widget) and node.id is not None]
        within = {"regions", "elf", "segments", "details", "region", "panes", "processes", "difference"}
        assert {node.id for node in widgets} <= within | {"textual-toastrack"}
        assert {"elf", "details", "processes"} <= {node.id for node in widgets}
