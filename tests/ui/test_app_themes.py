"""Every theme draws the same text; a terminal without colours loses only the colours."""

import pytest
from rich.segment import Segment

from mmexplorer.ui.themes import THEMES
from tests.support.fakes.machine import cat, with_region
from tests.support.pilots.app import WIDE
from tests.support.pilots.explore import Explorer, explore

NAMES = [theme.name for theme in THEMES]


def segments(it: Explorer) -> list[Segment]:
    """Return everything on the terminal, with its styles."""
    return [segment for strip in it.app.screen._compositor.render_strips() for segment in strip]


def colours(it: Explorer) -> set[str]:
    """Return the colours of the text."""
    styles = [segment.style for segment in segments(it) if segment.style is not None and segment.text.strip()]
    return {style.color.name for style in styles if style.color is not None}


async def test_the_themes_show_the_same_text_in_their_own_colours() -> None:
    async with explore(WIDE) as it:
        looks = {}
        text = it.lines[1:]
        for name in (*NAMES, "textual-dark", "textual-light"):
            it.app.theme = name
            await it.pilot.pause()
            await it.settle()
            assert it.lines[1:] == text, name
            looks[name] = colours(it)
            assert len(looks[name]) > 3, name
        assert len({frozenset(look) for look in looks.values()}) == len(looks)


async def test_the_ansi_theme_has_only_the_sixteen_colours_of_the_terminal() -> None:
    async with explore(WIDE) as it:
        it.app.theme = "mmexplorer-ansi"
        await it.pilot.pause()
        await it.settle()
        assert not any(name.startswith("#") for name in colours(it))


async def test_without_colours_the_cursor_and_what_changed_are_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with explore(WIDE) as it:
        assert it.app.no_color
        before = it.source.scene.spaces[cat.key]
        for number, theme in enumerate(NAMES, 1):
            start = 0x7F3A45800000 - number * 0x10000000
            it.app.theme = theme
            it.source.show(with_region(before, f"{start:x}-{start + 0x400000:x} rw-p 00000000 00:00 0 "))
            await it.pilot.pause()
            await it.settle()
            assert await it.sees("▌  559499a7d000", f"+ {start:x}"), theme
            reversed_text = "".join(each.text for each in segments(it) if each.style is not None and each.style.reverse)
            assert "559499a7d000" in reversed_text, theme
