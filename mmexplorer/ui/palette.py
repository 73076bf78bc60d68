"""Textual's command palette, fixed for keys and clicks its list isn't ready for, and for closing during a search."""

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import CommandInput, CommandList, CommandPalette
from textual.events import Click, Key, Mount
from textual.worker import Worker

from mmexplorer.ui.terminal.current_size import CurrentSize
from mmexplorer.ui.widgets.editing import edits


class _Commands(CommandList):
    """Ignores a click on an entry that a search has removed since."""

    async def _on_click(self, event: Click) -> None:
        # Textual's own handler runs after this one.
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()


class _Search(CommandInput):
    """Edits in the order of the keys."""

    async def on_key(self, event: Key) -> None:
        """Run a binding before the next key is processed."""
        if await edits(self, event):
            event.stop()
            event.prevent_default()


class Palette(CurrentSize, CommandPalette):
    """Leaves its list alone until it has lines, and after it is gone: a search reports its end even then."""

    def compose(self) -> ComposeResult:
        """Yield Textual's widgets, with our list and our input."""
        for widget in super().compose():
            if isinstance(widget, CommandList):
                yield _Commands()
            elif isinstance(widget, CommandInput):
                yield _Search(placeholder=widget.placeholder, select_on_focus=False)
            else:
                yield widget

    @property
    def _has_list(self) -> bool:
        return bool(self.query(CommandList))

    def _on_mount(self, event: Mount) -> None:
        # Textual's own handler runs after this one and would query the screen below, in whatever mode is current by
        # then.
        if self.app.screen is not self:
            event.prevent_default()

    async def _watch__show_busy(self) -> None:
        if self._has_list:
            await super()._watch__show_busy()

    def _watch__list_visible(self) -> None:
        if self._has_list:
            super()._watch__list_visible()

    def _action_command_list(self, action: str) -> None:
        # Textual fails on a page key in a list that was never laid out.
        if any(found._lines for found in self.query(CommandList)):  # noqa: SLF001 - nothing public says so
            super()._action_command_list(action)

    def _action_cursor_down(self) -> None:
        if self._has_list:
            super()._action_cursor_down()

    def _gather_commands(self, search_value: str) -> Worker[None] | None:  # type: ignore[override] # Textual's has a decorator
        return super()._gather_commands(search_value) if self._has_list else None

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close the palette once: a second Enter typed ahead would close the screen below."""
        return super().dismiss(result) if self.is_current else AwaitComplete()
