"""Where toasts appear: never over the timeline, the header or the footer, at any size."""

import pytest
from textual.geometry import Region
from textual.widgets import Footer
from textual.widgets._toast import Toast, ToastHolder

from mmexplorer.ui.widgets.timeline_bar import TimelineBar
from tests.support.pilots.app import SMALL, WIDE, TerminalApp
from tests.support.pilots.explore import explore
from tests.support.pilots.system import watch

SIZES = (WIDE, (160, 30), (120, 40), (110, 24), (80, 48), SMALL)


async def _toast(it: TerminalApp) -> Region:
    """Return the place of a toast."""
    it.app.notify("something happened")
    await it.settle()
    return it.app.screen.query(Toast).last().region


async def _kept_free(it: TerminalApp) -> None:
    toast = await _toast(it)
    assert toast.height >= 3
    assert toast.y > 0, "the header"
    for kept in (TimelineBar, Footer):
        assert not toast.overlaps(it.app.screen.query_one(kept).region), (it.app.size, kept)
    it.app.clear_notifications()


@pytest.mark.slow
async def test_in_explore_no_toast_covers_the_timeline() -> None:
    async with explore() as it:
        for keys in ((), ("tab", "tab"), ("z",)):
            await it.press(*keys)
            for size in SIZES:
                await it.pilot.resize_terminal(*size)
                await it.settle()
                await _kept_free(it)
        assert it.screen.has_class("-zoomed", "-at-details")


async def test_in_system_no_toast_covers_the_timeline() -> None:
    async with watch() as it:
        for size in SIZES:
            await it.pilot.resize_terminal(*size)
            await it.settle()
            await _kept_free(it)


async def test_what_a_toast_says_is_not_shown_twice() -> None:
    async with explore() as it:
        await it.go_to("7f3a4bf00000")
        await it.type_ahead("eee")
        assert [toast.region.height for toast in it.app.screen.query(Toast)] == [3]
        assert it.toasts == ["There are no sections: no ELF file is shown."]
        await it.press("0", "e")
        assert it.toasts == ["Growth is measured from now on.", "There are no sections: no ELF file is shown."]
        assert len(it.app.screen.query(ToastHolder)) == 2
        await it.press("ctrl+c")
        assert it.toasts[-1] == "Press [b]q[/b] to quit."


async def test_a_toast_that_is_replaced_leaves_nothing_on_the_screen_below() -> None:
    async with explore() as it:
        for _ in range(3):
            it.app.notify("hello")
            await it.press("question_mark")
            it.app.notify("hello")
            await it.press("escape")
        assert it.toasts == ["hello"]
        assert len(it.screen.query(ToastHolder)) <= 1
