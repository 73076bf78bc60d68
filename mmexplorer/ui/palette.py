"""Textual's command palette, fixed for keys and clicks its list isn't ready for, and for closing during a search."""

from contextlib import suppress

from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import CommandInput, CommandList, CommandPalette
from textual.events import Click, Key, Mount
from textual.widgets import Input
from textual.worker import Worker, WorkerCancelled

from mmexplorer.ui.terminal.current_size import CurrentSize
from mmexplorer.ui.widgets.editing import runs


class _Commands(CommandList):
    """Ignores a click on an entry that a search has removed since."""

    async def _on_click(self, event: Click) -> None:
        # Textual's own handler runs after this one.
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()


class _Search(CommandInput):
    """Obeys in the order of the keys: one that is about the list only once the list is that of the text before it."""

    def __init__(self, palette: "Palette", placeholder: str) -> None:
        super().__init__(placeholder=placeholder, select_on_focus=False)
        self._palette = palette

    async def on_key(self, event: Key) -> None:
        """Run a binding before the next key is processed."""
        if await self._palette.takes(event) or await runs(self, event) or await self._palette.moves(event):
            event.stop()
            event.prevent_default()


class Palette(CurrentSize, CommandPalette):
    """Leaves its list alone until it has lines, and after it is gone: a search reports its end even then."""

    def __init__(self) -> None:
        super().__init__()
        self._sought: str | None = None
        """The text of the last search."""
        self._search: Worker[None] | None = None
        self._has_chosen = False
        """Whether Enter has chosen an entry, which closes the palette."""

    def compose(self) -> ComposeResult:
        """Yield Textual's widgets, with our list and our input."""
        for widget in super().compose():
            if isinstance(widget, CommandList):
                yield _Commands()
            elif isinstance(widget, CommandInput):
                yield _Search(self, widget.placeholder)
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
        self._sought = search_value
        search: Worker[None] | None = super()._gather_commands(search_value) if self._has_list else None
        self._search = search
        return search

    @on(Input.Changed)
    def _seek(self, event: Input.Changed) -> None:
        # Of many letters at once only the last text is sought, and not again if a key has begun that already.
        event.stop()
        event.prevent_default()
        self._seek_typed()

    def _seek_typed(self) -> None:
        typed = self.query_one(CommandInput).value.strip() if self.is_current else self._sought
        if typed is not None and typed != self._sought:
            self._stop_no_matches_countdown()
            self._gather_commands(typed)

    async def _listed(self) -> bool:
        """Wait for the entries of what is typed; the input's message about it may still be far behind."""
        self._seek_typed()
        with suppress(WorkerCancelled):
            if self._search is not None:
                await self._search.wait()
                return self.is_current
        return False

    async def takes(self, event: Key) -> bool:
        """Choose at Enter, and ignore the keys after it; return False for any other key."""
        if event.key == "enter" and not self._has_chosen and await self._listed():
            self._choose()
        return event.key == "enter" or self._has_chosen

    async def moves(self, event: Key) -> bool:
        """Run a binding of the palette that is about its list; return False if the key has none."""
        if event.key == "escape" or event.key not in self._bindings.key_to_bindings:
            return False
        return await self._listed() and await runs(self, event)

    def _choose(self) -> None:
        """Choose the entry under the cursor, if there is one."""
        commands = self.query_one(CommandList)
        if commands.highlighted is not None:
            self._has_chosen = True
            commands.action_select()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close the palette once: a second Enter typed ahead would close the screen below."""
        return super().dismiss(result) if self.is_current else AwaitComplete()
