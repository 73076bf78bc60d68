import pytest
from textual.app import App
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches

from mmexplorer.ui.palette import Palette


async def test_a_palette_that_is_closed_while_it_searches_is_left_alone() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        palette, textuals = Palette(), CommandPalette()
        for each in (textuals, palette):
            await app.push_screen(each)
            await pilot.pause()
            await each.query(CommandList).remove()
        with pytest.raises(NoMatches):
            await textuals._watch__show_busy()
        await palette._watch__show_busy()
        palette._watch__list_visible()
