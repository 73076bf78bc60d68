"""A bordered part of a screen with title and summary at the top and hints at the bottom."""

from textual import events
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region

from mmexplorer.present.text.border import key_at
from mmexplorer.present.text.line import EMPTY, Line, span
from mmexplorer.ui.keys import key_name
from mmexplorer.ui.paint import content
from mmexplorer.ui.widgets.table.layout import Needs

_TO_BORDER_TEXT = 3
"""Cells before a title or a hint: corner, line and blank."""
_BORDER = 2
"""Cells of the border on both sides."""


def framed(*tables: Needs) -> Needs:
    """Return the width a pane needs around tables that are stacked."""
    return Needs(*(max(cells) + _BORDER for cells in zip(*tables, strict=True)))


class Pane(Vertical):
    """Holds the widgets of one subject; the border is highlighted while one of them has the focus."""

    DEFAULT_CSS = """
    Pane {
        border: round $border-blurred;
        border-title-color: $text;
        border-subtitle-color: $text-muted;
        border-title-align: left;
        border-subtitle-align: left;
        &:focus-within { border: round $border; }
    }
    """

    _title_line: Line = EMPTY
    _hint_line: Line = EMPTY
    _upper = _lower = Content()
    """The current text of the borders."""

    def set_title(self, title: Line, summary: Line = EMPTY) -> None:
        """Set the title in the top border, followed by a line and the summary."""
        line = (*title, span(" ─ "), *summary) if summary else title
        if line != self._title_line:
            self._title_line = line
            self._write()

    def hint(self, hint: Line) -> None:
        """Set the hint in the bottom border."""
        if hint != self._hint_line:
            self._hint_line = hint
            self._write()

    def take_focus(self) -> None:
        """Focus the first focusable widget at once, through `set_focus`; `Widget.focus` would do it later."""
        able = (widget for widget in self.query("*") if widget.can_focus)
        self.screen.set_focus(min(able, key=lambda widget: not widget.display))

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked in the bottom border; a subclass may handle clicks on the title."""
        if event.widget is not self:
            return
        x = event.x - _TO_BORDER_TEXT
        if event.y == 0:
            self.click_title(x)
        elif event.y == self.outer_size.height - 1 and (shown := key_at(self._hint_line, x)):
            self.take_focus()
            self.app.simulate_key(key_name(shown))

    def click_title(self, x: int) -> None:
        """Handle a click on cell `x` of the title."""

    def notify_style_update(self) -> None:
        """Reload the colours after a theme change."""
        super().notify_style_update()
        self._write()

    def _write(self) -> None:
        upper, lower = content(self, self._title_line), content(self, self._hint_line)
        # Bypasses Textual's descriptors, which would repaint the whole pane with all its contents.
        if not upper.is_same(self._upper):
            self._upper = self._border_title = upper
            self._refresh_line(0)
        if not lower.is_same(self._lower):
            self._lower = self._border_subtitle = lower
            self._refresh_line(self.outer_size.height - 1)

    def _refresh_line(self, y: int) -> None:
        self.refresh(Region(0, y, self.outer_size.width, 1).translate(-self.content_offset))
