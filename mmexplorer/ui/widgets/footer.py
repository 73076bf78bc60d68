"""The footer: the keys that work now, in one line.

Textual's own has a widget per key, and rebuilds all of them whenever the bindings change.
"""

from collections.abc import Callable

from textual import events
from textual.binding import Binding
from textual.screen import Screen

from mmexplorer.present.text.border import FooterKey, footer_line, keys_that_fit
from mmexplorer.present.text.line import Line
from mmexplorer.ui.widgets.lines import Lines


class Footer(Lines):
    """Follows the screen's bindings; a click on a key presses it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Footer { dock: bottom; height: 1; background: $footer-background; }"

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[FooterKey, Binding] = {}
        self._instead: Callable[[int], Line] | None = None

    def on_mount(self) -> None:
        """Subscribe to changes of the bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._hear)

    def replace_keys(self, text: Callable[[int], Line] | None) -> None:
        """Show a text, made for the width, in place of the keys; None restores the keys."""
        self._instead = text
        self._write()

    def _hear(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.call_after_refresh(self._collect)

    def _collect(self) -> None:
        if not self.screen.is_current:
            return  # the screen above has its own keys
        shown: dict[FooterKey, Binding] = {}
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.show and enabled:
                key = FooterKey(self.app.get_key_display(binding), binding.description, everywhere=node is self.app)
                shown.setdefault(key, binding)
        self._keys = shown
        self._write()

    def _write(self) -> None:
        told, keys = self._instead, tuple(self._keys)
        self.show(lambda width: (told(width) if told is not None else footer_line(keys_that_fit(keys, width)),))

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        offset = event.get_content_offset(self)
        x = offset.x if offset is not None else -1
        for key in keys_that_fit(tuple(self._keys), self.size.width):
            if 0 <= x < key.width:
                self.app.simulate_key(self._keys[key].key)
                return
            x -= key.width
