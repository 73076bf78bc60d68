"""Tabs that are made when they are first shown: most of them never are, and the first picture waits for none."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from textual.widget import Widget
from textual.widgets import ContentSwitcher


class LateTabs(ContentSwitcher):
    """Keeps what a tab is to show until there is one."""

    def __init__(self, makers: Mapping[str, Callable[[], Widget]]) -> None:
        """`makers`: what makes the tab of each id. The first is there, and seen, from the beginning."""
        first = next(iter(makers))
        super().__init__(makers[first](), initial=first)
        self._makers = makers
        self._made = {first}
        self._waiting: dict[str, Callable[[Any], None]] = {}
        """What is to be done with a tab as soon as it is made: the last of it."""
        self._making = asyncio.Lock()

    def tab(self, name: str) -> Widget | None:
        """Give a tab with all that is in it; None if it wasn't shown yet, or is gone."""
        return next((each for each in self.children if each.id == name), None) if name in self._made else None

    def give(self, name: str, show: Callable[[Any], None]) -> None:
        """Have `show` called with a tab: at once, or when it is made."""
        tab = self.tab(name)
        if tab is not None:
            show(tab)
        elif name not in self._made:
            self._waiting[name] = show

    async def make(self, name: str) -> None:
        """Make a tab if it wasn't yet; it isn't seen."""
        async with self._making:
            if name in self._made or not self.is_attached:
                return
            tab = self._makers[name]()
            tab.display = False
            await self.mount(tab)
            self._made.add(name)
        if name in self._waiting:
            self.give(name, self._waiting.pop(name))
