"""What is generated from the registry of actions: footer, help, palette."""

import pytest
from textual.command import CommandList, CommandPalette

from mmexplorer.ui.help import HelpScreen
from mmexplorer.ui.keys import ACTIONS, PLACES
from mmexplorer.ui.themes import theme_name
from mmexplorer.ui.widgets.footer import Footer
from mmexplorer.ui.widgets.lines import ScrolledLines
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.explore import Explorer, explore

HERE = [action for action in ACTIONS if action.where in {"everywhere", "explore", "lab", "tables"}]
"""The actions of Explore."""


async def test_the_footer_shows_only_keys_that_work_now() -> None:
    async with explore(WIDE) as it:
        labels = [action.label for action in HERE if action.footer]
        assert {"Touch", "Unmap", "mmap", "Quit"} <= set(labels)
        shown = [label for label in labels if f" {label}" in it.footer]
        assert set(labels) - set(shown) == {"Touch", "Unmap", "Earlier"}
        await it.press("slash")
        # While typing, a letter is only a letter.
        assert not any(f" {label}" in it.footer for label in ("mmap", "Pause", "Filter"))
        await it.press("escape")
        assert await it.sees("Space Pause")
        at = it.footer.index("mmap")
        await it.pilot.click(Footer, offset=(at, 0))
        assert await it.sees("t Touch")


def is_helping(it: Explorer) -> bool:
    """Return whether the help is open."""
    return isinstance(it.app.screen, HelpScreen)


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_help_lists_every_action_of_the_registry(size: tuple[int, int]) -> None:
    async with explore(size) as it:
        await it.pilot.press("question_mark")
        assert is_helping(it)
        written = " ".join(it.app.screen.query_one(ScrolledLines).text.split())
        for action in ACTIONS:
            assert action.shown in written
            assert action.help in written
        assert all(heading in written for heading in PLACES.values())
        for key in ("escape", "question_mark", "q", "enter"):
            await it.pilot.press(key)
            assert not is_helping(it), key
            await it.pilot.press("question_mark")
            assert is_helping(it)


async def found(it: Explorer, words: str) -> CommandList:
    """Type into the palette, and wait for its results."""
    await it.pilot.press("ctrl+p")
    assert isinstance(it.app.screen, CommandPalette)
    await it.pilot.press(*words)
    listed = it.app.screen.query_one(CommandList)
    assert await it.comes(lambda: listed.option_count > 0 and listed.highlighted is not None)
    return listed


@pytest.mark.smoke
async def test_the_palette_offers_each_action_that_works_now() -> None:
    async with explore(WIDE) as it:
        offered = {command.title for command in it.app.get_system_commands(it.app.screen)}
        idle = {"lab_touch", "lab_unmap", "back", "columns", "clear", "moment", "first_moment", "now", "compare_with"}
        idle |= {"record", "write_recent"}
        assert {action.label for action in HERE if action.method not in idle} <= offered
        assert not {"Touch", "Unmap", "Back", "Screenshot"} & offered
        await it.press("m")
        assert {"Touch", "Unmap", "Back"} <= {command.title for command in it.app.get_system_commands(it.app.screen)}


@pytest.mark.parametrize(("words", "seen"), [("holes", "is a hole of"), ("sections", ".rodata")])
async def test_the_palette_runs_an_action_of_the_screen(words: str, seen: str) -> None:
    async with explore(WIDE) as it:
        await found(it, words)
        await it.pilot.press("enter")
        await it.settle()
        if words == "holes":
            await it.press(*"jjjjj")
        assert await it.sees(seen)


async def test_the_palette_runs_an_action_of_the_app_and_of_a_table() -> None:
    async with explore(WIDE) as it:
        commands = {command.title: command for command in it.app.get_system_commands(it.app.screen)}
        commands["Theme light"].callback()
        assert it.app.theme == theme_name("light")
        for title in ("Last row", "Help"):
            await commands[title].callback()
        await it.pilot.pause()
        assert isinstance(it.app.screen, HelpScreen)
        assert it.cursor("region-table") == 0xFFFFFFFFFF600000


@pytest.mark.smoke
@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_q_quits_with_status_0_and_ends_the_lab(key: str) -> None:
    async with explore(SMALL) as it:
        await it.press("m")
        await it.pilot.press(key)
        await it.pilot.pause()
    assert it.app.return_code == 0
    assert it.lab.closed


async def test_a_mode_chosen_right_after_the_palette_is_shown() -> None:
    async with explore(WIDE) as it:
        it.app.action_command_palette()
        it.app.action_mode("system")
        for _ in range(4):
            await it.pilot.pause()  # an exception would be raised here
        assert it.app.current_mode == "system"
