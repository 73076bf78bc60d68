import pytest
from rich.style import Style
from textual.app import App
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.events import Click
from textual.widgets import Input

from mmexplorer.ui.palette import Palette
from mmexplorer.ui.themes import theme_name
from tests.support.pilots.explore import explore


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


async def test_a_palette_that_is_closed_twice_leaves_what_is_below() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        palette = Palette()
        await app.push_screen(palette)
        palette.dismiss()
        palette.dismiss()
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_a_page_of_a_list_that_has_no_lines_yet() -> None:
    app: App[None] = App()
    async with app.run_test():
        palette = Palette()
        await app.push_screen(palette)
        palette.query_one(CommandList).add_option("one").highlighted = 0
        palette.query_one(CommandList).styles.display = "none"
        palette._action_command_list("page_up")
        await palette.query(CommandList).remove()
        palette._action_command_list("page_up")
        palette._action_cursor_down()


async def test_a_click_on_an_entry_that_a_search_has_removed() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        palette = Palette()
        await app.push_screen(palette)
        commands = palette.query_one(CommandList)
        x = y = delta = button = 0
        entry = Style(meta={"option": commands.option_count + 100})
        commands.post_message(Click(commands, x, y, delta, delta, button, False, False, False, style=entry))
        await pilot.pause()
        assert app.return_code is None  # an exception would have ended it


async def test_what_follows_a_deletion_is_not_deleted() -> None:
    async with explore() as it:
        await it.press("ctrl+p")
        for key in "abcd\x7f\x7f\x7fxy":
            it._type(key)
        await it.drain()
        assert it.app.screen.query_one(Input).value == "axy"


async def test_enter_typed_ahead_chooses_of_what_the_text_before_it_lists() -> None:
    async with explore() as it:
        for keys in ("Theme light\r", "Theme dark\x7f\x7f\x7f\x7flight\r", "Theme lightt\x7f\r", "Theme light\r\rx"):
            await it.press("ctrl+p")
            await it.type_ahead(keys)
            await it.until(lambda: it.app.screen is it.screen)
            assert it.app.theme == theme_name("light"), keys
            assert not it.toasts
            it.app.theme = theme_name("dark")


async def test_a_command_can_be_typed_right_after_the_key_that_opens_the_palette() -> None:
    async with explore() as it:
        for key in ("ctrl+p", *"Theme light", "enter"):
            it._type(key)
        await it.until(lambda: it.app.theme == theme_name("light"))
        await it.until(lambda: it.app.screen is it.screen)


async def test_a_key_that_moves_in_the_list_waits_for_the_list() -> None:
    async with explore() as it:
        it.app.theme = theme_name("light")
        await it.press("ctrl+p")
        for key in (*"Theme", "down", "enter"):
            it._type(key)
        await it.until(lambda: it.app.screen is it.screen)
        assert it.app.theme == theme_name("dark")


async def test_enter_does_nothing_if_the_text_lists_nothing() -> None:
    async with explore() as it:
        await it.press("ctrl+p")
        await it.type_ahead("zzzqqq\r")
        assert isinstance(it.app.screen, Palette)
        assert not it.toasts
