"""Textual's command palette, closed while it still searches: what it finds then is for nobody."""

from textual.command import CommandList, CommandPalette


class Palette(CommandPalette):
    """Leaves its list alone once that is gone: the search that is cancelled says so when it comes to its end."""

    @property
    def _has_list(self) -> bool:
        return bool(self.query(CommandList))

    async def _watch__show_busy(self) -> None:
        if self._has_list:
            await super()._watch__show_busy()

    def _watch__list_visible(self) -> None:
        if self._has_list:
            super()._watch__list_visible()
