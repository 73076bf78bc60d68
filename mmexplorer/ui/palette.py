"""Textual's command palette, with keys that come before its list has a size, and closed while it still searches."""

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.events import Mount
from textual.worker import Worker


class Palette(CommandPalette):
    """Leaves its list alone as long as it has no lines, and once it is gone: a search says so when it ends."""

    @property
    def _has_list(self) -> bool:
        return bool(self.query(CommandList))

    def _on_mount(self, event: Mount) -> None:
        # Textual's own handler comes after this one, and looks for the screen below in whatever mode is shown by then.
        if self.app.screen is not self:
            event.prevent_default()

    async def _watch__show_busy(self) -> None:
        if self._has_list:
            await super()._watch__show_busy()

    def _watch__list_visible(self) -> None:
        if self._has_list:
            super()._watch__list_visible()

    def _action_command_list(self, action: str) -> None:
        # A page of a list that was never laid out has no end: Textual looks for it all the same.
        if any(found._lines for found in self.query(CommandList)):  # noqa: SLF001 - nothing else tells
            super()._action_command_list(action)

    def _action_cursor_down(self) -> None:
        if self._has_list:
            super()._action_cursor_down()

    def _gather_commands(self, search_value: str) -> Worker[None] | None:  # type: ignore[override] # Textual's has a decorator
        return super()._gather_commands(search_value) if self._has_list else None

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it once: an Enter typed ahead finds it gone, and would close what is below."""
        return super().dismiss(result) if self.is_current else AwaitComplete()
