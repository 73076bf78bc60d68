"""Tabs created when first shown: most never are, and the first frame waits for none."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from textual.widget import Widget
from textual.widgets import ContentSwitcher


class LateTabs(ContentSwitcher):
    """Keeps the latest contents of each tab until the tab is created."""

    def __init__(self, makers: Mapping[str, Callable[[], Widget]]) -> None:
        """Keep `makers`, which create the tab of each id; the first one is created and shown at once."""
        first = next(iter(makers))
        super().__init__(makers[first](), initial=first)
        self._makers = makers
        self._made = {first}
        self._waiting: dict[str, Callable[[Any], None]] = {}
        """The last call for each tab that isn't created yet."""
        self._making = asyncio.Lock()

    def tab(self, name: str) -> Widget | None:
        """Return a tab with all its contents; None if it hasn't been shown yet, or is gone."""
        return next((each for each in self.children if each.id == name), None) if name in self._made else None

    def when_made(self, name: str, show: Callable[[Any], None]) -> None:
        """Call `show` with a tab, at once or when the tab is created."""
        tab = self.tab(name)
        if tab is not None:
            show(tab)
        elif name not in self._made:
            self._waiting[name] = show

    async def make(self, name: str) -> None:
        """Create a tab, hidden, unless it exists; also if whoever asks is cancelled, so that no half of it is left."""
        await asyncio.shield(self._make(name))

    async def _make(self, name: str) -> None:
        async with self._making:
            if name in self._made or not self.is_attached:
                return
            tab = self._makers[name]()
            tab.display = False
            await self.mount(tab)
            self._made.add(name)
        if name in self._waiting:
            self.when_made(name, self._waiting.pop(name))
