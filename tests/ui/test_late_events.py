"""Events and answers that arrive when their subject is no longer shown, or not shown yet."""

import asyncio
import itertools

import pytest
from textual.css.query import NoMatches
from textual.events import MouseDown, Resize, Show
from textual.geometry import Size
from textual.worker import WorkerFailed

from mmexplorer.present.explore.lab_calls import CallRow
from mmexplorer.ui.explore.details import TABS, Details
from mmexplorer.ui.failures import Failures
from mmexplorer.ui.widgets.header import TopLine
from mmexplorer.ui.widgets.table.table import Table
from tests.support.fakes.stage import FakeStage
from tests.support.pilots.app import TerminalApp
from tests.support.pilots.explore import explore
from tests.support.pilots.labs import labs
from tests.support.pilots.system import watch


async def _tell_of_rows_that_are_gone(it: TerminalApp) -> None:
    tables = [(table, table.cursor_row) for table in it.screen.query(Table) if table.cursor_row is not None]
    assert tables
    for table, _ in tables:
        table.set_rows(())
    for table, row in tables:
        for by_user in (True, False):
            table.post_message(Table.Highlighted(table, row, by_user=by_user))
            table.post_message(Table.Highlighted(table, None, by_user=by_user))
        table.post_message(Table.Activated(table, row))
    await it.settle()


def _watched(it: TerminalApp) -> Failures:
    """Return the exceptions from now on; without this, the first one would end the test silently."""
    it.app.failures = Failures()
    return it.app.failures


async def test_system() -> None:
    async with watch() as it:
        failures, view = _watched(it), it.app.system_poller.view
        assert view is not None
        await _tell_of_rows_that_are_gone(it)
        await it.screen.remove_children()
        it.screen._see(view)
        await it.drain()
        assert failures.reports == []


async def test_explore() -> None:
    async with explore() as it:
        failures, view = _watched(it), it.screen.view
        assert view is not None
        await _tell_of_rows_that_are_gone(it)
        await it.screen.remove_children()
        it.screen._show(view)
        await it.drain()
        assert failures.reports == []


async def test_tabs_that_were_not_shown_yet() -> None:
    async with explore() as it:
        failures, details = _watched(it), it.screen.query_one(Details)
        hidden = [name for name, _ in TABS[1:]]
        assert not [name for name in hidden if it.screen.query(f"#{name}")]
        call = CallRow(1, 0.0, "munmap", ok=True, error="", start=0, vsz=None, rss=None)
        details.show_calls([])
        details.show_calls([call])
        await asyncio.gather(*(details.show_tab(name) for name in ("calls", "bytes", "bytes", "calls")))
        assert [name for name in hidden if it.screen.query(f"#{name}")] == ["bytes", "calls"]
        assert details.tab == "calls"
        assert ["munmap" in row for row in it.rows("calls")] == [True]
        for name in hidden:
            await details.show_tab(name)
            details.take_focus()
            await it.drain()
            assert details.front is not None
            assert it.screen.focused in (details.front, *details.front.walk_children())
        await details.remove()
        details.show_calls([call, call])
        details.show_region()
        await details.show_tab("changes")
        assert failures.reports == []


async def test_labs() -> None:
    async with labs(FakeStage()) as it:
        failures = _watched(it)
        await _tell_of_rows_that_are_gone(it)
        await it.idle()
        assert failures.reports == []


async def test_what_asks_for_a_widget_while_the_app_leaves_is_no_mistake() -> None:
    async with watch() as it:
        failures = _watched(it)
        it.app._handle_exception(WorkerFailed(NoMatches("late")))
        assert len(failures.reports) == 1
        it.app._exit = True
        it.app._handle_exception(NoMatches("late"))
        it.app._handle_exception(WorkerFailed(NoMatches("late")))
        assert len(failures.reports) == 1


@pytest.mark.parametrize("key", ["", "question_mark", "s", "ctrl+p"])
async def test_a_size_that_the_terminal_had_is_not_laid_out(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with explore() as it:
        await it.press(*filter(None, [key]))
        screen, laid_out = it.app.screen, []
        lay_out = screen._refresh_layout

        def counted(size: Size | None = None, *, scroll: bool = False) -> None:
            laid_out.append(size)
            lay_out(size, scroll)

        monkeypatch.setattr(screen, "_refresh_layout", counted)
        for size in (Size(30, 10), it.app.size):
            screen.post_message(Resize(size, size))
            screen.post_message(Show())  # of two sizes in a row only the last counts
        for _ in range(10):
            await it.drain()
        assert Size(30, 10) not in laid_out


async def test_a_click_on_what_is_being_taken_away() -> None:
    async with explore() as it:
        failures, line = _watched(it), it.screen.query_one(TopLine)
        x, y = line.region.x + 3, line.region.y
        line._detach()
        it.app.post_message(MouseDown(None, x, y, 0, 0, 1, False, False, False, x, y))
        await it.drain()
        line._attach(it.screen)
        assert failures.reports == []


async def test_what_is_being_taken_away_is_not_painted() -> None:
    async with explore() as it:
        failures, screen, tables = _watched(it), it.screen, list(it.screen.query(Table))
        parts = [table.region for table in tables if table.region]

        async def paint_all_the_time() -> None:
            for whole in itertools.cycle((True, False)):
                for table in tables:
                    table.notify_style_update()  # drop the cached strips
                    table._set_dirty()
                screen._compositor._dirty_regions.update([screen.region] if whole else parts)
                screen._compositor_refresh()
                await asyncio.sleep(0)

        painter = asyncio.create_task(paint_all_the_time())
        try:
            await asyncio.sleep(0)
            await screen.remove_children()
        finally:
            stopped_itself = not painter.cancel()
        assert not stopped_itself, painter.exception()
        assert failures.reports == []
